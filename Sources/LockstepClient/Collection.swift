import BSON
import ClientProtocol

/// Documents of one kind, each under an id.
///
/// Documents travel and are stored as BSON. A field `_id` of a document is its id: it may be left
/// out where the id is given, and is there again when the document is read, but for dictionaries,
/// which come back without it.
public struct Collection<Document: Codable & Sendable>: Sendable {
  let client: Client
  let place: Place

  init(_ client: Client, _ place: Place) {
    self.client = client
    self.place = place
  }

  /// The collection's name.
  public var name: String { place.collection }

  /// Makes the collection.
  ///
  /// - Throws: `collection_exists`, `invalid_name`, or as every write does.
  public func create(timeout: Duration? = nil) async throws(LockstepError) {
    _ = try await client.change(place, .createCollection, timeout)
  }

  /// Removes the collection and all its documents.
  ///
  /// - Throws: `unknown_collection`, or as every write does.
  public func drop(timeout: Duration? = nil) async throws(LockstepError) {
    _ = try await client.change(place, .dropCollection, timeout)
  }

  /// Adds a document under a new id; without one, and without `_id`, the cluster makes an
  /// ObjectId.
  ///
  /// - Throws: `already_exists` if the id is taken, or as every write does.
  @discardableResult
  public func insert(
    _ document: Document,
    id: DocumentID? = nil,
    timeout: Duration? = nil
  ) async throws(LockstepError) -> Written {
    let (id, bytes) = try encode(document, id: id)
    return try await write(.insert(id: id?.bytes, document: bytes), timeout)
  }

  /// Adds a document or replaces the one of this id.
  ///
  /// - Throws: `invalid_id` without an id or `_id`, or as every write does.
  @discardableResult
  public func put(
    _ document: Document,
    id: DocumentID? = nil,
    timeout: Duration? = nil
  ) async throws(LockstepError) -> Written {
    let (id, bytes) = try encodeWithID(document, id: id)
    return try await write(.put(id: id.bytes, document: bytes), timeout)
  }

  /// Replaces a document that exists, and is at this revision if one is given.
  ///
  /// - Throws: `revision_conflict` with the current revision, `not_found`, or as every write does.
  @discardableResult
  public func replace(
    _ document: Document,
    id: DocumentID? = nil,
    ifRevision revision: UInt64? = nil,
    timeout: Duration? = nil
  ) async throws(LockstepError) -> Written {
    let (id, bytes) = try encodeWithID(document, id: id)
    let operation = Command.Operation.replace(
      id: id.bytes,
      document: bytes,
      ifRevision: try KeyValueStore.wire(revision)
    )
    return try await write(operation, timeout)
  }

  /// Removes a document, if it is at this revision where one is given; returns whether it was
  /// there.
  ///
  /// - Throws: `revision_conflict` with the current revision, or as every write does.
  @discardableResult
  public func delete(
    _ id: DocumentID,
    ifRevision revision: UInt64? = nil,
    timeout: Duration? = nil
  ) async throws(LockstepError) -> Stamped<Bool> {
    let revision = try KeyValueStore.wire(revision)
    let operation = Command.Operation.delete(id: id.bytes, ifRevision: revision)
    let (reply, answer) = try await client.change(place, operation, timeout)
    guard case .deleted(let revision, let existed) = reply else { throw .unexpectedAnswer }
    return Stamped(
      value: existed,
      revision: revision,
      servedBy: answer.head.node,
      write: answer.write
    )
  }

  /// Reads a document, lets `change` alter it and replaces it, again and again until nobody else
  /// came in between; returns nil if there is no such document.
  ///
  /// `change` may run several times and must have no other effects; the timeout is that of all
  /// tries together.
  ///
  /// - Throws: What `change` throws, and `LockstepError` as reads and writes do;
  ///   `deadline_exceeded` if somebody else came in between all the time.
  @discardableResult
  public func modify(
    _ id: DocumentID,
    timeout: Duration? = nil,
    _ change: (inout Document) throws -> Void
  ) async throws -> Written? {
    let deadline = ContinuousClock.now + (timeout ?? client.core.timeout)
    while ContinuousClock.now < deadline {
      let left = deadline - .now
      guard var found = try await get(id, consistency: .linearizable, timeout: left) else {
        return nil
      }
      try change(&found.value)
      let rest = max(deadline - .now, .milliseconds(1))
      if let written = try await replaceUnchanged(found, rest) { return written }
    }
    let message = "\(id) was changed by somebody else each time that it was read"
    throw LockstepError(.deadlineExceeded, message, outcome: .notApplied)
  }

  /// Replaces a document as it was read; nil if somebody else came first.
  private func replaceUnchanged(
    _ found: Versioned<Document>,
    _ timeout: Duration?
  ) async throws(LockstepError) -> Written? {
    do throws(LockstepError) {
      let revision = found.revision
      return try await replace(found.value, id: found.id, ifRevision: revision, timeout: timeout)
    } catch {
      guard error.code == .revisionConflict || error.code == .notFound else { throw error }
      return nil
    }
  }

  private func write(
    _ operation: Command.Operation,
    _ timeout: Duration?
  ) async throws(LockstepError) -> Written {
    let (reply, answer) = try await client.change(place, operation, timeout)
    guard case .written(let revision, let existedBefore, let id) = reply, let write = answer.write
    else { throw .unexpectedAnswer }
    return Written(
      id: try DocumentID(wire: id),
      revision: revision,
      existedBefore: existedBefore,
      servedBy: answer.head.node,
      write: write
    )
  }

  private func encode(
    _ document: Document,
    id: DocumentID?
  ) throws(LockstepError) -> (id: DocumentID?, bytes: [UInt8]) {
    let (own, encoded) = try DocumentCoding.encode(document)
    if let own, let id, own != id {
      throw LockstepError(.invalidID, "the document's _id is \(own), the id given is \(id)")
    }
    return (id ?? own, encoded.bytes)
  }

  private func encodeWithID(
    _ document: Document,
    id: DocumentID?
  ) throws(LockstepError) -> (id: DocumentID, bytes: [UInt8]) {
    let (id, bytes) = try encode(document, id: id)
    guard let id else { throw LockstepError(.invalidID, "neither an id nor an _id is given") }
    return (id, bytes)
  }
}

extension Collection where Document: Identifiable, Document.ID: Encodable {
  /// Adds a document or replaces the one of its `id`.
  ///
  /// - Throws: `invalid_id` if its `id` cannot be one, or as every write does.
  @discardableResult
  public func put(
    _ document: Document,
    timeout: Duration? = nil
  ) async throws(LockstepError) -> Written {
    try await put(document, id: DocumentID(encoding: document.id), timeout: timeout)
  }

  /// Adds a document under its `id`, which must be new.
  ///
  /// - Throws: `already_exists` if the id is taken, or as every write does.
  @discardableResult
  public func insert(
    _ document: Document,
    timeout: Duration? = nil
  ) async throws(LockstepError) -> Written {
    try await insert(document, id: DocumentID(encoding: document.id), timeout: timeout)
  }
}
