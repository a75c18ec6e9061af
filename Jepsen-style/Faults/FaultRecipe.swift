/// A combination of faults that has found bugs elsewhere.
package struct FaultRecipe: Sendable {
  /// One fault of a round.
  struct Step: Sendable {
    /// Since the beginning of the round, in milliseconds.
    let at: Int
    let lasts: Int
    let kind: FaultKind
    /// The place in a shuffled row of the nodes; equal places are the same node.
    var place = 0
  }

  /// How the faults meet.
  enum Shape: Sendable {
    /// In rounds, each with these steps; the length of a round, in milliseconds.
    case rounds([Step], length: Int)
    /// As the dice have it.
    case mixed([FaultKind])
  }

  /// The name on the command line.
  package let name: String
  /// What it does and where it comes from.
  package let summary: String
  var shape: Shape
  /// How much the log grows between two snapshots, as `server start` takes it; nil: as it ships,
  /// which is more than a short run writes.
  var snapshotAfter: String?
  /// Calls that each client begins in a second; nil: as many as in any run.
  var rate: Int?

  /// What has to happen for a run of it to count.
  var goals: [FaultGoal] = []

  /// The kinds of fault in it.
  package var kinds: [FaultKind] {
    switch shape {
    case .rounds(let steps, _):
      FaultKind.allCases.filter { kind in steps.contains { $0.kind == kind } }
    case .mixed(let kinds): kinds
    }
  }

  /// The recipe of a name.
  package static func named(_ name: String) -> FaultRecipe? {
    all.first { $0.name == name }
  }
}
