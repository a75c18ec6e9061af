package import Wire

/// Folds a state, or what came of commands, into 64 bits, the same on every machine; it finds
/// differences, not forgers.
@usableFromInline
package struct StateDigest: Sendable {
  @usableFromInline
  var mixture: UInt64 = 0xCBF2_9CE4_8422_2325

  /// The digest of nothing.
  @inlinable
  package init() {}

  /// Goes on where a digest of this value ended.
  package init(continuing value: UInt64) {
    mixture = value
  }

  /// The digest of everything folded in so far.
  @inlinable
  package var value: UInt64 { mixture }

  /// Folds in a number: eight instructions.
  @inlinable
  package mutating func fold(_ number: UInt64) {
    var mixed = mixture ^ number
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    mixture = (mixed ^ (mixed >> 31)) &+ 0x9E37_79B9_7F4A_7C15
  }

  /// Folds in bytes by their count and checksum: an instruction for eight of them.
  package mutating func fold(_ bytes: [UInt8]) {
    fold(Bytes(bytes))
  }

  /// Folds in shared bytes, as those of an array of their own.
  package mutating func fold(_ bytes: Bytes) {
    let checksum = CRC32C.checksum(bytes.storage, bytes.range)
    fold(UInt64(bytes.count) << 32 | UInt64(checksum))
  }

  /// Folds in compact bytes, as those of an array.
  package mutating func fold(_ bytes: CompactBytes) {
    fold(UInt64(bytes.count) << 32 | UInt64(CRC32C.checksum(bytes)))
  }
}
