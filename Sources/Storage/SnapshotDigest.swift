import Wire

/// 64 bits over a whole snapshot file, eight bytes at a time.
///
/// It finds what 32-bit checksums of single chunks may miss: `state = rotate(state XOR word, 29) ×
/// 0x9E3779B97F4A7C15`, words little-endian, beginning with 0. Each step is one-to-one in the state
/// and in the word.
struct SnapshotDigest: Equatable, Sendable {
  private(set) var value: UInt64 = 0

  /// Folds in bytes whose count is a multiple of 8.
  mutating func fold(_ bytes: [UInt8]) throws(WireError) {
    var reader = ByteReader(bytes)
    var state = value
    while reader.remaining > 0 {
      state ^= try reader.read(UInt64.self)
      state = (state << 29 | state >> 35) &* 0x9E37_79B9_7F4A_7C15
    }
    value = state
  }
}
