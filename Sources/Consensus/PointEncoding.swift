/// The strict reading of a point of Ed25519's curve: one form for each, and none of small order.
///
/// OpenSSL checks that S is below the group's order and compares R byte for byte. It takes keys
/// in a second form, however, and keys of small order, under which one signature fits many
/// messages: whoever owns such a key could deny what was signed, so it is no key here.
package enum PointEncoding {
  /// The y of all points whose order divides 8, as little-endian numbers: 0, 1, −1 and two more.
  private static let smallOrder: [Bits256] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  ].compactMap { Bits256(hexadecimal: $0) }

  /// Whether a point of more than small order may stand in this form.
  package static func isStrict(_ point: Bits256) -> Bool {
    var bytes = point.bytes
    // The highest bit is the sign of x.
    bytes[Bits256.size - 1] &= 0x7F
    guard isBelowPrime(bytes), let y = Bits256(bytes: bytes) else { return false }
    return !smallOrder.contains(y)
  }

  /// Whether a little-endian number is below 2²⁵⁵ − 19, whose bytes are `ed ff … ff 7f`.
  private static func isBelowPrime(_ bytes: [UInt8]) -> Bool {
    guard bytes[Bits256.size - 1] == 0x7F else { return true }
    return bytes[0] < 0xED || bytes[1..<Bits256.size - 1].contains { $0 != 0xFF }
  }
}
