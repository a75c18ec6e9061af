import BSON
import ClientProtocol
package import Consensus
import Wire

extension DocumentStore {
  /// Answers from the state as it is; pages of a scan come from the state as it was.
  package mutating func answer(_ query: [UInt8], now: Reading) -> [UInt8] {
    cursors.expire(at: now.monotonicMicroseconds)
    let reply: QueryReply
    do throws(Failure) {
      reply = try answer(decode(query), now: now)
    } catch {
      reply = .failed(error)
    }
    return reply.encoded()
  }

  private func decode(_ query: [UInt8]) throws(Failure) -> Query {
    do {
      return try Query(decoding: query)
    } catch .unsupportedVersion(let version, let what) {
      throw Failure(.unknownCommand, "version \(version) of \(what) is not known to this node")
    } catch {
      throw Failure(.badRequest, "the query cannot be read: \(error)")
    }
  }

  private mutating func answer(_ query: Query, now: Reading) throws(Failure) -> QueryReply {
    try rules.authorize(query.principal)
    switch query.question {
    case .get(let place, let id):
      try rules.checkNames(place)
      let slot = try openExisting(.documents, place)
      return item(try rules.sortKey(ofID: id), in: slot)
    case .kvGet(let place, let key):
      try rules.checkNames(place)
      try rules.checkKey(key)
      guard let slot = try openKeys(place) else { return .item(nil) }
      return item(key, in: slot)
    case .scan(let place, let range, let window):
      try rules.checkNames(place)
      let slot = try openExisting(.documents, place)
      return page(of: slot, try sortKeyRange(range), window, now)
    case .kvRange(let place, let range, let window):
      try rules.checkNames(place)
      guard let slot = try openKeys(place) else { return emptyPage }
      return page(of: slot, rawKeyRange(range), window, now)
    case .count(let place, let range): return try count(place, range)
    case .next(let cursor): return try nextPage(of: cursor)
    case .closeCursor(let cursor):
      _ = cursors.take(cursor)
      return .closed
    case .listCollections(let database): return try collectionNames(in: database)
    case .listDatabases: return .names(databaseNames)
    }
  }

  private var emptyPage: QueryReply {
    .page(QueryReply.Page(atRevision: revision, cursor: 0, entries: []))
  }

  /// A key-value collection, or nil if nothing was ever written to it: absent keys are no error.
  private func openKeys(_ place: Place) throws(Failure) -> Int? {
    guard slot(of: place) != nil else { return nil }
    return try openExisting(.keyValue, place)
  }

  private func item(_ key: [UInt8], in slot: Int) -> QueryReply {
    .item(
      collections[slot]?.items[key].map {
        QueryReply.Item(revision: $0.revision, bytes: $0.bytes)
      }
    )
  }

  private func count(
    _ place: Place,
    _ range: ClientProtocol.KeyRange
  ) throws(Failure) -> QueryReply {
    try rules.checkNames(place)
    guard let slot = slot(of: place), let collection = collections[slot] else {
      throw unknown(place)
    }
    let keys = collection.kind == .documents ? try sortKeyRange(range) : rawKeyRange(range)
    return .count(UInt64(collection.items.count(in: keys)), atRevision: revision)
  }

  private mutating func page(
    of slot: Int,
    _ range: KeyRange,
    _ window: ScanWindow,
    _ now: Reading
  ) -> QueryReply {
    guard let items = collections[slot]?.items else { return emptyPage }
    let asked = window.pageItems == 0 ? Limits.pageItemsDefault : Int(window.pageItems)
    var cursor = CursorTable.Cursor(
      entries: items.entries(in: range, descending: window.isReversed),
      remaining: window.limit == 0 ? .max : window.limit,
      pageItems: min(asked, Limits.pageItemsMax),
      revision: revision,
      openedAt: now.monotonicMicroseconds
    )
    let entries = Self.takePage(from: &cursor)
    let number = Self.isOver(cursor) ? 0 : cursors.add(cursor)
    return .page(QueryReply.Page(atRevision: revision, cursor: number, entries: entries))
  }

  private mutating func nextPage(of number: UInt64) throws(Failure) -> QueryReply {
    guard var cursor = cursors.take(number) else {
      throw Failure(.cursorExpired, "the scan's state is no longer held; begin it again")
    }
    let entries = Self.takePage(from: &cursor)
    let next = Self.isOver(cursor) ? 0 : cursors.put(cursor)
    return .page(QueryReply.Page(atRevision: cursor.revision, cursor: next, entries: entries))
  }

  private static func isOver(_ cursor: CursorTable.Cursor) -> Bool {
    cursor.remaining == 0 || cursor.entries.remainingCount == 0
  }

  /// Takes entries until the page is full in number or in bytes.
  private static func takePage(from cursor: inout CursorTable.Cursor) -> [QueryReply.Entry] {
    var page: [QueryReply.Entry] = []
    var size = 0
    while page.count < cursor.pageItems, size < Limits.pageSizeMax, cursor.remaining > 0,
      let (key, item) = cursor.entries.next()
    {
      cursor.remaining -= 1
      size += item.bytes.count + key.count
      page.append(
        QueryReply.Entry(
          key: item.id.isEmpty ? key : item.id,
          item: QueryReply.Item(revision: item.revision, bytes: item.bytes)
        )
      )
    }
    return page
  }

  private func collectionNames(in database: String) throws(Failure) -> QueryReply {
    try rules.checkDatabaseName(database)
    let prefix = Array(database.utf8) + [0]
    let found = slots.entries(in: KeyRange(prefix: prefix))
    return .names(found.compactMap { collections[$0.value]?.name })
  }

  private var databaseNames: [String] {
    var names: [String] = []
    for (_, slot) in slots.entries() {
      guard let database = collections[slot]?.database else { continue }
      if names.last?.utf8.elementsEqual(database.utf8) != true { names.append(database) }
    }
    return names
  }
}
