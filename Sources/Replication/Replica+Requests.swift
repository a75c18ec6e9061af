package import Consensus
import Wire

extension Replica {
  /// How fresh a read must be.
  package enum ReadLevel: Equatable, Sendable {
    /// As of some moment between question and answer, in the one order of all commands.
    case linearizable
    /// From this node's state, if the leader was heard within the given microseconds.
    case stale(maxLagMicroseconds: UInt64)
  }

  /// A client wants a request put into the log.
  ///
  /// - Parameters:
  ///   - request: What it wants.
  ///   - mayForward: Whether a follower passes it on to the leader instead of refusing it.
  ///   - token: Comes back with the reply.
  package mutating func submit(_ request: ClientRequest, mayForward: Bool, token: ReplyToken) {
    if let refusal = watch.refusal {
      answer(token, .refused(refusal))
      return
    }
    if let reply = replyWithoutProposal(to: request) {
      answer(token, reply)
      return
    }
    let leader = core.leaderID
    let leads = leader == identity.member.id
    if leads, pending.count < options.pendingMax, journalObjection(to: request) == nil {
      // Asked first, as it is the usual case: one look into the table is enough for it.
      if pending.add(request.key, token), !forwarders.know(request.key) { propose(request) }
      return
    }
    if pending.join(request.key, token) { return }
    if pending.count >= options.pendingMax {
      answer(token, .refused(.overloaded))
    } else if leads, let refusal = journalObjection(to: request) {
      answer(token, .refused(refusal))
    } else if mayForward, let seat = leader.flatMap(core.configuration.seat(of:)) {
      forward(request, to: seat.member, token)
    } else {
      answer(token, .refused(notLeader(leader)))
    }
  }

  /// A client wants an answer from the state.
  package mutating func read(
    _ query: [UInt8],
    level: ReadLevel,
    atLeast: LogIndex,
    deadlineMicroseconds: UInt64,
    token: ReplyToken
  ) {
    if let refusal = watch.refusal {
      answer(token, .refused(refusal))
      return
    }
    if reads.count >= options.pendingMax {
      answer(token, .refused(.overloaded))
      return
    }
    let read = PendingReads.Read(
      query: query,
      token: token,
      atLeast: atLeast,
      deadline: deadlineMicroseconds
    )
    switch level {
    case .linearizable: core.submit(.read(reads.add(read)))
    case .stale(let maxLag): readStale(read, maxLagMicroseconds: maxLag)
    }
  }

  /// Goes on with a scan whose first page was read at its level: later pages come from the same
  /// frozen state and need no confirmation.
  package mutating func continueScan(_ query: [UInt8]) -> [UInt8] {
    machine.answer(query, now: now)
  }

  /// Nobody waits any longer for these.
  package mutating func abandonReads(_ tokens: Set<ReplyToken>) {
    reads.abandon(tokens)
  }

  /// An operator, or this node's own shutdown, wants another leader.
  package mutating func transferLeadership(to target: NodeID?, token: ReplyToken) {
    guard transfers.isEmpty else {
      answer(token, .refused(.transferInProgress))
      return
    }
    transfers.append(token)
    transferTarget = target
    core.submit(.transfer(to: target))
  }

  /// A follower passed a client's request on to us.
  ///
  /// A decided one needs no answer: the follower finds it in its own sessions or its own apply.
  mutating func receiveForwarded(_ request: ClientRequest, from sender: Member) {
    if let refusal = watch.refusal {
      // The sender's own state may be in order: a fenced leader hands over to such a one.
      refuseForwarded(request.key, refusal == .fenced ? .transferInProgress : refusal, to: sender)
      return
    }
    // It may be in the log already: a refusal of this one would say nothing about that (R3).
    if pending.isWaiting(for: request.key) || forwarders.know(request.key) { return }
    if request.kind == .write, sessions.knownReply(to: request) != nil { return }
    // A follower of a later version may know what we do not; its wait ends by itself.
    guard request.kind != .write || machine.knows(request.command) else { return }
    let leader = core.leaderID
    guard leader == identity.member.id else {
      refuseForwarded(request.key, notLeader(leader), to: sender)
      return
    }
    guard isUnderstoodByAll(request) else {
      refuseForwarded(request.key, .notOfferedByAll, to: sender)
      return
    }
    if let refusal = journalObjection(to: request) {
      refuseForwarded(request.key, refusal, to: sender)
      return
    }
    forwarders.add(request.key, sender)
    propose(request)
  }

