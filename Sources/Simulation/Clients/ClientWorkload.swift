import BSON
import ClientProtocol
import Consensus

/// What a client asks for: few keys, so that clients meet, and every value different, so that an
/// answer names the write it saw.
struct ClientWorkload {
  /// Keys whose values are text.
  static let texts = Place(collection: keyValueCollection)
  /// Keys whose values are numbers.
  static let numbers = Place(collection: "numbers")
  /// Documents.
  static let documents = Place(collection: "documents")

  private static let keyCount = 12
  private static let stalledMax = 4

  private let client: Int
  var random: RandomSource
  private var valueCount = 0
  /// The newest revision of each key and document that an answer named.
  private var textRevisions = [UInt64](repeating: 0, count: keyCount)
  private var documentRevisions = [UInt64](repeating: 0, count: keyCount)
  /// The newest revision that any answer named: stale reads must not fall behind it.
  private(set) var highestRevision: UInt64 = 0
  private var openPages: [(first: Int, cursor: UInt64, node: Int)] = []
  /// Pages that wait for long before they are asked for.
  private var stalledPages: [(first: Int, cursor: UInt64, node: Int)] = []
  /// How many of them were asked for in the end.
  private(set) var stalledCount = 0
  /// How many pages wait.
  var stallPercent = 0
  /// How many bytes a value has at least.
  var valueSizeMin = 0
  /// Chance for collections that come and go; nil where they do not.
  var extrasRandom: RandomSource?
  private var takenPages: [(first: Int, node: Int)] = []
  /// Ids that the server made, and the newest revision of a document beside them.
  var madeIDs: [[UInt8]] = []
  var elsewhereRevision: UInt64 = 0

  init(client: Int, random: RandomSource) {
    self.client = client
    self.random = random
  }

  /// The next question.
  mutating func next() -> ClientOperation.Question {
    if !stalledPages.isEmpty, random.oneIn(20) {
      stalledCount += 1
      openPages.append(stalledPages.removeFirst())
    }
    if let page = openPages.popLast() {
      takenPages = [(page.first, page.node)]
      return .nextPage(of: page.first, cursor: page.cursor)
    }
    if let question = nextAboutExtras() { return question }
    if let question = nextElsewhere() { return question }
    if random.chance(percent: 55) { return .command(nextCommand()) }
    return .query(nextQuery(), isLinearizable: random.chance(percent: 80))
  }

  /// The node that holds the frozen state of a scan whose next page was just taken.
  func node(ofPage first: Int) -> Int {
    takenPages.first { $0.first == first }?.node ?? 0
  }

  /// A reply to a command arrived.
  mutating func saw(_ reply: CommandReply, of question: ClientOperation.Question) {
    switch reply {
    case .written(let revision, _, let id):
      highestRevision = max(highestRevision, revision)
      remember(revision, of: question, id: id)
    case .deleted(let revision, _), .incremented(let revision, _), .changed(let revision):
      highestRevision = max(highestRevision, revision)
      remember(revision, of: question)
    case .failed: break
    }
  }

  /// An answer to a query arrived from a node.
  mutating func saw(
    _ answer: QueryReply,
    of operation: Int,
    _ question: ClientOperation.Question,
    from node: Int
  ) {
    switch answer {
    case .item(let item?):
      highestRevision = max(highestRevision, item.revision)
      remember(item.revision, of: question)
    case .page(let page):
      guard page.cursor != 0 else { return }
      let isStalled = random.chance(percent: stallPercent)
      if isStalled, stalledPages.count < Self.stalledMax {
        stalledPages.append((operation, page.cursor, node))
      } else {
        openPages.append((operation, page.cursor, node))
      }
    case .item(nil), .count, .names, .closed, .piece, .failed: break
    }
  }

  // MARK: Commands

  private mutating func nextCommand() -> Command {
    switch random.number(below: 20) {
    case 0..<8: textCommand()
    case 8..<12: numberCommand()
    default: documentCommand()
    }
  }

  mutating func textCommand(in place: Place = texts) -> Command {
    let number = random.number(below: Self.keyCount)
    let key = Self.textKey(number)
    let operation: Command.Operation =
      switch random.number(below: 8) {
      case 0: .kvDelete(key: key, ifRevision: 0)
      case 1: .kvDelete(key: key, ifRevision: expectation(textRevisions, number))
      case 2:
        .kvPutIf(
          key: key,
          value: nextValue(),
          expectedRevision: expectation(textRevisions, number)
        )
      default: .kvPut(key: key, value: nextValue())
      }
    return Command(place: place, operation: operation)
  }

  /// The revision that was seen last, true or stale by now and 0 for none; now and then another
  /// key's, which this one never has.
  private mutating func expectation(_ revisions: [UInt64], _ number: Int) -> UInt64 {
    revisions[random.oneIn(5) ? (number + 1) % Self.keyCount : number]
  }

  private mutating func numberCommand() -> Command {
    let key = Self.numberKey(random.number(below: Self.keyCount))
    let operation: Command.Operation =
      random.oneIn(8)
      ? .kvDelete(key: key, ifRevision: 0)
      : .kvIncrement(key: key, by: Int64(1 + random.number(below: 9)))
    return Command(place: Self.numbers, operation: operation)
  }

