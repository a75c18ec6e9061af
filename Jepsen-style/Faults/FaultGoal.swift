/// What a combination is for, besides that its faults are felt.
///
/// A run in which it did not happen has not tried it.
enum FaultGoal: Sendable {
  /// Nodes take snapshots while something is broken.
  case snapshot
  /// A node needs a snapshot, and receives it.
  case install
  /// A node leads after its disk has lost something.
  case struckNodeLeads

  /// That it did not happen, in a sentence; nil if it did.
  func missing(in result: RunResult) -> String? {
    switch self {
    case .snapshot:
      result.snapshots.taken > 0
        ? nil : "no node took a snapshot while anything was broken: more calls, or more time"
    case .install:
      result.installs > 0
        ? nil : "no node was so far behind that it needed a snapshot: more calls, or more time"
    case .struckNodeLeads:
      Self.struckNodeLed(in: result)
        ? nil : "no node whose disk was struck led after that: more time, or another seed"
    }
  }

  private static func struckNodeLed(in result: RunResult) -> Bool {
    result.faults.contains { fault in
      fault.kind.destroys && fault.wasFelt
        && result.leaders.contains { fault.targets.contains($0.node) && $0.at > fault.from }
    }
  }
}
