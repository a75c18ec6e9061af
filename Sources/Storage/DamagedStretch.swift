/// Positions of a journal that were synced once and cannot be read any more.
///
/// Their records may have been acknowledged: until others have refilled them, the node must not
/// act as if they had never been (protocol-aware recovery, FAST'18).
package struct DamagedStretch: Equatable, Sendable {
  /// The first position lost.
  package let first: UInt64
  /// The last position that may be lost; an upper bound where `isBound` says so.
  package let last: UInt64
  /// Whether `last` is only the most that there can have been: a segment's end is lost.
  package let isBound: Bool
  /// The file in which the damage begins.
  package let file: String
  /// Where it begins there.
  package let offset: Int
  /// What shows that these positions had been synced.
  package let proof: String
}
