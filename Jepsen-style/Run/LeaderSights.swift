/// Who was seen to lead, in the order in which they were seen.
struct LeaderSights {
  /// The first sight of each term's leader.
  private(set) var sights: [LeaderSight] = []
  /// That two led in one term, which Raft never has (§5.2); nil if nobody saw such a thing.
  private(set) var problem: String?

  /// Looks at the nodes; what a liar says of itself proves nothing.
  mutating func note(_ views: [NodeView], at now: Int64, liars: Set<Int> = []) {
    for view in views where view.role == "leader" {
      guard let term = view.term else { continue }
      guard let known = sights.first(where: { $0.term == term }) else {
        sights.append(LeaderSight(at: now, node: view.id, term: term))
        continue
      }
      guard known.node != view.id, liars.isDisjoint(with: [known.node, view.id]) else { continue }
      problem = problem ?? "n\(known.node) and n\(view.id) both led in term \(term)"
    }
  }
}
