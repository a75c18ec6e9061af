/// 64-bit digests of canonical forms, equal in every process.
enum Fingerprint {
  /// A digest of bytes.
  static func of(_ bytes: [UInt8]) -> UInt64 {
    var digest = UInt64(bytes.count)
    var word: UInt64 = 0
    for (place, byte) in bytes.enumerated() {
      word = word << 8 | UInt64(byte)
      if place % 8 == 7 {
        digest = mixed(digest ^ word)
        word = 0
      }
    }
    return mixed(digest ^ word)
  }

  /// Spreads a word's bits: the end of SplitMix64, a bijection.
  static func mixed(_ word: UInt64) -> UInt64 {
    var mixed = word &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
