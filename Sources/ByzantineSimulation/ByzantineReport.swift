import BSON

/// What came of a seed of the Byzantine mode.
package struct ByzantineReport: Equatable, Sendable {
  /// Where everything came from.
  package let seed: UInt64
  /// How many replicas there were.
  package let nodes: Int
  /// How many of them lied.
  package let liars: Int
  /// How long the run took in its own time.
  package let simulatedMicroseconds: UInt64
  /// How many requests every honest replica has carried out.
  package let operations: Int
  /// The highest view that anybody came to.
  package let views: UInt64
  /// How often an honest replica lost its power.
  package let crashes: Int
  /// How many proofs honest replicas have reported.
  package let evidence: Int
  /// A digest over every message in its order: equal for equal seeds, whatever the process.
  package let traceHash: UInt64
  /// What is wrong; nil if every promise was kept.
  package let problem: String?

  /// The report as one JSON object.
  package var jsonText: String {
    var fields = [
      "\"mode\": \"bft\"", "\"seed\": \(seed)", "\"nodes\": \(nodes)", "\"liars\": \(liars)",
      "\"simulated_seconds\": \(simulatedMicroseconds / 1_000_000)",
      "\"operations\": \(operations)", "\"leader_changes\": \(views)",
      "\"crashes\": \(crashes)", "\"evidence\": \(evidence)",
      "\"trace_hash\": \"\(hashText)\"",
      "\"verdict\": \"\(problem == nil ? "ok" : "broken")\"",
    ]
    if let problem { fields.append("\"reason\": \(JSONText.quoted(problem))") }
    return "{" + fields.joined(separator: ", ") + "}"
  }

  /// The report as lines for people.
  package var tableText: String {
    [
      "seed        \(seed)", "nodes       \(nodes), of which lie \(liars)",
      "simulated   \(simulatedMicroseconds / 1_000_000) s", "operations  \(operations)",
      "views       \(views)", "crashes     \(crashes)", "evidence    \(evidence)",
      "trace hash  \(hashText)", "verdict     \(problem ?? "ok")",
    ].joined(separator: "\n")
  }

  private var hashText: String {
    let digits = String(traceHash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
