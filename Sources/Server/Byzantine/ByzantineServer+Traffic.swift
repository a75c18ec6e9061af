import ClientProtocol
import Consensus
import Genesis
import Glibc
import PBFT
import Replication
import StateTree
import Transport

extension ByzantineServer: ByzantinePeerOwner {
  /// Sends what the replica says; what goes to several members, one behind the other, is written
  /// once.
  func send(_ envelopes: [Envelope<PeerMessage<PBFTMessage>>]) {
    if let misconduct { return send(envelopes, bentBy: misconduct) }
    var place = envelopes.startIndex
    while place < envelopes.endIndex {
      let message = envelopes[place].message
      var recipients: [Member] = []
      while place < envelopes.endIndex, envelopes[place].message == message {
        recipients.append(envelopes[place].recipient)
        place += 1
      }
      // Nodes of this mode say nothing to each other but what their cores do.
      guard case .consensus(let words) = message else { continue }
      peers?.send(.consensus(words), to: recipients)
    }
  }

  func received(
    _ frame: ByzantineFrame,
    size: Int,
    from member: Member,
    over source: VerificationSource
  ) {
    switch frame {
    case .consensus(let message):
      if case .envelope(let envelope) = message, !heeds(envelope) { return }
      // What can change nothing is not verified at all, as the core will see.
      let isOfUse = replica.isOfUse(message)
      let check = { (authority: Authority) in
        !isOfUse || authority.areSignaturesValid(in: message)
      }
      let isUrgent = if case .vote = message { true } else { false }
      peerDesk.verify(from: source, size: size, isUrgent: isUrgent, check) { [weak self] holds in
        if !holds { self?.sayForged(by: member) }
        // The core asks again, is told at once, and may find proof of a lie.
        self?.replica.receive(.consensus(message), from: member)
      }
    // Nothing that a peer has to say of a state is larger.
    case .state(let bytes) where bytes.count > StateMessage.sizeMax: break
    case .state(let bytes): states.take(.heard(bytes, from: member.id))
    case .evidence(let bytes): evidence.offer(bytes, from: member.id)
    }
  }

  private func sayForged(by member: Member) {
    say(.warning, "peer.forgery", [("peer", "\(member.id)")])
  }

  func card() -> NodeCard {
    NodeCard(
      id: node.identity.member.id.rawValue,
      incarnation: node.identity.member.incarnation.rawValue,
      boot: node.identity.boot,
      durablePosition: durablePosition
    )
  }
}

extension ByzantineServer: ByzantineClientOwner {
  func order(
    _ envelope: SignedEnvelope,
    size: Int,
    from source: VerificationSource,
    refuse: @escaping (Reply.Refused) -> Void
  ) {
    guard heeds(envelope) else { return }
    guard clientDesk.size == 0 || clientDesk.size + size <= options.clients.pendingSizeMax else {
      return refuse(Refusal.overloaded.error)
    }
    clientDesk.verify(from: source, size: size, { $0.isValid(envelope) }) { [weak self] holds in
      guard holds else {
        let message = "the envelope's signature is not the client's, or it repeats a request"
        return refuse(.init(.unauthorized, message, outcome: .notApplied))
      }
      if let refusal = self?.replica.submit(envelope) { refuse(refusal.error) }
    }
  }

  func readFast(_ query: [UInt8], token: ReplyToken) {
    replica.readFast(query, token: token)
  }

  func objection(toTransferTo target: NodeID) -> (code: ErrorCode, message: String)? {
    guard node.genesis.configuration.seat(of: target) != nil else {
      return (.invalidArgument, "there is no node \(target)")
    }
    guard primary == target else { return nil }
    return (.transferFailed, "node \(target) is the primary already")
  }

  func transferLeadership(to target: NodeID?, token: ReplyToken) {
    replica.transferLeadership(to: target, token: token)
  }

  var view: UInt64 { replica.byzantineStatus.view }

  func nodeStatus() -> NodeStatus {
    let core = replica.core.status
    var status = NodeStatus(
      id: node.identity.member.id.rawValue,
      processID: UInt32(getpid()),
      role: core.role == .leader ? .leader : .follower,
      term: core.term.rawValue
    )
    status.commitIndex = core.commitIndex.rawValue
    status.appliedIndex = replica.lastApplied.rawValue
    status.lastIndex = core.lastIndex.rawValue
    status.firstIndex = core.firstIndex.rawValue
    status.durablePosition = durablePosition
    status.snapshotIndex = replica.snapshotIndex.rawValue
    status.diskBytes = UInt64(journalSize + otherSize)
    status.uptimeMilliseconds = (MonotonicClock.now() - startedAt) / 1_000
    status.sessions = UInt32(replica.sessions.count)
    status.connections = UInt32(clients?.port.clients.count ?? 0)
    status.version = lockstepVersion
    status.clusterHigh = node.identity.cluster.high
    status.clusterLow = node.identity.cluster.low
    status.members = node.genesis.configuration.statusMembers
    let standing = replica.byzantineStatus
    if standing.isFenced || standing.haltReason != nil { status.standing = .fenced }
    status.byzantine = NodeStatus.Byzantine(standing, at: MonotonicClock.now())
    return status
  }

  func replyHead() -> Reply.Head {
    let leads = primary == node.identity.member.id
    let seat = leads ? nil : primary.flatMap { node.genesis.configuration.seat(of: $0) }
    return Reply.Head(
      node: node.identity.member.id.rawValue,
      leader: primary?.rawValue ?? 0,
      leaderAddress: seat?.clientAddress ?? "",
      revision: replica.lastApplied.rawValue
    )
  }
}

extension NodeStatus.Byzantine {
  /// What is told of a core.
  init(_ status: ByzantineStatus, at now: UInt64) {
    self.init(view: status.view, primary: status.primary.rawValue, isActive: status.isActive)
    lowWatermark = status.lowWatermark
    highWatermark = status.highWatermark
    committedBlock = status.committedBlock
    tipBlock = status.tipBlock
    suspectingMilliseconds = status.suspectingSinceMicroseconds.map {
      (now - min($0, now)) / 1_000
    }
    isFenced = status.isFenced
    awaitsState = status.awaitsState
    haltReason = status.haltReason ?? ""
  }
}

extension Culprit {
  /// How people call it.
  func name(in genesis: Genesis) -> String {
    switch self {
    case .replica(let number):
      "\(genesis.configuration.seats[number.place].member.id)"
    case .client(let key):
      genesis.keys?.clients.first { $0.key == key }?.name ?? "\(key)"
    }
  }
}
