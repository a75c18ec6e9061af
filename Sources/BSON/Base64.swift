/// Base64 with padding (RFC 4648 §4), strict: one text for each sequence of bytes.
package enum Base64 {
  /// The text that stands for bytes.
  package static func text(of bytes: [UInt8]) -> String {
    String(decoding: encode(bytes), as: UTF8.self)
  }

  /// The bytes that a text stands for; nil if it stands for none.
  package static func bytes(of text: String) -> [UInt8]? { decode(Array(text.utf8)) }

  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
  )
  private static let padding = UInt8(ascii: "=")

  static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var group: UInt32 = 0
    var held = 0
    for byte in bytes {
      group = group << 8 | UInt32(byte)
      held += 1
      guard held == 3 else { continue }
      append(group, sextets: 4, to: &text)
      group = 0
      held = 0
    }
    guard held > 0 else { return text }
    append(group << (8 * UInt32(3 - held)), sextets: held + 1, to: &text)
    text.append(contentsOf: repeatElement(padding, count: 3 - held))
    return text
  }

  static func decode(_ text: [UInt8]) -> [UInt8]? {
    guard text.count.isMultiple(of: 4) else { return nil }
    let padded = text.reversed().prefix(2).prefix { $0 == padding }.count
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    var group: UInt32 = 0
    for (index, letter) in text.dropLast(padded).enumerated() {
      guard let sextet = value(of: letter) else { return nil }
      group = group << 6 | sextet
      guard index & 3 == 3 else { continue }
      bytes.append(contentsOf: [UInt8(group >> 16), UInt8(group >> 8 & 255), UInt8(group & 255)])
      group = 0
    }
    switch padded {
    case 1:
      guard group & 3 == 0 else { return nil }
      bytes.append(contentsOf: [UInt8(group >> 10), UInt8(group >> 2 & 255)])
    case 2:
      guard group & 15 == 0 else { return nil }
      bytes.append(UInt8(group >> 4))
    default: break
    }
    return bytes
  }

  private static func append(_ group: UInt32, sextets: Int, to text: inout [UInt8]) {
    for index in 0..<sextets {
      text.append(alphabet[Int(group >> UInt32(18 - 6 * index) & 63)])
    }
  }

  private static func value(of letter: UInt8) -> UInt32? {
    switch letter {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(letter - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(letter - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(letter - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
