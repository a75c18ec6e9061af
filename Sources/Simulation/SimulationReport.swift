import BSON

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

  /// Where everything came from.
  package let seed: UInt64
  /// How many nodes there were.
  package let nodes: Int
  /// How long the run took in its own time.
  package let simulatedMicroseconds: UInt64
  /// How many operations of clients were answered.
  package let operations: Int
  /// A digest over every event in its order: equal for equal seeds, whatever the process.
  package let traceHash: UInt64
  /// The faults that took effect.
  package let faults: [FaultCount]
  /// How often another leader was elected.
  package let leaderChanges: Int
  /// How often a node went down.
  package let crashes: Int
  /// How it ended.
  package let verdict: Verdict
  /// The last events before the end, for people; empty if all went well.
  package let trace: [String]
}

extension SimulationReport {
  /// The report as one JSON object.
  package var jsonText: String {
    var fields = [
      "\"seed\": \(seed)", "\"nodes\": \(nodes)",
      "\"simulated_seconds\": \(simulatedMicroseconds / 1_000_000)",
      "\"operations\": \(operations)", "\"trace_hash\": \"\(hashText)\"",
      "\"leader_changes\": \(leaderChanges)", "\"crashes\": \(crashes)",
      "\"faults\": {"
        + faults.map { "\"\($0.kind.rawValue)\": \($0.count)" }.joined(separator: ", ") + "}",
      "\"verdict\": \"\(verdict.name)\"",
    ]
    if case .broken(let violation) = verdict {
      fields.append("\"promise\": \(JSONText.quoted(violation.promise))")
      fields.append("\"reason\": \(JSONText.quoted(violation.reason))")
      fields.append("\"trace\": [" + trace.map(JSONText.quoted).joined(separator: ", ") + "]")
    }
    return "{" + fields.joined(separator: ", ") + "}"
  }

  /// The report as lines for people.
  package var tableText: String {
    var lines = [
      "seed            \(seed)", "nodes           \(nodes)",
      "simulated       \(simulatedMicroseconds / 1_000_000) s",
      "operations      \(operations)", "leader changes  \(leaderChanges)",
      "crashes         \(crashes)", "trace hash      \(hashText)",
      "faults          " + faults.map { "\($0.kind.rawValue) \($0.count)" }.joined(separator: ", "),
    ]
    if case .broken(let violation) = verdict {
      lines.insert(contentsOf: trace, at: 0)
      lines.append("verdict         \(verdict.name): \(violation.promise): \(violation.reason)")
      lines.append("repeat with     lockstep sim run --seed \(seed) --nodes \(nodes)")
    } else {
      lines.append("verdict         \(verdict.name)")
    }
    return lines.joined(separator: "\n")
  }

  private var hashText: String {
    let digits = String(traceHash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
