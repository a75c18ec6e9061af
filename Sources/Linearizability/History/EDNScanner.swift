/// Reads values of Clojure's notation (EDN), as far as histories use it.
///
/// Keywords and symbols become text, sets and lists become lists, tags are dropped, `nil` is null.
struct EDNScanner {
  /// Values nested deeper than this are refused.
  private static let depthMax = 32

  let bytes: [UInt8]
  private(set) var position: Int
  private let line: Int
  private var depth = 0

  /// Reads from `position` on; `line` is the line in which the bytes begin.
  init(_ bytes: [UInt8], from position: Int = 0, line: Int) {
    self.bytes = bytes
    self.position = position
    self.line = line
  }

  /// Whether nothing but space is left.
  mutating func isAtEnd() -> Bool {
    skipSpace()
    return position >= bytes.count
  }

  /// Passes one character.
  mutating func skip() { position += 1 }

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
    default: return Self.atom(try word())
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
    return .fields(fields)
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
    if bytes[position] == UInt8(ascii: "{") { return try list(until: UInt8(ascii: "}")) }
    _ = try word()
    return try value()
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

  private static func atom(_ word: [UInt8]) -> HistoryValue {
    let text = String(decoding: word, as: UTF8.self)
    switch text {
    case "nil": return .null
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    default:
      if let integer = Int64(text.hasSuffix("N") ? String(text.dropLast()) : text) {
        return .integer(integer)
      }
      return Double(text).map { .number($0) } ?? .text(word)
    }
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
    var place = (line: line, column: 1)
    for byte in bytes.prefix(position) {
      place = byte == 10 ? (place.line + 1, 1) : (place.line, place.column + 1)
    }
    let found =
      position < bytes.count
      ? "\"\(String(decoding: bytes[position...].prefix(12), as: UTF8.self))\"" : "the end"
    return HistoryError(
      line: place.line,
      column: place.column,
      "expected \(expected), found \(found)"
    )
  }
}
