/// Folds a state into 64 bits, the same on every machine; it finds differences, not forgers.
package struct StateDigest: Sendable {
  /// The digest of everything folded in so far.
  package private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  /// The digest of nothing.
  package init() {}

  /// Folds in a number.
  package mutating func fold(_ number: UInt64) {
    var mixed = value ^ number
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    value = (mixed ^ (mixed >> 31)) &+ 0x9E37_79B9_7F4A_7C15
  }

  /// Folds in bytes and their count.
  package mutating func fold(_ bytes: [UInt8]) {
    fold(UInt64(bytes.count))
    var word: UInt64 = 0
    for (offset, byte) in bytes.enumerated() {
      word = word << 8 | UInt64(byte)
      if offset & 7 == 7 {
        fold(word)
        word = 0
      }
    }
    if bytes.count & 7 != 0 { fold(word) }
  }
}
