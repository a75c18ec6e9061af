import BSON
import Consensus
import Simulation
import Wire

/// What came of a seed of the Byzantine mode.
package struct ByzantineReport: Sendable {
  /// What the run was to do.
  package let plan: ByzantinePlan
  /// How long the run took in its own time, and the healing of it.
  package let simulatedMicroseconds: UInt64
  /// How long after the storm everything was well.
  package let healedMicroseconds: UInt64
  /// For how long the storm left enough honest replicas well.
  package let respiteMicroseconds: UInt64
  /// The longest part of that in which no client was answered.
  package let idleMicroseconds: UInt64
  /// How many operations of honest clients were answered.
  package let operations: Int
  /// How many entries were applied.
  package let entries: Int
  /// The highest view that an honest replica is in.
  package let views: UInt64
  /// How often an honest replica went down.
  package let crashes: Int
  /// How many proofs honest replicas have reported.
  package let evidence: Int
  /// How many keys the search for an order gave up on.
  package let undecidedKeys: Int
  /// How often each fault took effect, in the order of the faults.
  package let faults: [Int]
  /// How often each lie was told, in the order of the lies.
  package let lies: [Int]
  /// How often each state was reached, in the order of the marks.
  package let marks: [Int]
  /// A digest over every event in its order: equal for equal seeds, whatever the process.
  package let traceHash: UInt64
  /// What is wrong; nil if every promise was kept.
  package let problem: String?
  /// What led there, and how everybody stood.
  package let trace: [String]

  init(_ cluster: ByzantineCluster, problem: String?) {
    plan = cluster.plan
    simulatedMicroseconds = cluster.now
    healedMicroseconds = cluster.healedMicroseconds
    respiteMicroseconds = cluster.respite.microseconds
    idleMicroseconds = cluster.respite.longestIdleMicroseconds
    operations = cluster.history.answeredCount
    entries = cluster.checker.appliedCount
    views = cluster.highestView
    crashes = cluster.checker.crashes
    evidence = cluster.checker.evidenceCount
    undecidedKeys = cluster.history.undecided
    faults = cluster.faults.counts
    lies = cluster.adversary.told.counts
    marks = cluster.marks.counts
    traceHash = cluster.trace.digest
    self.problem = problem
    trace = problem == nil ? [] : cluster.trace.lines + [cluster.standing]
  }

  /// The promise that is broken, by its id.
  package var promise: String? {
    problem.map { String($0.prefix { $0 != ":" }) }
  }
}

extension ByzantineReport {
  /// The report as one JSON object.
  package var jsonText: String {
    var fields = [
      "\"mode\": \"bft\"", "\"seed\": \(plan.seed)", "\"nodes\": \(plan.replicas)",
      "\"liars\": \(Self.list(plan.liars.map(String.init)))",
      "\"lies\": \(Self.list(plan.lies.map { JSONText.quoted($0.rawValue) }))",
      "\"simulated_seconds\": \(simulatedMicroseconds / 1_000_000)",
      "\"healed_ms\": \(healedMicroseconds / 1_000)",
      "\"respite_ms\": \(respiteMicroseconds / 1_000)",
      "\"idle_ms\": \(idleMicroseconds / 1_000)",
      "\"operations\": \(operations)", "\"entries\": \(entries)",
      "\"leader_changes\": \(views)", "\"crashes\": \(crashes)",
      "\"evidence\": \(evidence)", "\"undecided_keys\": \(undecidedKeys)",
      "\"trace_hash\": \"\(hashText)\"",
      "\"faults\": " + Self.object(zip(ByzantineFault.allCases.map(\.rawValue), faults)),
      "\"told\": " + Self.object(zip(Lie.allCases.map(\.rawValue), self.lies)),
      "\"coverage\": " + Self.object(zip(ByzantineMark.allCases.map(\.rawValue), marks)),
      "\"verdict\": \"\(verdict)\"",
    ]
    if let problem, let promise {
      fields.append("\"promise\": \(JSONText.quoted(promise))")
      fields.append("\"reason\": \(JSONText.quoted(problem))")
      fields.append("\"trace\": \(Self.list(trace.map(JSONText.quoted)))")
    }
    return "{" + fields.joined(separator: ", ") + "}"
  }

  /// The report as lines for people.
  package var tableText: String {
    let names = plan.lies.map(\.rawValue).joined(separator: ", ")
    let lies = plan.liars.isEmpty ? "nobody" : plan.liars.map { "r\($0)" }.joined(separator: ", ")
    let lines = [
      "seed         \(plan.seed)", "replicas     \(plan.replicas)",
      "liars        \(lies)\(names.isEmpty ? "" : ": \(names)")",
      "simulated    \(simulatedMicroseconds / 1_000_000) s, "
        + "well \(healedMicroseconds / 1_000) ms after the storm",
      "respite      \(respiteMicroseconds / 1_000) ms of the storm, "
        + "\(idleMicroseconds / 1_000) ms of them without an answer at most",
      "operations   \(operations), in \(entries) entries",
      "views        \(views)", "crashes      \(crashes)", "evidence     \(evidence)",
      "faults       " + Self.words(zip(ByzantineFault.allCases.map(\.rawValue), faults)),
      "told         " + Self.words(zip(Lie.allCases.map(\.rawValue), self.lies)),
      "reached      " + Self.words(zip(ByzantineMark.allCases.map(\.rawValue), marks)),
      "trace hash   \(hashText)", "verdict      \(problem ?? "ok")",
    ]
    return (trace.suffix(80) + lines).joined(separator: "\n")
  }

  private var verdict: String {
    guard let promise else { return "ok" }
    return promise == "I15" ? "liveness" : "safety"
  }

  private var hashText: String {
    traceHash.padded(to: 16, radix: 16)
  }

  private static func list(_ values: [String]) -> String {
    "[" + values.joined(separator: ", ") + "]"
  }

  private static func object(_ counts: some Sequence<(String, Int)>) -> String {
    "{" + counts.map { "\(JSONText.quoted($0.0)): \($0.1)" }.joined(separator: ", ") + "}"
  }

  private static func words(_ counts: some Sequence<(String, Int)>) -> String {
    counts.filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
  }
}
