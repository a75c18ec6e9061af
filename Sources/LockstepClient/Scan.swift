import ClientProtocol
import Wire

/// The items of a scan, read page by page as they are needed: an asynchronous sequence.
///
/// Every iteration is a scan of its own.
public struct Scan<Item: Sendable>: AsyncSequence, Sendable {
  /// What can go wrong while reading on.
  public typealias Failure = LockstepError

  private let client: Client
  private let question: Query.Question?
  private let consistency: Consistency?
  private let timeout: Duration?
  private let make: @Sendable (QueryReply.Entry, UInt32) throws(LockstepError) -> Item

  /// A scan; one without a question has no items.
  init(
    _ client: Client,
    _ question: Query.Question?,
    _ consistency: Consistency?,
    _ timeout: Duration?,
    _ make: @escaping @Sendable (QueryReply.Entry, UInt32) throws(LockstepError) -> Item
  ) {
    self.client = client
    self.question = question
    self.consistency = consistency
    self.timeout = timeout
    self.make = make
  }

  /// Begins reading.
  public func makeAsyncIterator() -> Iterator {
    let level = client.wireConsistency(consistency)
    let query = question.map { Query($0).encoded() }
    let reader = ScanReader(client.core, query, level, timeout)
    return Iterator(reader: reader, make: make)
  }

  /// All items in one array.
  ///
  /// - Throws: `LockstepError`, as reading does.
  public func collect() async throws(LockstepError) -> [Item] {
    var items: [Item] = []
    for try await item in self { items.append(item) }
    return items
  }

  /// The first item, if there is one.
  ///
  /// - Throws: `LockstepError`, as reading does.
  public func first() async throws(LockstepError) -> Item? {
    var iterator = makeAsyncIterator()
    return try await iterator.next()
  }

  /// Reads one item after the other.
  public struct Iterator: AsyncIteratorProtocol {
    /// What can go wrong while reading on.
    public typealias Failure = LockstepError

    fileprivate let reader: ScanReader
    fileprivate let make: @Sendable (QueryReply.Entry, UInt32) throws(LockstepError) -> Item

    /// The next item; nil behind the last.
    ///
    /// - Throws: `cursor_expired` a minute after the beginning, `connection_lost` if the node went
    ///   away in the middle, `cancelled`, or as every read does.
    public mutating func next() async throws(LockstepError) -> Item? {
      guard let (entry, servedBy) = try await reader.next() else { return nil }
      return try make(entry, servedBy)
    }

    /// The next item; nil behind the last.
    ///
    /// - Throws: As `next()` does.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(LockstepError) -> Item? {
      guard let (entry, servedBy) = try await reader.next() else { return nil }
      return try make(entry, servedBy)
    }
  }
}

/// One reading of a scan, item by item.
private final class ScanReader {
  private let stream: StreamReader?
  private var entries: ArraySlice<QueryReply.Entry> = []
  private var servedBy: UInt32 = 0

  init(
    _ core: ClientCore,
    _ query: [UInt8]?,
    _ consistency: ReadRequest.Consistency,
    _ timeout: Duration?
  ) {
    stream = query.map { StreamReader(core, $0, consistency, timeout) }
  }

  nonisolated(nonsending) func next()
    async throws(LockstepError) -> (QueryReply.Entry, UInt32)?
  {
    while entries.isEmpty {
      guard let next = try await stream?.next() else { return nil }
      guard case .page(let page) = next.reply else { throw .unexpectedAnswer }
      entries = page.entries[...]
      servedBy = next.servedBy
    }
    return entries.popFirst().map { ($0, servedBy) }
  }
}
