/// Whom the nodes of mode `bft` that do not lie accuse, when all of them are down.
///
/// Proof of a lie is worth something only if nobody else is ever named: an honest node that stands
/// convicted is as bad as an answer that cannot be.
package struct Accusations: Equatable, Sendable {
  /// A proof that a node keeps, as `lockstep evidence ls` shows it.
  package struct Proof: Equatable, Sendable {
    /// Who keeps it.
    package var keeper: Int
    /// What it proves, such as `E1`.
    package var kind: String
    /// Whether it proves that.
    package var verdict: String
    /// Whom it names.
    package var culprit: String

    /// The node that it names; nil if that is a client, or nobody.
    package var culpritNode: Int? { Accusations.node(in: culprit) }
  }

  /// What the nodes keep.
  package var proofs: [Proof] = []
  /// How `lockstep audit` of their directories ended.
  package var audit = ChildProcess.End.exited(0)
  /// What it said is wrong.
  package var auditFaults: [String] = []
  /// Whom nothing could be asked, and why.
  package var failures: [String] = []

  /// How the audit is called in a word.
  package var auditWord: String {
    switch audit {
    case .exited(0): "sound"
    case .exited(5): "unproven"
    case .exited(9): "faulty"
    case .exited, .signalled: "none"
    }
  }

  /// The proofs by kind and culprit, for people.
  package var summary: [String] {
    var counts: [(words: String, count: Int)] = []
    for proof in proofs {
      let words = "\(proof.kind) against \(proof.culprit)"
      if let place = counts.firstIndex(where: { $0.words == words }) {
        counts[place].count += 1
      } else {
        counts.append((words, 1))
      }
    }
    return counts.map { "\($0.count) × \($0.words)" }
  }

  /// What is wrong with them; nil if nothing is.
  ///
  /// Suspects are the nodes that may be named: they lie, or lost what they had promised.
  func problem(suspects: Set<Int>) -> String? {
    for proof in proofs where proof.verdict != "proven" && !suspects.contains(proof.keeper) {
      return "n\(proof.keeper) keeps evidence that is \(proof.verdict): \(proof.kind)"
    }
    for proof in proofs where proof.verdict == "proven" {
      guard let node = proof.culpritNode, suspects.contains(node) else {
        return "n\(proof.keeper) keeps \(proof.kind) against \(proof.culprit), which does not lie"
      }
    }
    for fault in auditFaults where !Self.isConviction(fault, of: suspects) {
      return "the audit finds: \(fault)"
    }
    if let failure = failures.first { return "evidence could not be looked for: \(failure)" }
    if auditWord == "faulty", auditFaults.isEmpty { return "the audit fails and does not say why" }
    return auditWord == "none" ? "there is no audit: \(audit)" : nil
  }

  /// Whether a fault is a proof of a lie, `E1: replica 3, node 4: …`, and names one of these.
  private static func isConviction(_ fault: String, of suspects: Set<Int>) -> Bool {
    let parts = fault.split(separator: ":", maxSplits: 2)
    guard parts.count == 3, parts[0].first == "E", parts[0].dropFirst().first?.isNumber == true
    else { return false }
    return node(in: String(parts[1])).map(suspects.contains) ?? false
  }

  private static func node(in words: String) -> Int? {
    words.range(of: "node ").flatMap { Int(words[$0.upperBound...].prefix(while: \.isNumber)) }
  }
}

extension Accusations.Proof {
  /// A row of `lockstep evidence ls -o ndjson`.
  init(_ row: String, keptBy keeper: Int) {
    func field(_ name: String) -> String {
      guard let place = row.range(of: "\"\(name)\":") else { return "" }
      let value = row[place.upperBound...].drop { $0 == " " }
      return value.first == "\"" ? String(value.dropFirst().prefix { $0 != "\"" }) : ""
    }
    self.init(
      keeper: keeper,
      kind: field("kind"),
      verdict: field("verdict"),
      culprit: field("culprit")
    )
  }
}
