import Consensus
import Raft
import Replication

// The reference run, scene by scene.
extension SimulatedCluster {
  /// Plays the script to its end; once a node has gone down, only until all is well again.
  func playReference() throws(Violation) {
    for client in clients.indices {
      clients[client].isPatient = true
      clients[client].workload.valueSizeMin = ReferenceScene.valueSizeMin
    }
    try begin()
    while try !isReferenceOver(), try step() {}
    var replay = HistoryReplay(history, applied)
    try replay.check()
    _ = try KeyHistories(history, applied).check()
  }

  /// Looks at how things stand, and lets the script go on.
  func isReferenceOver() throws(Violation) -> Bool {
    guard var scene = reference else { return true }
    if crashes > scene.crashes { try noticeCrash(&scene) }
    let answered = history.answeredCount
    switch scene.act {
    case .opening:
      if answered >= ReferenceScene.followerLeavesAt, let leader {
        scene.act = .followerAway(fault: sendAway(leader == 2 ? 1 : 2))
      }
    case .followerAway(let fault):
      if answered >= ReferenceScene.followerReturnsAt {
        try endEpisode(fault)
        scene.act = scene.hasJoiner ? .joining : .closing
      }
    case .joining:
      if answered >= ReferenceScene.joinerComesAt, isJoined(&scene) { scene.act = .closing }
    case .closing:
      if answered >= ReferenceScene.operationsMin { stopAsking(&scene) }
    case .recovering(let answeredMin):
      if answered >= answeredMin, nodes.allSatisfy({ $0.process != nil || $0.isOut }), leader != nil
      {
        stopAsking(&scene)
      }
    case .ending:
      if try areAllEqual() { scene.act = .over }
    case .over: return true
    }
    reference = scene
    guard now < scene.deadline else {
      throw .liveness("L1", "\(scene.act) has no end: \(aftermath.standings)")
    }
    return false
  }

  /// Whatever went on is over; now everybody has to be well again.
  private func noticeCrash(_ scene: inout ReferenceScene) throws(Violation) {
    scene.crashes = crashes
    for id in episodes.indices { try endEpisode(id) }
    for client in clients.indices { clients[client].isActive = true }
    let answeredMin = history.answeredCount + ReferenceScene.answeredAfterCrash
    scene.act = .recovering(answeredMin: answeredMin)
    scene.deadline = now + ReferenceScene.patienceMicroseconds
  }

  private func sendAway(_ node: Int) -> Int {
    let links = links(around: node)
    let id = begin(.longCut, .links(links), nodes: [node], for: .max / 2)
    turnLinks(of: id, areCut: true)
    return id
  }

  /// Asks for the fourth node until it votes.
  private func isJoined(_ scene: inout ReferenceScene) -> Bool {
    guard let leader, let process = nodes[leader].process else { return false }
    let joiner = nodes[nodes.count - 1].member
    let configuration = process.replica.core.configuration
    if configuration.seat(of: joiner) != nil { return !configuration.isJoint }
    let isKnown = configuration.learners.contains { $0.seat.member == joiner }
    guard !isKnown, now >= scene.nextAskAt else { return false }
    scene.nextAskAt = now + 100_000
    let learner = ClusterConfiguration.Learner(seat: Self.seat(of: joiner), promotesItself: true)
    deliver(.reconfigure(.add(learner)), to: process, on: leader)
    return false
  }

  private func stopAsking(_ scene: inout ReferenceScene) {
    for client in clients.indices { clients[client].isActive = false }
    scene.act = .ending
  }

  /// Everybody has an answer, no change of the members is under way, and all members are equal.
  private func areAllEqual() throws(Violation) -> Bool {
    guard clients.allSatisfy({ $0.calls.isEmpty }), nodes.allSatisfy({ $0.loss == nil }),
      let leader,
      let configuration = nodes[leader].process?.replica.core.configuration,
      !configuration.isJoint, configuration.learners.isEmpty
    else { return false }
    let newest = checker.committed.last?.index ?? .zero
    let members = nodes.indices.filter {
      configuration.seat(of: nodes[$0].member) != nil && !nodes[$0].isOut
    }
    let areThere = members.allSatisfy { node in
      guard let replica = nodes[node].process?.replica else { return false }
      return replica.lastApplied == newest && replica.core.status.repair == nil
    }
    guard areThere else { return false }
    for node in members {
      guard let process = nodes[node].process else { return false }
      try applied.compare(process.replica.stateDigest(), at: newest)
    }
    return true
  }
}
