extension RunResult {
  /// The lies that leave proof with the others as soon as whoever tells them leads.
  private static let provingLies = ["equivocate", "stale-view-change"]
  /// For so long nothing may be broken around the moment in which a liar is seen to lead, in
  /// microseconds, before proof is asked for.
  private static let calm: (before: Int64, after: Int64) = (500_000, 1_000_000)

  /// What is wrong with what the nodes accuse each other of; nil if nothing is.
  package var accusationProblem: String? {
    guard let accusations else { return nil }
    // A node that lost what it had promised may contradict itself, and is convicted rightly.
    let struck = faults.filter(\.kind.destroys).flatMap(\.targets)
    return accusations.problem(suspects: plan.lyingNodes.union(struck)) ?? missingProof
  }

  /// A liar that had time to lie as primary, and that nobody can prove to have.
  private var missingProof: String? {
    for node in plan.lyingNodes.sorted() {
      let lie = plan.liars[node - 1 - plan.nodes + plan.liars.count].lie
      let hasLed = leaders.contains { $0.node == node && isCalm($0) }
      guard hasLed, Self.provingLies.contains(lie) else { continue }
      let isProven = accusations?.proofs.contains { $0.culpritNode == node } ?? false
      if !isProven { return "n\(node) led and told the lie '\(lie)', and nobody has proof of it" }
    }
    return nil
  }

  /// Whether nothing was broken and clients called when a node was seen to lead.
  private func isCalm(_ sight: LeaderSight) -> Bool {
    let (from, to) = (sight.at - Self.calm.before, sight.at + Self.calm.after)
    let lastCall = samples.map { $0.began + $0.took }.max() ?? 0
    return to < lastCall && !faults.contains { $0.from < to && $0.to > from }
  }
}
