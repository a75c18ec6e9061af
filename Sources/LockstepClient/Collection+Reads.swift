import ClientProtocol
import Wire

extension Collection {
  /// The document of an id; nil if there is none.
  ///
  /// - Throws: `decoding_failed` if it is no `Document`, or as every read does.
  public func get(
    _ id: DocumentID,
    consistency: Consistency? = nil,
    timeout: Duration? = nil
  ) async throws(LockstepError) -> Versioned<Document>? {
    let (reply, servedBy) = try await client.ask(.get(place, id: id.bytes), consistency, timeout)
    guard case .item(let item) = reply else { throw .unexpectedAnswer }
    guard let item else { return nil }
    return Versioned(
      id: id,
      value: try DocumentCoding.decode(Document.self, item.bytes.array, id: id),
      revision: item.revision,
      servedBy: servedBy
    )
  }

  /// The documents of a range of ids, in order, all as they were at one revision.
  ///
  /// Pages come as the reader needs them. The nodes hold the state of that revision for a minute
  /// from the scan's beginning, then the reader gets `cursor_expired`: what takes longer is read in
  /// ranges, or as a backup. The timeout holds for each page.
  public func scan(
    _ range: IDRange = .all,
    reversed: Bool = false,
    limit: Int? = nil,
    consistency: Consistency? = nil,
    timeout: Duration? = nil
  ) -> Scan<Versioned<Document>> {
    let window = client.window(isReversed: reversed, limit: limit)
    let question = window.map { Query.Question.scan(place, range.wire, $0) }
    return Scan(client, question, consistency, timeout) {
      (entry, servedBy) throws(LockstepError) in
      let id = try DocumentID(wire: entry.key)
      return Versioned(
        id: id,
        value: try DocumentCoding.decode(Document.self, entry.item.bytes.array, id: id),
        revision: entry.item.revision,
        servedBy: servedBy
      )
    }
  }

  /// How many documents there are in a range of ids.
  ///
  /// - Throws: `LockstepError`, as every read does.
  public func count(
    _ range: IDRange = .all,
    consistency: Consistency? = nil,
    timeout: Duration? = nil
  ) async throws(LockstepError) -> Stamped<Int> {
    let (reply, servedBy) = try await client.ask(.count(place, range.wire), consistency, timeout)
    guard case .count(let count, let revision) = reply else { throw .unexpectedAnswer }
    return Stamped(value: Int(clamping: count), revision: revision, servedBy: servedBy)
  }
}

extension Client {
  /// How many items a page has where each is agreed on, which takes longer than they do.
  ///
  /// Not as many as may be: nodes cut off who asks for much at once and takes it slowly.
  private static let orderedPageItems: UInt32 = 1_000

  /// A window of at most `limit` items; nil where that is none, for 0 means all to the cluster.
  func window(isReversed: Bool, limit: Int?) -> ScanWindow? {
    if let limit, limit < 1 { return nil }
    return ScanWindow(
      isReversed: isReversed,
      limit: UInt64(limit ?? 0),
      pageItems: core.credentials == nil ? 0 : Self.orderedPageItems
    )
  }
}
