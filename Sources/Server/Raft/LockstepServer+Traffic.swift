import ClientProtocol
import Consensus
import Glibc
import Raft
import Replication
import Transport

extension LockstepServer: PeerTrafficOwner {
  func received(_ message: PeerMessage<RaftMessage>, from sender: Member) {
    replica.receive(message, from: sender)
  }

  func admission(of member: Member) -> PeerAdmission {
    guard member != identity.member else { return .refused(by: .zero) }
    if configuration.seat(of: member) != nil { return .member }
    // Whoever decides alone may have forgotten all others, and hears of it from them (0029).
    let isAlone = configuration.seats.map(\.member) == [identity.member]
    if isAlone && !configuration.isJoint { return .stranger }
    // Whoever follows a leader, or is one, has its configuration.
    guard let index = replica.core.committedConfigurationIndex, leader != nil else {
      return .stranger
    }
    return .refused(by: index)
  }

  func card() -> NodeCard {
    NodeCard(
      id: identity.member.id.rawValue,
      incarnation: identity.member.incarnation.rawValue,
      boot: identity.boot,
      durablePosition: durablePosition
    )
  }
}

extension LockstepServer: ClientTrafficOwner {
  func submit(_ request: ClientRequest, mayForward: Bool, token: ReplyToken) {
    replica.submit(request, mayForward: mayForward, token: token)
  }

  func read(_ request: ReadRequest, deadlineMicroseconds: UInt64, token: ReplyToken) {
    let level: NodeReplica.ReadLevel =
      switch request.consistency {
      case .linearizable: .linearizable
      case .stale(let lagMaxMilliseconds):
        .stale(maxLagMicroseconds: UInt64(lagMaxMilliseconds) * 1_000)
      }
    replica.read(
      request.query,
      level: level,
      atLeast: LogIndex(request.atLeastRevision),
      deadlineMicroseconds: deadlineMicroseconds,
      token: token
    )
  }

  func continueScan(_ query: [UInt8]) -> [UInt8] {
    replica.continueScan(query)
  }

  func abandon(_ tokens: [ReplyToken]) {
    abandoned.formUnion(tokens)
  }

  func objection(toTransferTo target: NodeID) -> (code: ErrorCode, message: String)? {
    guard configuration.seats.contains(where: { $0.member.id == target }) else {
      let members = configuration.seats.map { "\($0.member.id)" }.joined(separator: ", ")
      return (.invalidArgument, "there is no node \(target); the members are \(members)")
    }
    guard target == identity.member.id, leader == target else { return nil }
    return (.transferFailed, "node \(target) leads already")
  }

  func transferLeadership(to target: NodeID?, token: ReplyToken) {
    replica.transferLeadership(to: target, token: token)
  }

  func changeMembers(_ change: MemberChange, token: ReplyToken) {
    replica.reconfigure(MembershipChange(change), token: token)
  }

  func nodeStatus() -> NodeStatus {
    let core = replica.core.status
    let role: NodeStatus.Role =
      switch core.role {
      case .follower: .follower
      case .candidate: .candidate
      case .leader: .leader
      }
    var status = NodeStatus(
      id: identity.member.id.rawValue,
      processID: UInt32(getpid()),
      role: role,
      term: core.term.rawValue
    )
    status.commitIndex = core.commitIndex.rawValue
    status.standing =
      switch replica.divergence.standing {
      case .sound: .sound
      case .unsettled: .unsettled
      case .fenced: .fenced
      }
    if core.admission == .waiting { status.standing = .waiting }
    if core.repair != nil { status.standing = .repairing }
    // Whoever was refused waits as well: to be let in as another member.
    if Self.refusal(of: core.admission) != nil { status.standing = .waiting }
    status.appliedIndex = replica.lastApplied.rawValue
    status.lastIndex = core.lastIndex.rawValue
    status.durablePosition = durablePosition
    status.firstIndex = core.firstIndex.rawValue
    status.snapshotIndex = replica.snapshotIndex.rawValue
    status.diskBytes = UInt64(journalSize + otherSize)
    status.uptimeMilliseconds = (MonotonicClock.now() - startedAt) / 1_000
    status.sessions = UInt32(replica.sessions.count)
    status.connections = UInt32(clients?.clients.count ?? 0)
    status.version = lockstepVersion
    status.clusterHigh = identity.cluster.high
    status.clusterLow = identity.cluster.low
    status.members = configuration.statusMembers
    return status
  }

  func explain(_ refusal: Refusal) -> Reply.Refused {
    var refused = refusal.error
    if refusal == .noLeader, let since = leaderlessSince {
      let milliseconds = (MonotonicClock.now() - since.monotonicMicroseconds) / 1_000
      let time = LogTime.timestamp(since.wallMilliseconds)
      refused.message = "no leader since \(time), \(milliseconds) ms ago"
    }
    return refused
  }

  func replyHead() -> Reply.Head {
    let leads = leader == identity.member.id
    let address = leads ? "" : leader.flatMap { configuration.seat(of: $0)?.clientAddress } ?? ""
    return Reply.Head(
      node: identity.member.id.rawValue,
      leader: leader?.rawValue ?? 0,
      leaderAddress: address,
      revision: replica.lastApplied.rawValue
    )
  }
}
