import Consensus
import Raft
import Replication

// Nodes of several builds, in every fourth seed: each start may be an upgrade or the way back,
// until the faults are over (P8).
//
// Increments stand for what the newest build has brought: earlier ones do not know the command.
extension SimulatedCluster {
  static let buildsSalt: UInt64 = 0x6275_696C_6473_2121
  private static let builds: [FeatureLevel] = [.base, .repair, .own]

  private var mixesBuilds: Bool { plan.mixesBuilds && reference == nil }

  /// Which build a node is started with.
  func drawBuild(of node: Int) {
    guard mixesBuilds else { return }
    let before = nodes[node].build
    if isCalm {
      nodes[node].build = .own
    } else if before == nil || buildsRandom.oneIn(2) {
      nodes[node].build = Self.builds[buildsRandom.number(below: Self.builds.count)]
    }
    if let before, let now = nodes[node].build, now < before { nodes[node].hasGoneBack = true }
  }

  /// A node is started with another build.
  func changeBuild(of node: Int) {
    guard mixesBuilds else { return }
    crash(node, by: .mixedBuilds, losesPower: false)
  }

  /// The faults are over, and the last nodes of earlier builds are upgraded.
  func finishUpgrade(of node: Int) {
    guard let build = nodes[node].build, build < .own else { return }
    crash(node, by: .mixedBuilds, losesPower: false)
  }

  /// What the others offer is the server's to tell the replica, before each turn.
  ///
  /// When the faults are over all are of the newest build. That nothing is known of a member
  /// which stays broken would keep what is new from being used (docs/decisions/0034).
  func offerCommonLevel(to process: NodeProcess, on node: Int) {
    guard nodes[node].build != nil else { return }
    process.replica.commonLevel = isCalm ? .own : process.levels.common
  }

  /// Whoever is a member now is asked, as the server does after each turn.
  func keepLevels(of process: NodeProcess, on node: Int) {
    guard nodes[node].build != nil else { return }
    let everybody = process.replica.core.configuration.everybody.map(\.member)
    process.levels.keep(everybody.filter { $0 != nodes[node].member })
  }

  /// Whether a message leaves a node: nobody is sent what its build cannot read, and an earlier
  /// build has no later messages.
  func mayLeave(
    _ envelope: Envelope<PeerMessage<RaftMessage>>,
    from node: Int,
    to recipient: Int
  ) -> Bool {
    guard let build = nodes[node].build, let process = nodes[node].process else { return true }
    shakeHands(of: node, process, with: recipient)
    let level = envelope.message.level
    guard level <= build else { return false }
    let isIncluded = process.levels.includes(level, of: envelope.recipient)
    coverage.reach(.messageWithheld, if: !isIncluded)
    return isIncluded
  }

  /// The first message to another process goes over a new connection, on which both say what they
  /// understand.
  private func shakeHands(of node: Int, _ process: NodeProcess, with other: Int) {
    guard let peer = nodes[other].process, process.greeted[other] != peer.boot,
      !network.isCut(node, other), !network.isCut(other, node)
    else { return }
    process.greeted[other] = peer.boot
    peer.greeted[node] = process.boot
    if let level = nodes[other].build { process.levels.note(level, of: nodes[other].member) }
    if let level = nodes[node].build { peer.levels.note(level, of: nodes[node].member) }
  }

  /// Whether a node of an earlier build reads a message: what is too new was meant for the process
  /// before it, whose connection is gone.
  func reads(
    _ message: PeerMessage<RaftMessage>,
    of frame: PeerFrame,
    _ process: NodeProcess
  ) throws(Violation) -> Bool {
    guard let build = nodes[frame.to].build, message.level > build else { return true }
    guard frame.isOfThePast || frame.recipientBoot != process.boot else {
      let id = nodes[frame.to].member.id
      throw .safety("P8", "\(id) of level \(build) is sent a message of level \(message.level)")
    }
    return false
  }

  /// A node stops at a committed command that its build does not know: only one that went back, or
  /// was no member when the command was proposed, ever has to.
  func stops(_ node: Int, atUnknown index: LogIndex) throws(Violation) {
    let member = nodes[node].member
    let isMixed = nodes[node].build != nil
    guard isMixed, nodes[node].hasGoneBack || !wasMember(member, at: index) else {
      throw .safety("P8", "\(member.id) does not know the command at \(index), and was a member")
    }
    coverage.reach(.unknownCommandStops)
    crash(node, by: .mixedBuilds, losesPower: false)
  }

  /// What a client hears of a reply: where a node of an earlier build does not know the command, it
  /// is to ask another one, or later.
  func heard(_ reply: ReplicaReply, of node: Int) -> ReplicaReply {
    guard let build = nodes[node].build, build < .own, case .objection = reply else {
      return reply
    }
    return .refused(.notOfferedByAll)
  }

  private func wasMember(_ member: Member, at index: LogIndex) -> Bool {
    for entry in checker.committed.prefix(Int(index.rawValue)).reversed() {
      guard case .configuration(let configuration) = entry.payload else { continue }
      return configuration.seat(of: member) != nil
    }
    return setup.configuration.seat(of: member) != nil
  }
}
