import Wire

/// What only the owner of a key can have made from given bytes: 64 bytes in place.
package struct Signature: Hashable, Sendable {
  /// The first 32 bytes; in Ed25519 the point R.
  package let first: Bits256
  /// The last 32 bytes; in Ed25519 the number S.
  package let second: Bits256

  /// How many bytes it is.
  package static let size = 2 * Bits256.size

  /// Where a signature is about to be put.
  package static let unsigned = Signature(first: .zero, second: .zero)

  /// A signature of these halves.
  package init(first: Bits256, second: Bits256) {
    self.first = first
    self.second = second
  }

  /// Takes 64 bytes; nil if there are more or fewer.
  package init?(bytes: [UInt8]) {
    guard bytes.count == Self.size,
      let first = Bits256(bytes: Array(bytes[..<Bits256.size])),
      let second = Bits256(bytes: Array(bytes[Bits256.size...]))
    else { return nil }
    self.init(first: first, second: second)
  }

  /// The 64 bytes.
  package var bytes: [UInt8] { encoded(expectedSize: Self.size) }
}

extension Signature: CustomStringConvertible {
  /// 128 hexadecimal digits.
  package var description: String { first.hexadecimal + second.hexadecimal }
}
