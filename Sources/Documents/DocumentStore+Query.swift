import BSON
import ClientProtocol
package import Consensus
import Wire

extension DocumentStore {
  /// Answers from the state as it is; pages of a scan come from the state as it was.
  package mutating func answer(_ query: [UInt8], now: Reading) -> [UInt8] {
    tick(now)
    let reply: QueryReply
    do throws(Failure) {
      let isPlaceKnown = lastFound?.known.isNamed(in: Bytes(query)) ?? false
      reply = try answer(decode(query), isPlaceKnown: isPlaceKnown, now: now)
    } catch {
      reply = .failed(error)
    }
    var writer = ByteWriter(capacity: reply.encodedSize)
    reply.encode(into: &writer)
    return writer.finish()
  }

  /// Answers a query that a client has put into the log: cursors get their numbers, and end, by
  /// the log alone.
  ///
  /// A node that began from a later state holds no earlier scans; it says that they have expired.
  package mutating func answer(
    _ query: [UInt8],
    at place: LogPlace,
    by client: ClientNumber
  ) -> [UInt8] {
    swap(&cursors, &orderedCursors)
    defer { swap(&cursors, &orderedCursors) }
    cursors.asker = CursorTable.Asker(
      client: client,
      number: client.owning(place.index.rawValue)
    )
    let time = Reading(
      monotonicMicroseconds: place.logTimeMicroseconds,
      wallMilliseconds: place.wallMilliseconds
    )
    return answer(query, now: time)
  }

  /// Lets go of frozen states held for too long, also where nobody asks for them any more.
  package mutating func tick(_ now: Reading) {
    cursors.expire(at: now.monotonicMicroseconds)
  }

  /// Since when a scan is held, or an image that nobody has asked for, whichever is longer, in
  /// microseconds of the monotonic clock; nil if there is neither.
  ///
  /// What the log began is not counted.
  package var oldestCursorSince: UInt64? { cursors.oldestSince }

  /// The same for scans that the log began: where nobody orders a query any more, what is applied
  /// tells the time.
  mutating func expireOrdered(at place: LogPlace) {
    guard orderedCursors.count > 0 else { return }
    orderedCursors.expire(at: place.logTimeMicroseconds)
  }

  private func decode(_ query: [UInt8]) throws(Failure) -> Query {
    do {
      var reader = ByteReader(query)
      let query = try Query(from: &reader, knowing: lastFound?.known)
      try reader.expectEnd()
      return query
    } catch .unsupportedVersion(let version, let what) {
      throw Failure(.unknownCommand, "version \(version) of \(what) is not known to this node")
    } catch {
      throw Failure(.badRequest, "the query cannot be read: \(error)")
    }
  }

  private mutating func answer(
    _ query: Query,
    isPlaceKnown: Bool,
    now: Reading
  ) throws(Failure) -> QueryReply {
    try rules.authorize(query.principal)
    switch query.question {
    case .get(let place, let id):
      if !isPlaceKnown { try rules.checkNames(place) }
      let key = try rules.sortKey(ofID: id)
      return item(key, in: try openExisting(.documents, place, isKnown: isPlaceKnown))
    case .kvGet(let place, let key):
      if !isPlaceKnown { try rules.checkNames(place) }
      try rules.checkKey(key)
      return item(key, in: try openKeys(place, isKnown: isPlaceKnown))
    case .scan(let place, let range, let window):
      try rules.checkNames(place)
      let keys = try sortKeyRange(range)
      return try firstPage(of: try openExisting(.documents, place), keys, window, now)
    case .kvRange(let place, let range, let window):
      try rules.checkNames(place)
      let keys = try rawKeyRange(range)
      return try firstPage(of: try openKeys(place), keys, window, now)
    case .count(let place, let range): return try count(place, range)
    case .next(let cursor):
      if let piece = cursors.nextPiece(of: cursor, at: now.monotonicMicroseconds) {
        return .piece(piece)
      }
      return try nextPage(of: cursor)
    case .closeCursor(let cursor):
      cursors.close(cursor)
      return .closed
    case .listCollections(let database):
      try rules.checkDatabaseName(database)
      return .names(collectionNames(in: database))
    case .listDatabases: return .names(databaseNames)
    case .image: return try beginImage(now)
    }
  }

  private mutating func beginImage(_ now: Reading) throws(Failure) -> QueryReply {
    guard let piece = cursors.open(freeze(), at: now.monotonicMicroseconds) else {
      throw Failure(.overloaded, "\(CursorTable.imagesMax) images are being taken; try later")
    }
    return .piece(piece)
  }

  private func item(_ key: [UInt8], in slot: Int?) -> QueryReply {
    let item = slot.flatMap { collections[$0]?.items[Bytes(key)] }
    return .item(item.map { QueryReply.Item(revision: $0.revision, bytes: $0.bytes) })
  }

  private mutating func count(
    _ place: Place,
    _ range: KeyRange
  ) throws(Failure) -> QueryReply {
    try rules.checkNames(place)
    guard let slot = slot(of: place), let collection = collections[slot] else {
      throw unknown(place)
    }
    let keys =
      switch collection.kind {
      case .documents: try sortKeyRange(range)
      case .keyValue: try rawKeyRange(range)
      }
    return .count(UInt64(collection.items.count(in: keys)), atRevision: revision)
  }

  private mutating func firstPage(
    of slot: Int?,
    _ range: KeyStretch,
    _ window: ScanWindow,
    _ now: Reading
  ) throws(Failure) -> QueryReply {
    let items = slot.flatMap { collections[$0]?.items } ?? OrderedMap()
    var scan = Scan(
      items.entries(in: range, descending: window.isReversed),
      window,
      revision: revision,
      openedAt: now.monotonicMicroseconds
    )
    let entries = scan.takePage()
    guard let cursor = scan.isOver ? 0 : cursors.add(scan) else {
      throw Failure(.overloaded, "\(CursorTable.cursorsMax) scans are open; try later")
    }
    return .page(QueryReply.Page(atRevision: revision, cursor: cursor, entries: entries))
  }

  private mutating func nextPage(of cursor: UInt64) throws(Failure) -> QueryReply {
    guard let page = cursors.nextPage(of: cursor) else {
      throw Failure(.cursorExpired, "the scan's state is no longer held; begin it again")
    }
    return .page(page)
  }
}
