import ClientProtocol
import Wire

/// Plain keys and values: bytes under bytes.
public struct KeyValueStore: Sendable {
  let client: Client
  let place: Place

  init(_ client: Client, _ place: Place) {
    self.client = client
    self.place = place
  }

  /// The value of a key; nil if there is none.
  ///
  /// - Throws: `LockstepError`, as every read does.
  public func get(
    _ key: Key,
    consistency: Consistency? = nil,
    timeout: Duration? = nil
  ) async throws(LockstepError) -> KeyValue? {
    let question = Query.Question.kvGet(place, key: key.bytes)
    let (reply, servedBy) = try await client.ask(question, consistency, timeout)
    guard case .item(let item) = reply else { throw .unexpectedAnswer }
    return item.map {
      KeyValue(key: key, value: $0.bytes.array, revision: $0.revision, servedBy: servedBy)
    }
  }

  /// Sets the value of a key; the answer says whether the key existed before.
  ///
  /// - Throws: `LockstepError`, as every write does.
  @discardableResult
  public func put(
    _ key: Key,
    _ value: [UInt8],
    timeout: Duration? = nil
  ) async throws(LockstepError) -> Stamped<Bool> {
    try await write(.kvPut(key: key.bytes, value: value), timeout)
  }

  /// Sets the value of a key if it is at this revision, 0 meaning that it does not exist; the
  /// answer says whether it existed before.
  ///
  /// - Throws: `revision_conflict` with the current revision, or as every write does.
  @discardableResult
  public func put(
    _ key: Key,
    _ value: [UInt8],
    ifRevision revision: UInt64,
    timeout: Duration? = nil
  ) async throws(LockstepError) -> Stamped<Bool> {
    let operation = Command.Operation.kvPutIf(
      key: key.bytes,
      value: value,
      expectedRevision: revision
    )
    return try await write(operation, timeout)
  }

  /// Removes a key, if it is at this revision where one is given; returns whether it was there.
  ///
  /// - Throws: `revision_conflict` with the current revision, `invalid_argument` for revision 0, at
  ///   which nothing ever is, or as every write does.
  @discardableResult
  public func delete(
    _ key: Key,
    ifRevision revision: UInt64? = nil,
    timeout: Duration? = nil
  ) async throws(LockstepError) -> Stamped<Bool> {
    let revision = try Self.wire(revision)
    let operation = Command.Operation.kvDelete(key: key.bytes, ifRevision: revision)
    let (reply, answer) = try await client.change(place, operation, timeout)
    guard case .deleted(let revision, let existed) = reply else { throw .unexpectedAnswer }
    return Stamped(
      value: existed,
      revision: revision,
      servedBy: answer.head.node,
      write: answer.write
    )
  }

  /// Adds to the decimal number under a key, an absent one counting as 0; returns the sum.
  ///
  /// - Throws: `type_mismatch` if the value is no whole number, `integer_overflow`, or as every
  ///   write does.
  @discardableResult
  public func increment(
    _ key: Key,
    by amount: Int64 = 1,
    timeout: Duration? = nil
  ) async throws(LockstepError) -> Stamped<Int64> {
    let operation = Command.Operation.kvIncrement(key: key.bytes, by: amount)
    let (reply, answer) = try await client.change(place, operation, timeout)
    guard case .incremented(let revision, let sum) = reply else { throw .unexpectedAnswer }
    return Stamped(
      value: sum,
      revision: revision,
      servedBy: answer.head.node,
      write: answer.write
    )
  }

  /// Keys and their values in order of the keys' bytes, all as they were at one revision.
  ///
  /// Pages come as the reader needs them, as those of `Collection.scan` do; the timeout holds for
  /// each page.
  public func range(
    _ selection: KeySelection = .all,
    reversed: Bool = false,
    limit: Int? = nil,
    consistency: Consistency? = nil,
    timeout: Duration? = nil
  ) -> Scan<KeyValue> {
    let window = client.window(isReversed: reversed, limit: limit)
    let question = window.map { Query.Question.kvRange(place, selection.wire, $0) }
    return Scan(client, question, consistency, timeout) {
      (entry, servedBy) throws(LockstepError) in
      KeyValue(
        key: Key(entry.key),
        value: entry.item.bytes.array,
        revision: entry.item.revision,
        servedBy: servedBy
      )
    }
  }

  private func write(
    _ operation: Command.Operation,
    _ timeout: Duration?
  ) async throws(LockstepError) -> Stamped<Bool> {
    let (reply, answer) = try await client.change(place, operation, timeout)
    guard case .written(let revision, let existed, _) = reply else { throw .unexpectedAnswer }
    return Stamped(
      value: existed,
      revision: revision,
      servedBy: answer.head.node,
      write: answer.write
    )
  }
}

extension KeyValueStore {
  /// A revision that something has to be at, as the wire has it: there 0 asks for none.
  static func wire(_ revision: UInt64?) throws(LockstepError) -> UInt64 {
    guard revision != 0 else {
      let message = "nothing is ever at revision 0; leave the revision out to ask for none"
      throw LockstepError(.invalidArgument, message)
    }
    return revision ?? 0
  }
}