  private mutating func documentCommand() -> Command {
    let number = random.number(below: Self.keyCount)
    let id = Self.documentID(number)
    let operation: Command.Operation =
      switch random.number(below: 8) {
      case 0, 1: .insert(id: id, document: nextDocument())
      case 2:
        .replace(
          id: id,
          document: nextDocument(),
          ifRevision: expectation(documentRevisions, number)
        )
      case 3: .delete(id: id, ifRevision: 0)
      case 4: .delete(id: id, ifRevision: expectation(documentRevisions, number))
      default: .put(id: id, document: nextDocument())
      }
    return Command(place: Self.documents, operation: operation)
  }

  private mutating func nextValue() -> [UInt8] {
    valueCount += 1
    // A long one now and then, so that segments turn and limits bind in the middle of things.
    let padding = random.oneIn(25) ? random.number(below: 4_000) : 0
    let size = max(padding, valueSizeMin)
    return Array("c\(client)-\(valueCount)".utf8) + Array(repeating: 0x20, count: size)
  }

  mutating func nextDocument() -> [UInt8] {
    valueCount += 1
    var builder = BSONBuilder()
    do {
      let padding = String(repeating: " ", count: valueSizeMin)
      try builder.append(.string("c\(client)-\(valueCount)\(padding)"), for: "value")
      if random.oneIn(3) {
        let nested = try builder.finish()
        builder = BSONBuilder()
        try builder.append(.array([.document(nested), .null, .double(0.5)]), for: "all")
        try builder.append(.int64(Int64(valueCount)), for: "count")
      }
      return try builder.finish().bytes
    } catch {
      fatalError("a document of one short text is well-formed: \(error)")
    }
  }

  // MARK: Queries

  private mutating func nextQuery() -> Query.Question {
    switch random.number(below: 20) {
    case 0..<7: .kvGet(Self.texts, key: Self.textKey(random.number(below: Self.keyCount)))
    case 7..<10: .kvGet(Self.numbers, key: Self.numberKey(random.number(below: Self.keyCount)))
    case 10..<15: .get(Self.documents, id: Self.documentID(random.number(below: Self.keyCount)))
    case 15:
      random.oneIn(3)
        ? .count(Self.texts, nextTextRange()) : .count(Self.documents, nextRange())
    case 16: .kvRange(Self.texts, nextTextRange(), nextWindow())
    case 17: .kvRange(Self.numbers, .all, nextWindow())
    default: .scan(Self.documents, nextRange(), nextWindow())
    }
  }

  private mutating func nextRange() -> KeyRange {
    let first = random.number(below: Self.keyCount)
    let last = first + random.number(below: Self.keyCount - first)
    return switch random.number(below: 4) {
    case 0: .all
    case 1: .prefix(Array("d1".utf8))
    case 2: .between(.init(Self.documentID(first), isIncluded: true), nil)
    default:
      .between(
        .init(Self.documentID(first), isIncluded: random.oneIn(2)),
        .init(Self.documentID(last), isIncluded: random.oneIn(2))
      )
    }
  }

  private mutating func nextTextRange() -> KeyRange {
    switch random.number(below: 3) {
    case 0: .prefix(Array("k".utf8))
    case 1: .prefix(Array("k1".utf8))
    default:
      .between(
        .init(nextTextKey(), isIncluded: random.oneIn(2)),
        .init(nextTextKey(), isIncluded: random.oneIn(2))
      )
    }
  }

  mutating func nextTextKey() -> [UInt8] { Self.textKey(random.number(below: Self.keyCount)) }

  mutating func nextWindow() -> ScanWindow {
    ScanWindow(
      isReversed: random.oneIn(2),
      limit: random.oneIn(3) ? 5 : 0,
      pageItems: random.oneIn(2) ? 3 : 0
    )
  }

  // MARK: Keys

  private mutating func remember(
    _ revision: UInt64,
    of question: ClientOperation.Question,
    id: [UInt8]? = nil
  ) {
    if Self.isElsewhere(question) { rememberElsewhere(id, at: revision) }
    guard let (place, key) = question.subject else { return }
    if place == Self.texts, let number = Self.textKeys.firstIndex(of: key) {
      textRevisions[number] = revision
    }
    if place == Self.documents, let number = Self.documentIDs.firstIndex(of: key) {
      documentRevisions[number] = revision
    }
  }

  private static let textKeys = (0..<keyCount).map { Array("k\($0 + 10)".utf8) }

  private static let documentIDs = (0..<keyCount).map { number in
    do {
      return try BSONValue.string("d\(number + 10)").idBytes()
    } catch {
      fatalError("a short text is an id: \(error)")
    }
  }

  private static func textKey(_ number: Int) -> [UInt8] { textKeys[number] }

  private static func numberKey(_ number: Int) -> [UInt8] { Array("n\(number % 4)".utf8) }

  static func documentID(_ number: Int) -> [UInt8] { documentIDs[number] }
}
