/// What frames have met with on a link.
package struct LinkCounts: Equatable, Sendable {
  /// Frames that arrived as they were.
  package internal(set) var passed = 0
  /// Frames, and connections, that waited because the link was cut.
  package internal(set) var held = 0
  /// Frames that were made to arrive late.
  package internal(set) var delayed = 0
  /// Frames that were lost.
  package internal(set) var lost = 0
  /// Frames that arrived twice.
  package internal(set) var duplicated = 0
  /// Frames in which a bit was flipped.
  package internal(set) var corrupted = 0
  /// Connections that ended in mid-frame.
  package internal(set) var truncated = 0
  /// Old frames that arrived again.
  package internal(set) var replayed = 0
  /// How often frames had to wait for a slow reader.
  package internal(set) var slowed = 0

  /// What a kind of fault alone does to frames: others may be at work on the same link.
  func met(by kind: FaultKind) -> Int {
    switch kind {
    case .linkDelay: delayed
    case .linkLoss: lost
    case .linkDuplicate: duplicated
    case .linkCorrupt: corrupted
    case .linkTruncate: truncated
    case .linkReplay: replayed
    case .linkSlowReader: slowed
    default: held
    }
  }

  static func + (left: LinkCounts, right: LinkCounts) -> LinkCounts {
    var sum = left
    sum.passed += right.passed
    sum.held += right.held
    sum.delayed += right.delayed
    sum.lost += right.lost
    sum.duplicated += right.duplicated
    sum.corrupted += right.corrupted
    sum.truncated += right.truncated
    sum.replayed += right.replayed
    sum.slowed += right.slowed
    return sum
  }
}