  /// The core, or the leader, will not propose a request.
  mutating func refuse(_ key: RequestKey, _ refusal: Refusal) {
    for token in pending.take(key) { answer(token, .refused(refusal)) }
    if let sender = forwarders.take(key) { refuseForwarded(key, refusal, to: sender) }
  }

  mutating func refuse(_ refused: Refused) {
    switch refused {
    case .request(let key, let refusal): refuse(key, refusal)
    case .read(let id, let refusal):
      if let token = reads.refuse(id) { answer(token, .refused(refusal)) }
    case .transfer(let refusal):
      for token in transfers { answer(token, .refused(refusal)) }
      transfers.removeAll()
    case .reconfiguration(let refusal): reconfigurationWasRefused(refusal)
    }
  }

  mutating func leaderChanged(_ change: LeaderChange) {
    next.leader = change
    let isOurs = change.leader == identity.member.id
    // Whoever leads has all it ever proposed in its log; that may be of this very turn.
    let lost = isOurs ? pending.takeForwarded() : pending.takeAll()
    for token in lost { answer(token, .refused(.leadershipLost)) }
    if !isOurs { forwarders.removeAll() }
    reconfigurationIsLost()
    guard let leader = change.leader else { return }
    let isWanted = transferTarget.map { $0 == leader } ?? !isOurs
    for token in transfers {
      answer(token, isWanted && !isOurs ? .transferred(to: leader) : .refused(.transferFailed))
    }
    transfers.removeAll()
  }

  private func replyWithoutProposal(to request: ClientRequest) -> ReplicaReply? {
    guard request.kind == .write else { return nil }
    if let known = sessions.knownReply(to: request) { return known }
    if let reply = machine.objection(to: request.command) { return .objection(bytes: reply) }
    return isUnderstoodByAll(request) ? nil : .refused(.notOfferedByAll)
  }

  /// Whether every member can carry it out, as far as their handshakes say: one that cannot would
  /// have to stop.
  private func isUnderstoodByAll(_ request: ClientRequest) -> Bool {
    commonLevel == .own || request.kind != .write
      || machine.level(of: request.command) <= commonLevel
  }

  private mutating func propose(_ request: ClientRequest) {
    room.propose(request.command.count)
    // Only then it matters what it is.
    let isRemoval = core.takesOnlyRemovals && onlyRemoves(request)
    core.submit(isRemoval ? .removal(request) : .request(request))
  }

  /// Why the journal cannot take a client's request now.
  private func journalObjection(to request: ClientRequest) -> Refusal? {
    if room.isFull {
      return room.isFullForRemovals || !onlyRemoves(request) ? .diskFull : nil
    }
    return room.hasRoom && room.inFlightBytes < options.unsyncedSizeMax ? nil : .overloaded
  }

  /// Whether a request leaves no more behind than there was; whoever wants to remove something
  /// needs a session, of which there are only so many.
  private func onlyRemoves(_ request: ClientRequest) -> Bool {
    request.kind != .write || machine.onlyRemoves(request.command)
  }

  private mutating func forward(_ request: ClientRequest, to leader: Member, _ token: ReplyToken) {
    let size = request.command.count
    guard pending.forwardedSize == 0 || pending.forwardedSize + size <= options.forwardedSizeMax
    else {
      answer(token, .refused(.overloaded))
      return
    }
    let deadline = now.monotonicMicroseconds + options.forwardTimeoutMicroseconds
    pending.addForwarded(request.key, token, size: size, to: leader, until: deadline)
    var request = request
    request.command = request.command.copied()
    next.messages.append(Envelope(to: leader, .forward(request)))
  }

  private mutating func readStale(_ read: PendingReads.Read, maxLagMicroseconds: UInt64) {
    guard leaderWasHeard(within: maxLagMicroseconds) else {
      answer(read.token, .refused(.tooStale))
      return
    }
    var read = read
    read.atLeast = max(read.atLeast, core.status.commitIndex)
    read.lagMaxMicroseconds = maxLagMicroseconds
    reads.addConfirmed(read)
  }

  /// Whether the leader spoke to this node, or a quorum to this leader, so lately.
  func leaderWasHeard(within maxLagMicroseconds: UInt64) -> Bool {
    guard let contact = core.status.leaderContactMicroseconds else { return false }
    let now = now.monotonicMicroseconds
    return now - min(contact, now) <= maxLagMicroseconds
  }

  private mutating func refuseForwarded(
    _ key: RequestKey,
    _ refusal: Refusal,
    to sender: Member
  ) {
    next.messages.append(Envelope(to: sender, .forwardRefused(key, refusal)))
  }

  private func notLeader(_ leader: NodeID?) -> Refusal {
    leader == nil ? .noLeader : .notLeader(leader: leader)
  }
}
