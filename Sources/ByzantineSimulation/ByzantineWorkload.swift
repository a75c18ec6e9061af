import BSON
import ClientProtocol
import Consensus

/// What a client asks for: few keys, so that clients meet, and every value different, so that an
/// answer names the write it saw.
struct ByzantineWorkload {
  /// One thing that a client wants.
  enum Question {
    case write(Command)
    case read(Query)

    /// The one key or document that it is about.
    var subject: (place: Place, key: [UInt8])? {
      switch self {
      case .write(let command): Self.subject(of: command)
      case .read(let query): Self.subject(of: query.question)
      }
    }

    private static func subject(of command: Command) -> (Place, [UInt8])? {
      switch command.operation {
      case .createCollection, .dropCollection: nil
      case .insert(let id, _): id.map { (command.place, $0) }
      case .put(let key, _), .replace(let key, _, _), .delete(let key, _), .kvPut(let key, _),
        .kvPutIf(let key, _, _), .kvDelete(let key, _), .kvIncrement(let key, _):
        (command.place, key)
      }
    }

    private static func subject(of question: Query.Question) -> (Place, [UInt8])? {
      switch question {
      case .get(let place, let id): (place, id)
      case .kvGet(let place, let key): (place, key)
      default: nil
      }
    }
  }

  private static let keyCount = 5
  private static let texts = Place(collection: keyValueCollection)
  private static let numbers = Place(collection: "numbers")
  private static let documents = Place(collection: "documents")

  private let client: Int
  private var random: RandomSource
  private var valueCount = 0

  init(client: Int, random: RandomSource) {
    self.client = client
    self.random = random
  }

  mutating func next() -> Question {
    let number = random.number(below: Self.keyCount)
    switch random.number(below: 12) {
    case 0..<3: return write(Self.texts, .kvPut(key: Self.key(number), value: nextValue()))
    case 3: return write(Self.texts, .kvDelete(key: Self.key(number), ifRevision: 0))
    case 4:
      return write(
        Self.texts,
        .kvPutIf(key: Self.key(number), value: nextValue(), expectedRevision: 0)
      )
    case 5, 6:
      return write(Self.numbers, .kvIncrement(key: Self.key(number), by: Int64(1 + number)))
    case 7: return write(Self.documents, .put(id: Self.id(number), document: nextDocument()))
    case 8: return write(Self.documents, .delete(id: Self.id(number), ifRevision: 0))
    case 9: return .read(Query(.get(Self.documents, id: Self.id(number))))
    case 10: return .read(Query(.kvGet(Self.numbers, key: Self.key(number))))
    default: return .read(Query(.kvGet(Self.texts, key: Self.key(number))))
    }
  }

  /// What shows whether a write has been carried out.
  static func query(after command: Command) -> Query? {
    guard let (place, key) = Question.write(command).subject else { return nil }
    return Query(place == documents ? .get(place, id: key) : .kvGet(place, key: key))
  }

  private func write(_ place: Place, _ operation: Command.Operation) -> Question {
    .write(Command(place: place, operation: operation))
  }

  private mutating func nextValue() -> [UInt8] {
    valueCount += 1
    let padding = random.oneIn(20) ? random.number(below: 2_000) : 0
    return Array("c\(client)-\(valueCount)".utf8) + Array(repeating: 0x20, count: padding)
  }

  private mutating func nextDocument() -> [UInt8] {
    valueCount += 1
    var builder = BSONBuilder()
    do {
      try builder.append(.string("c\(client)-\(valueCount)"), for: "value")
      return try builder.finish().bytes
    } catch {
      fatalError("a document of one short text is well-formed: \(error)")
    }
  }

  private static func key(_ number: Int) -> [UInt8] { Array("k\(number)".utf8) }

  private static let ids = (0..<keyCount).map { number in
    do {
      return try BSONValue.string("d\(number)").idBytes()
    } catch {
      fatalError("a short text is an id: \(error)")
    }
  }

  private static func id(_ number: Int) -> [UInt8] { ids[number] }
}
