import BSON
import ClientProtocol
import Consensus

// Another database with collections of the same names: ids of several kinds and some that the
// server makes, lists of names, and collections taken for what they are not.
extension ClientWorkload {
  private static let otherDatabase = "other"
  private static let otherTexts = Place(database: otherDatabase, collection: keyValueCollection)
  private static let otherDocuments = Place(
    database: otherDatabase,
    collection: documents.collection
  )
  /// So many ids made by the server are remembered.
  private static let madeIDsMax = 4

  /// Whether one document has several names here, as 1 and 1.0 are one id, or none that the client
  /// gave it: then no history of one key tells what it holds, and the replay of the log judges it.
  static func hasManyNames(_ place: Place) -> Bool { place == otherDocuments }

  /// Numbers that are one id, texts one of which begins like another, and a truth value.
  private static let ids: [[UInt8]] = {
    let values: [BSONValue] = [
      .int32(1), .int64(1), .double(1), .int32(2), .int32(300), .string("1"), .string("10"),
      .string("d1"), .boolean(false), .boolean(true),
    ]
    do {
      return try values.map { value throws(BSONError) in try value.idBytes() }
    } catch {
      fatalError("all of these are ids: \(error)")
    }
  }()

  /// Something about it, now and then.
  mutating func nextElsewhere() -> ClientOperation.Question? {
    guard random.oneIn(7) else { return nil }
    switch random.number(below: 16) {
    case 0..<3: return document(.insert(id: nil, document: nextDocument()))
    case 3, 4: return document(.put(id: nextID(), document: nextDocument()))
    case 5: return document(.delete(id: nextID(), ifRevision: nextElsewhereRevision()))
    case 6:
      return document(
        .replace(
          id: nextID(),
          document: nextDocument(),
          ifRevision: nextElsewhereRevision()
        )
      )
    case 7, 8: return query(.get(Self.otherDocuments, id: nextID()))
    case 9: return query(.scan(Self.otherDocuments, nextIDRange(), nextWindow()))
    case 10: return query(.count(Self.otherDocuments, nextIDRange()))
    case 11, 12: return .command(textCommand(in: Self.otherTexts))
    case 13: return query(.kvGet(Self.otherTexts, key: nextTextKey()))
    case 14: return query(nextList())
    default: return nextMistake()
    }
  }

  /// An answer names the revision of a document of this database, or the id that it was given.
  mutating func rememberElsewhere(_ id: [UInt8]?, at revision: UInt64) {
    elsewhereRevision = revision
    guard let id, id.first == BSONType.objectID.rawValue else { return }
    madeIDs.append(id)
    if madeIDs.count > Self.madeIDsMax { madeIDs.removeFirst() }
  }

  /// Whether a question is about the documents of this database.
  static func isElsewhere(_ question: ClientOperation.Question) -> Bool {
    switch question {
    case .command(let command): command.place == otherDocuments
    case .query(.get(let place, _), _): place == otherDocuments
    case .query, .nextPage: false
    }
  }

  // MARK: Helpers

  private func document(_ operation: Command.Operation) -> ClientOperation.Question {
    .command(Command(place: Self.otherDocuments, operation: operation))
  }

  private mutating func query(_ question: Query.Question) -> ClientOperation.Question {
    .query(question, isLinearizable: random.chance(percent: 80))
  }

  /// Any revision, the one seen last, or one that cannot be.
  private mutating func nextElsewhereRevision() -> UInt64 {
    switch random.number(below: 3) {
    case 0: 0
    case 1: elsewhereRevision
    default: elsewhereRevision / 2
    }
  }

  private mutating func nextID() -> [UInt8] {
    if !madeIDs.isEmpty, random.oneIn(3) { return madeIDs[random.number(below: madeIDs.count)] }
    return Self.ids[random.number(below: Self.ids.count)]
  }

  private mutating func nextIDRange() -> KeyRange {
    switch random.number(below: 4) {
    case 0: .all
    case 1: .prefix(Array("1".utf8))
    default:
      .between(
        .init(nextID(), isIncluded: random.oneIn(2)),
        .init(nextID(), isIncluded: random.oneIn(2))
      )
    }
  }

  private mutating func nextList() -> Query.Question {
    switch random.number(below: 4) {
    case 0: .listDatabases
    case 1: .listCollections(database: Self.otherDatabase)
    // The beginning of another name.
    case 2: .listCollections(database: "oth")
    default: .listCollections(database: defaultDatabase)
    }
  }

  /// A collection is taken for one of the other kind.
  private mutating func nextMistake() -> ClientOperation.Question {
    switch random.number(below: 4) {
    case 0: document(.kvDelete(key: [1], ifRevision: 0))
    case 1: query(.kvGet(Self.otherDocuments, key: [1]))
    case 2: query(.scan(Self.otherTexts, .all, nextWindow()))
    default: query(.get(Self.otherTexts, id: nextID()))
    }
  }
}
