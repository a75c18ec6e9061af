/// Cuts Swift source into tokens and comments.
///
/// It knows nested comments, all forms of string literals and code interpolated in them. It does
/// not know regular expression literals between bare slashes: the house has none.
struct SwiftScanner {
  private(set) var tokens: [Token] = []
  private(set) var comments: [Comment] = []

  private let bytes: [UInt8]
  private var offset = 0
  private var line = 1
  private var isSpaced = true

  init(_ source: String) {
    bytes = Array(source.utf8)
    scanCode(untilClosingParenthesis: false)
  }

  /// Signs of more than one character that a rule must not take for two.
  private static let longSigns = [
    "===", "!==", "...", "..<", "->", "==", "!=", "<=", ">=", "&&", "||", "??", "+=", "-=", "*=",
    "/=", "%=", "|=", "&=", "^=", "~=",
  ].map { Array($0.utf8) }

  private mutating func scanCode(untilClosingParenthesis stops: Bool) {
    var depth = 0
    while let byte = peek() {
      if stops, byte == UInt8(ascii: ")"), depth == 0 { return }
      if byte == UInt8(ascii: "(") { depth += 1 }
      if byte == UInt8(ascii: ")") { depth -= 1 }
      scanOne(byte)
    }
  }

  private mutating func scanOne(_ byte: UInt8) {
    if Self.isSpace(byte) {
      advance()
      isSpaced = true
    } else if starts(with: "//") {
      scanLineComment()
    } else if starts(with: "/*") {
      scanBlockComment()
    } else if byte == UInt8(ascii: "\"") || isRawString() {
      scanString()
    } else if Self.isDigit(byte) {
      scanRun(.number) { Self.isWordByte($0) }
    } else if Self.isWordByte(byte) || byte == UInt8(ascii: "`") {
      scanRun(.word) { Self.isWordByte($0) || $0 == UInt8(ascii: "`") }
    } else {
      scanSign()
    }
  }

  private mutating func scanLineComment() {
    let start = offset
    while let byte = peek(), byte != UInt8(ascii: "\n") { advance() }
    comments.append(Comment(text: text(from: start), line: line))
    isSpaced = true
  }

  private mutating func scanBlockComment() {
    let (start, startLine) = (offset, line)
    var depth = 0
    repeat {
      if starts(with: "/*") {
        depth += 1
        advance(by: 2)
      } else if starts(with: "*/") {
        depth -= 1
        advance(by: 2)
      } else {
        advance()
      }
    } while depth > 0 && offset < bytes.count
    comments.append(Comment(text: text(from: start), line: startLine))
    isSpaced = true
  }

  private mutating func scanRun(_ kind: Token.Kind, while belongs: (UInt8) -> Bool) {
    let start = offset
    while let byte = peek(), belongs(byte) { advance() }
    add(kind, text(from: start), line: line)
  }

  private mutating func scanSign() {
    let start = offset
    let long = Self.longSigns.first { bytes[offset...].starts(with: $0) }
    advance(by: long?.count ?? 1)
    add(.sign, text(from: start), line: line)
  }

  /// Scans a literal from its first `#` or quote to its last.
  private mutating func scanString() {
    let startLine = line
    var hashes = 0
    while peek() == UInt8(ascii: "#") {
      hashes += 1
      advance()
    }
    let quote = starts(with: "\"\"\"") ? "\"\"\"" : "\""
    let marks = String(repeating: "#", count: hashes)
    advance(by: quote.utf8.count)
    var content: [UInt8] = []
    let position = tokens.count
    while let byte = peek(), !starts(with: quote + marks) {
      if starts(with: "\\" + marks + "(") {
        scanInterpolation(marksCount: hashes)
      } else if starts(with: "\\" + marks) {
        advance(by: 1 + hashes)
        advance()
      } else {
        content.append(byte)
        advance()
      }
    }
    advance(by: quote.utf8.count + hashes)
    let text = "\"" + String(decoding: content, as: UTF8.self)
    let token = Token(kind: .string, text: text, line: startLine, isSpacedBefore: isSpaced)
    tokens.insert(token, at: position)
    isSpaced = false
  }

  private mutating func scanInterpolation(marksCount: Int) {
    advance(by: 1 + marksCount)
    scanSign()
    scanCode(untilClosingParenthesis: true)
    if peek() != nil { scanSign() }
  }

  private mutating func add(_ kind: Token.Kind, _ text: String, line: Int) {
    tokens.append(Token(kind: kind, text: text, line: line, isSpacedBefore: isSpaced))
    isSpaced = false
  }

  private func isRawString() -> Bool {
    var position = offset
    while position < bytes.count, bytes[position] == UInt8(ascii: "#") { position += 1 }
    return position > offset && position < bytes.count && bytes[position] == UInt8(ascii: "\"")
  }

  private func peek() -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private func starts(with text: String) -> Bool {
    bytes[offset...].starts(with: text.utf8)
  }

  private func text(from start: Int) -> String {
    String(decoding: bytes[start..<offset], as: UTF8.self)
  }

  private mutating func advance(by count: Int = 1) {
    for _ in 0..<count where offset < bytes.count {
      if bytes[offset] == UInt8(ascii: "\n") { line += 1 }
      offset += 1
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    isDigit(byte) || (65...90).contains(byte) || (97...122).contains(byte)
      || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$") || byte >= 128
  }
}
