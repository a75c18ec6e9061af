/// Reads values of Clojure's notation (EDN), as far as histories use it.
///
/// Keywords, symbols and characters become text, sets and lists become lists, tags are dropped,
/// `nil` is null.
struct EDNScanner {
  /// Values nested deeper than this are refused.
  private static let depthMax = 32

  let bytes: [UInt8]
  private(set) var position: Int
  private let beginning: HistoryPlace
  private var depth = 0

  /// Reads from `position` on; `place` is where the bytes begin.
  init(_ bytes: [UInt8], from position: Int = 0, at place: HistoryPlace) {
    self.bytes = bytes
    self.position = position
    beginning = place
  }

  /// Where it is in the text.
  var place: HistoryPlace { beginning.behind(bytes[..<position]) }

  /// Whether nothing but space is left.
  mutating func isAtEnd() -> Bool {
    skipSpace()
    return position >= bytes.count
  }

  /// Passes the brackets of vectors.
  mutating func skipBrackets() {
    while !isAtEnd(), bytes[position] == UInt8(ascii: "[") || bytes[position] == UInt8(ascii: "]") {
      position += 1
    }
  }

  /// The next value.
  mutating func value() throws(HistoryError) -> HistoryValue {
    skipSpace()
    guard position < bytes.count else { throw failure("a value") }
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthMax else { throw failure("at most \(Self.depthMax) levels") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try map()
    case UInt8(ascii: "["): return try list(until: UInt8(ascii: "]"))
    case UInt8(ascii: "("): return try list(until: UInt8(ascii: ")"))
    case UInt8(ascii: "#"): return try tagged()
    case UInt8(ascii: "\""): return try text()
    case UInt8(ascii: ":"):
      position += 1
      return .text(try word())
    case UInt8(ascii: "\\"): return character()
    default: return try atom()
    }
  }

  private mutating func map() throws(HistoryError) -> HistoryValue {
    position += 1
    var fields: [HistoryValue.Field] = []
    while true {
      skipSpace()
      guard position < bytes.count else { throw failure("\"}\"") }
      if bytes[position] == UInt8(ascii: "}") { break }
      let name = try value()
      let value = try value()
      guard case .text(let bytes) = name else {
        fields.append(.init(name: Array(name.description.utf8), value: value))
        continue
      }
      fields.append(.init(name: bytes, value: value))
    }
    position += 1
    return HistoryValue(fields: fields)
  }

  private mutating func list(until close: UInt8) throws(HistoryError) -> HistoryValue {
    position += 1
    var values: [HistoryValue] = []
    while true {
      skipSpace()
      guard position < bytes.count else {
        throw failure("\"\(Unicode.Scalar(close))\"")
      }
      if bytes[position] == close { break }
      values.append(try value())
    }
    position += 1
    return .list(values)
  }

  private mutating func tagged() throws(HistoryError) -> HistoryValue {
    position += 1
    guard position < bytes.count else { throw failure("a tag") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try set()
    case UInt8(ascii: "_"): throw failure("a value; discarded ones (#_) are not read")
    case UInt8(ascii: "#"):
      // `##NaN` and its like are no numbers that could be compared.
      position += 1
      return .text(try word())
    default:
      _ = try word()
      return try value()
    }
  }

  /// Equal sets become equal lists.
  private mutating func set() throws(HistoryError) -> HistoryValue {
    guard case .list(let values) = try list(until: UInt8(ascii: "}")) else { return .null }
    let named = values.map { (name: $0.description, value: $0) }
    return .list(named.sorted { $0.name < $1.name }.map(\.value))
  }

  private mutating func text() throws(HistoryError) -> HistoryValue {
    position += 1
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") { return .text(text) }
      guard byte == UInt8(ascii: "\\"), position < bytes.count else {
        text.append(byte)
        continue
      }
      switch bytes[position] {
      case UInt8(ascii: "n"): text.append(10)
      case UInt8(ascii: "t"): text.append(9)
      case UInt8(ascii: "r"): text.append(13)
      default: text.append(bytes[position])
      }
      position += 1
    }
    throw failure("the end of a string")
  }

  /// Letters, digits and signs up to the next space or bracket.
  mutating func word() throws(HistoryError) -> [UInt8] {
    skipSpace()
    let start = position
    while position < bytes.count, !Self.isBoundary(bytes[position]) { position += 1 }
    guard position > start else { throw failure("a word") }
    return Array(bytes[start..<position])
  }

  /// `\c`, or the name of a character.
  private mutating func character() -> HistoryValue {
    let start = position + 1
    position = min(start + 1, bytes.count)
    while position < bytes.count, !Self.isBoundary(bytes[position]) { position += 1 }
    let name = Array(bytes[min(start, bytes.count)..<position])
    switch String(decoding: name, as: UTF8.self) {
    case "newline": return .text([10])
    case "return": return .text([13])
    case "space": return .text([32])
    case "tab": return .text([9])
    default: return .text(name)
    }
  }

  private mutating func atom() throws(HistoryError) -> HistoryValue {
    skipSpace()
    let start = position
    let word = try word()
    let text = String(decoding: word, as: UTF8.self)
    switch text {
    case "nil": return .null
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    default: break
    }
    let digits = word.drop { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
    guard digits.count >= word.count - 1, Self.isDigit(digits.first) else { return .text(word) }
    if let integer = Int64(text.hasSuffix("N") ? String(text.dropLast()) : text) {
      return .integer(integer)
    }
    guard let number = Double(text) else { return .text(word) }
    guard !digits.allSatisfy({ Self.isDigit($0) }), number - number == 0 else {
      position = start
      throw failure("a number of 64 bits")
    }
    return HistoryValue(number: number)
  }

  private static func isDigit(_ byte: UInt8?) -> Bool {
    byte.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
  }

  private static func isBoundary(_ byte: UInt8) -> Bool {
    switch byte {
    case 9, 10, 13, 32, UInt8(ascii: ","), UInt8(ascii: "{"), UInt8(ascii: "}"),
      UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "("), UInt8(ascii: ")"),
      UInt8(ascii: "\""), UInt8(ascii: ";"):
      true
    default: false
    }
  }

  /// Commas count as space, and so does a comment up to the end of its line.
  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 9, 10, 13, 32, UInt8(ascii: ","): position += 1
      case UInt8(ascii: ";"):
        while position < bytes.count, bytes[position] != 10 { position += 1 }
      default: return
      }
    }
  }

  func failure(_ expected: String) -> HistoryError {
    let found =
      position < bytes.count
      ? "\"\(String(decoding: bytes[position...].prefix(12), as: UTF8.self))\"" : "the end"
    return HistoryError(at: place, "expected \(expected), found \(found)")
  }
}
