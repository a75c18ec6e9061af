/// The SHA-256 of something: equal digests mean equal bytes, even where somebody wishes otherwise.
package struct Digest: Hashable, Comparable, Sendable {
  /// The 256 bits.
  package let bits: Bits256

  /// Where the bytes of no digest stand: the parent of the first block, an absent new view.
  package static let zero = Digest(bits: .zero)

  /// A digest of these bits.
  package init(bits: Bits256) {
    self.bits = bits
  }

  /// Takes 32 bytes; nil if there are more or fewer.
  package init?(bytes: [UInt8]) {
    guard let bits = Bits256(bytes: bytes) else { return nil }
    self.init(bits: bits)
  }

  /// The 32 bytes.
  package var bytes: [UInt8] { bits.bytes }

  /// Orders as the bytes do, the first byte first.
  package static func < (left: Digest, right: Digest) -> Bool {
    left.bits < right.bits
  }
}

extension Digest: CustomStringConvertible {
  /// 64 hexadecimal digits.
  package var description: String { bits.hexadecimal }
}
