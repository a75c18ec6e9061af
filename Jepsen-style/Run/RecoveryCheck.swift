/// Whether a cluster is whole again, asked again and again.
///
/// What its leader had committed when it was first asked, every node has to apply: that stays where
/// it is while clients go on, and is everything once nobody calls any more. Whether equal entries
/// gave equal states the nodes compare among themselves, and say so.
package struct RecoveryCheck {
  private let mode: ClusterMode
  /// What was committed when a leader was first seen.
  private var target: UInt64?

  /// Nobody was asked yet.
  package init(_ mode: ClusterMode) { self.mode = mode }

  /// What keeps nodes from being whole; nil if nothing does.
  package mutating func problem(in views: [NodeView]) -> String? {
    let leaders = views.filter { $0.role == "leader" }
    guard let leader = leaders.max(by: { $0.term ?? 0 < $1.term ?? 0 }),
      let committed = target ?? leader.commit
    else { return "no node leads" }
    target = committed
    for view in views {
      if let problem = problem(of: view, leader) { return problem }
      let applied = view.applied ?? 0
      guard applied >= committed else {
        return "n\(view.id) is behind: it has applied \(applied) of \(committed)"
      }
    }
    return nil
  }

  private func problem(of view: NodeView, _ leader: NodeView) -> String? {
    guard view.state == nil || view.state == "sound" else {
      return "n\(view.id) is \(view.state ?? "")"
    }
    guard view.id != leader.id else { return nil }
    if view.role == "leader", mode == .raft { return "n\(view.id) leads beside n\(leader.id)" }
    guard view.role != "leader" else { return nil }
    guard view.role == "follower" else { return "n\(view.id) is \(view.role)" }
    // In mode bft a replica that lost patience alone waits in a later view until others follow.
    let isAhead = mode == .bft && view.term ?? 0 > leader.term ?? 0
    guard view.term == leader.term || isAhead else { return "n\(view.id) is in another term" }
    return nil
  }
}
