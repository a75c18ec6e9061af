/// The half of an Ed25519 key that everybody may know: the name under which its owner signs.
package struct PublicKey: Hashable, Comparable, Sendable {
  /// The 256 bits, as RFC 8032 writes a point.
  package let bits: Bits256

  /// A key of these bits.
  package init(bits: Bits256) {
    self.bits = bits
  }

  /// Takes 32 bytes; nil if there are more or fewer.
  package init?(bytes: [UInt8]) {
    guard let bits = Bits256(bytes: bytes) else { return nil }
    self.init(bits: bits)
  }

  /// Takes 64 hexadecimal digits of either case; nil for anything else.
  package init?(hexadecimal text: String) {
    guard let bits = Bits256(hexadecimal: text) else { return nil }
    self.init(bits: bits)
  }

  /// The 32 bytes.
  package var bytes: [UInt8] { bits.bytes }

  /// Orders as the bytes do, the first byte first.
  package static func < (left: PublicKey, right: PublicKey) -> Bool {
    left.bits < right.bits
  }
}

extension PublicKey: CustomStringConvertible {
  /// 64 hexadecimal digits.
  package var description: String { bits.hexadecimal }
}
