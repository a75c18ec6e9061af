/// The lowest and the highest of something's protocol versions.
package struct VersionRange: Equatable, Sendable {
  /// The lowest version.
  package var lowest: UInt16
  /// The highest version.
  package var highest: UInt16

  /// The versions between these two, both included.
  package init(lowest: UInt16, highest: UInt16) {
    self.lowest = lowest
    self.highest = highest
  }

  /// What this program speaks.
  package static let ours = VersionRange(
    lowest: Limits.protocolVersionMin,
    highest: Limits.protocolVersionMax
  )

  /// The highest version in both ranges, or nil if they have none in common.
  package func chosen(with other: VersionRange) -> UInt16? {
    let best = min(highest, other.highest)
    return best >= max(lowest, other.lowest) ? best : nil
  }
}
