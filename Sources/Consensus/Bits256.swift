import Wire

/// 256 bits in place, without an array: what digests and keys are made of.
///
/// The first of the 32 bytes is the highest of `first`, so that numbers compare as bytes do.
package struct Bits256: Hashable, Comparable, Sendable {
  let first: UInt64
  let second: UInt64
  let third: UInt64
  let fourth: UInt64

  /// How many bytes they are.
  package static let size = 32

  /// All bits zero.
  package static let zero = Bits256(0, 0, 0, 0)

  /// Four numbers, the one with the first bytes first.
  package init(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
    self.first = first
    self.second = second
    self.third = third
    self.fourth = fourth
  }

  /// Takes 32 bytes; nil if there are more or fewer.
  package init?(bytes: [UInt8]) {
    guard bytes.count == Self.size else { return nil }
    do {
      try self.init(decoding: bytes)
    } catch {
      return nil
    }
  }

  /// Takes 64 hexadecimal digits of either case; nil for anything else.
  package init?(hexadecimal text: String) {
    let digits = Array(text.utf8)
    guard digits.count == 2 * Self.size else { return nil }
    var words: [UInt64] = []
    for start in stride(from: 0, to: digits.count, by: 16) {
      var word: UInt64 = 0
      for digit in digits[start..<start + 16] {
        guard let value = Self.value(ofDigit: digit) else { return nil }
        word = word << 4 | value
      }
      words.append(word)
    }
    self.init(words[0], words[1], words[2], words[3])
  }

  /// The 32 bytes.
  package var bytes: [UInt8] { encoded(expectedSize: Self.size) }

  /// The four bits at one of 64 places, the highest first.
  package func nibble(at place: Int) -> Int {
    precondition((0..<64).contains(place), "256 bits have 64 groups of four")
    let word =
      switch place / 16 {
      case 0: first
      case 1: second
      case 2: third
      default: fourth
      }
    return Int(word >> UInt64(60 - place % 16 * 4) & 15)
  }

  /// 64 hexadecimal digits.
  package var hexadecimal: String {
    [first, second, third, fourth].map { $0.padded(to: 16, radix: 16) }.joined()
  }

  /// Orders as the bytes do, the first byte first.
  package static func < (left: Bits256, right: Bits256) -> Bool {
    (left.first, left.second, left.third, left.fourth)
      < (right.first, right.second, right.third, right.fourth)
  }

  private static func value(ofDigit digit: UInt8) -> UInt64? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(digit - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(digit - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(digit - UInt8(ascii: "A")) + 10
    default: nil
    }
  }
}
