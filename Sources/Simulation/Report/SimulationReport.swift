import BSON
import Wire

/// What came of a seed.
package struct SimulationReport: Sendable {
  /// How a run can end without stopping the process; a crash of the product stops it.
  package enum Verdict: Equatable, Sendable {
    /// Every promise was kept.
    case ok
    /// A promise was broken.
    case broken(Violation)

    /// `ok`, `safety` or `liveness`.
    package var name: String {
      switch self {
      case .ok: "ok"
      case .broken(let violation): violation.kind.rawValue
      }
    }
  }

  /// A kind of fault and how often it took effect.
  package struct FaultCount: Equatable, Sendable {
    /// The kind.
    package let kind: FaultKind
    /// How often it took effect.
    package let count: Int
  }

  /// A mark and how often it was reached.
  package struct MarkCount: Equatable, Sendable {
    /// The mark.
    package let mark: CoverageMark
    /// How often it was reached.
    package let count: Int
  }

  /// What there is to see where a promise was broken.
  package struct Aftermath: Equatable, Sendable {
    /// When, in the run's own time.
    package let microseconds: UInt64
    /// The last events, oldest first.
    package let trace: [String]
    /// How each node stands.
    package let standings: [String]
  }

  /// Where everything came from.
  package let seed: UInt64
  /// How many nodes founded the cluster; those that join later are not counted.
  package let nodes: Int
  /// How long the run took in its own time.
  package let simulatedMicroseconds: UInt64
  /// How many operations of clients were answered.
  package let operations: Int
  /// A digest over every event in its order: equal for equal seeds, whatever the process.
  package let traceHash: UInt64
  /// All faults, with how often they took effect.
  package let faults: [FaultCount]
  /// The states that must be reached by some run, as far as this one did.
  package let coverage: [MarkCount]
  /// How often another leader was elected.
  package let leaderChanges: Int
  /// How often a node went down.
  package let crashes: Int
  /// How many keys had an order only with the fates of what nobody saw the answer of.
  package let keysNeedingFates: Int
  /// How it ended.
  package let verdict: Verdict
  /// What led to a broken promise, for people.
  package let aftermath: Aftermath?
}

extension SimulationReport {
  /// The report as one JSON object.
  package var jsonText: String {
    let fields = [
      "\"seed\": \(seed)", "\"nodes\": \(nodes)",
      "\"simulated_seconds\": \(simulatedMicroseconds / 1_000_000)",
      "\"operations\": \(operations)", "\"trace_hash\": \"\(hashText)\"",
      "\"leader_changes\": \(leaderChanges)", "\"crashes\": \(crashes)",
      "\"keys_needing_fates\": \(keysNeedingFates)",
      "\"faults\": {"
        + faults.map { "\"\($0.kind.rawValue)\": \($0.count)" }.joined(separator: ", ") + "}",
      "\"coverage\": {"
        + coverage.map { "\"\($0.mark.name)\": \($0.count)" }.joined(separator: ", ") + "}",
    ]
    let all = fields + Self.ending(verdict, aftermath).map { "\"\($0.name)\": \($0.value)" }
    return "{" + all.joined(separator: ", ") + "}"
  }

  /// A verdict's fields, and what led there.
  static func ending(
    _ verdict: Verdict,
    _ aftermath: Aftermath?
  ) -> [(name: String, value: String)] {
    var fields = [("verdict", quoted(verdict.name))]
    if case .broken(let violation) = verdict {
      fields.append(("promise", quoted(violation.promise)))
      fields.append(("sentence", quoted(violation.sentence)))
      fields.append(("reason", quoted(violation.reason)))
    }
    if let aftermath {
      fields.append(("broken_at_ms", "\(aftermath.microseconds / 1_000)"))
      fields.append(("standings", list(aftermath.standings)))
      fields.append(("trace", list(aftermath.trace)))
    }
    return fields
  }

  /// An object of fields whose values are JSON already.
  static func object(_ fields: [(name: String, value: String)]) -> String {
    "{" + fields.map { "\(quoted($0.name)): \($0.value)" }.joined(separator: ", ") + "}"
  }

  /// A text as JSON.
  static func quoted(_ text: String) -> String { JSONText.quoted(text) }

  static func list(_ lines: [String]) -> String {
    "[" + lines.map(JSONText.quoted).joined(separator: ", ") + "]"
  }

  /// The report as lines for people.
  package var tableText: String {
    var lines = [
      "seed            \(seed)", "nodes           \(nodes)",
      "simulated       \(simulatedMicroseconds / 1_000_000) s",
      "operations      \(operations)", "leader changes  \(leaderChanges)",
      "crashes         \(crashes)", "needing fates   \(keysNeedingFates) keys",
      "trace hash      \(hashText)",
      "faults          " + Self.words(faults.map { ($0.kind.rawValue, $0.count) }),
      "reached         " + Self.words(coverage.map { ($0.mark.name, $0.count) }),
    ]
    guard case .broken(let violation) = verdict else {
      return (lines + ["verdict         \(verdict.name)"]).joined(separator: "\n")
    }
    if let aftermath {
      let trace = Array(aftermath.trace.suffix(Self.traceLinesMax))
      lines = trace + [""] + aftermath.standings + [""] + lines
    }
    lines += [
      "verdict         \(verdict.name): \(violation.promise): \(violation.reason)",
      "promise         \(violation.sentence)",
      "repeat with     lockstep sim run --seed \(seed) --nodes \(nodes)",
    ]
    return lines.joined(separator: "\n")
  }

  private static func words(_ counts: [(name: String, count: Int)]) -> String {
    counts.filter { $0.count > 0 }.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
  }

  private static let traceLinesMax = 60

  private var hashText: String {
    traceHash.padded(to: 16, radix: 16)
  }
}
