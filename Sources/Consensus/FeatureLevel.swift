/// How much a build understands of what members say to each other and keep in common (decision
/// 0034).
///
/// A level includes all lower ones. What a level has brought is used only where it is understood:
/// a message by whoever it goes to, a command by all members.
package struct FeatureLevel: Hashable, Comparable, Sendable {
  /// The number that travels in handshakes.
  package let rawValue: UInt16

  /// A level of this number.
  @inlinable
  package init(_ rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// What every build understands that does not name a level: messages 1 to 20, commands and
  /// snapshots of version 1, configurations of versions 1 and 2.
  package static let base = FeatureLevel(1)
  /// The repair of damaged logs: messages 21 to 26.
  package static let repair = FeatureLevel(2)
  /// Whoever repairs its log is told which configuration is committed: message 27.
  package static let settledRepair = FeatureLevel(3)

  /// What this build understands.
  package static let own = settledRepair

  /// The lower level is the one of the older build.
  @inlinable
  package static func < (left: FeatureLevel, right: FeatureLevel) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// A message between members that earlier builds may not understand.
package protocol LeveledMessage: Sendable {
  /// The first level at which members understand it.
  var level: FeatureLevel { get }
}

extension FeatureLevel: CustomStringConvertible {
  /// The bare number.
  package var description: String { "\(rawValue)" }
}
