/// Where in JSON text a byte lies, worked out only when an error wants to say so.
struct JSONPlace {
  let line: Int
  let column: Int

  init(of offset: Int, in text: [UInt8]) {
    var (line, column) = (1, 1)
    for byte in text.prefix(offset) {
      if byte == UInt8(ascii: "\n") {
        (line, column) = (line + 1, 1)
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    self.line = line
    self.column = column
  }

  /// What stands at an offset, named for a person.
  static func found(at offset: Int, in text: [UInt8]) -> String {
    guard offset < text.count else { return "the end of the text" }
    let byte = text[offset]
    guard byte >= 0x20, byte != 0x7F else {
      return "the control character 0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    guard byte != UInt8(ascii: "\"") else { return "a string" }
    guard isWord(byte) else { return "\"\(Unicode.Scalar(byte))\"" }
    var end = offset
    while end < text.count, end < offset + 20 || text[end] & 0xC0 == 0x80, isWord(text[end]) {
      end += 1
    }
    return "\"" + text.string(in: offset..<end) + "\""
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), 0x80...:
      true
    default: false
    }
  }
}

extension BSONPlace {
  /// The place of a byte of JSON text.
  static func text(at offset: Int, in text: [UInt8]) -> BSONPlace {
    let place = JSONPlace(of: offset, in: text)
    return .text(line: place.line, column: place.column)
  }
}
