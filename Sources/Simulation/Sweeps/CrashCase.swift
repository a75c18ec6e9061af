/// A crash of one node at one call of its disk, and what is left of what was not synced.
struct CrashCase {
  /// The number of the call among those that change the node's disk, counted from 1.
  let step: Int
  let cut: PowerCut
}

/// What came of one crash of the reference run, or of two.
package struct CrashReport: Sendable {
  /// The number of the case, or the seed of a pair.
  package let number: Int
  /// The node that went down, counted from 1.
  package let node: Int
  /// The calls at which it went down, and what was left each time.
  package let crashes: [String]
  /// The kind of the first crash's cut.
  package let kind: String
  /// How long the run took in its own time.
  package let simulatedMicroseconds: UInt64
  /// How it ended.
  package let verdict: SimulationReport.Verdict
  /// What led to a broken promise, for people.
  package let aftermath: SimulationReport.Aftermath?

  /// The report as one JSON object on a line.
  package var jsonText: String {
    SimulationReport.object(
      [
        ("case", "\(number)"), ("node", "\(node)"), ("kind", SimulationReport.quoted(kind)),
        ("crashes", SimulationReport.list(crashes)), ("counts", "{\"crashes\": \(crashes.count)}"),
        ("simulated_ms", "\(simulatedMicroseconds / 1_000)"),
      ] + SimulationReport.ending(verdict, aftermath)
    )
  }
}

/// What happened in the reference run of a node: too little of anything proves nothing.
package struct ReferenceFacts: Sendable {
  /// How many operations were answered.
  package let operations: Int
  /// How many calls changed the node's disk.
  package let steps: Int
  /// How many segments it began.
  package let segments: Int
  /// How many snapshots were written, on all nodes.
  package let snapshots: Int
  /// How many were installed, on all nodes.
  package let installs: Int
  /// How many nodes vote in the end.
  package let voters: Int
  /// The most changes that a power cut could take away at one step.
  package let pendingMax: Int
  /// How many cases there are.
  package let cases: Int

  /// What a reference run must have had and this one has not.
  package var missing: String? {
    if operations < ReferenceScene.operationsMin { return "\(operations) operations" }
    if segments < 2 { return "no segment turned" }
    if snapshots < 6 { return "\(snapshots) snapshots" }
    if installs < 2 { return "\(installs) installs" }
    return voters == 4 ? nil : "\(voters) voters"
  }

  /// The facts as one JSON object.
  package var jsonText: String {
    SimulationReport.object([
      ("operations", "\(operations)"), ("steps", "\(steps)"), ("segments", "\(segments)"),
      ("snapshots", "\(snapshots)"), ("installs", "\(installs)"), ("voters", "\(voters)"),
      ("pending_max", "\(pendingMax)"), ("cases", "\(cases)"),
    ])
  }
}
