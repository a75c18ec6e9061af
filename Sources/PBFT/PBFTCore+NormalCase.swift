import Consensus
import Wire

/// Order while the primary is honest (PBFT §4.2): pre-prepare, prepare, commit.
extension PBFTCore {
  // MARK: Clients

  /// Keeps a valid envelope that another replica passes on until it is ordered.
  mutating func take(_ envelope: SignedEnvelope, from replica: ReplicaNumber) {
    guard !pool.holds(envelope), !wasDecided(envelope, within: Self.lateMicroseconds / 8),
      budgets[replica.place].mayPassOn(at: microseconds), authority.isValid(envelope)
    else { return }
    compare(envelope)
    _ = pool.add(envelope, at: microseconds)
  }

  /// Compares a valid envelope with what its client signed before, as far as that waits here (E9).
  ///
  /// Each client is named once: it can sign any number of contradictions.
  mutating func compare(_ envelope: SignedEnvelope) {
    guard !accused.contains(envelope.client), let rival = pool.contradiction(to: envelope)
    else { return }
    accused.insert(envelope.client)
    report(.conflictingRequests(rival, envelope))
  }

  /// An envelope that was decided so lately need not be passed on: all have answered it.
  ///
  /// A primary forgets sooner, so that nobody waits for what it has dropped.
  static var lateMicroseconds: UInt64 { 2_000_000 }

  func wasDecided(_ envelope: SignedEnvelope, within past: UInt64) -> Bool {
    pool.wasDecided(envelope, since: microseconds - min(microseconds, past))
  }

  // MARK: The primary

  /// Cuts blocks: at once if none is in flight, otherwise as far as the pipeline has room.
  ///
  /// What arrives meanwhile fills the next block.
  mutating func propose() {
    guard canVote, isActive, own == primary, hasRoom else { return }
    if log.tip.view < view { proposeAnchor() }
    while pool.hasProposable, hasRoomInFlight {
      let body = pool.take(
        requestsMax: options.batchRequestsMax,
        sizeMax: options.batchSizeMax
      )
      propose(body, kind: .normal, newView: .zero)
    }
    finish()
  }

  /// One block may be prepared while another is committed; more blocks are cut only of what would
  /// fill a good part of one, as a signature costs the same for few requests as for many.
  private var hasRoomInFlight: Bool {
    let next = log.tip.sequenceNumber.next
    let isWorthIt = pool.proposableRequests >= options.batchRequestsMax / 4
    let inFlightMax = isWorthIt ? options.blocksInFlightMax : min(2, options.blocksInFlightMax)
    return next <= committed.sequenceNumber + inFlightMax && next <= highWatermark
  }

  /// A view's first block is empty and names the new view: two new views for one view part ways
  /// here and cannot both be certified, and its commit commits what was inherited.
  ///
  /// It may lie above the window: views in vain can have filled that with blocks that only it can
  /// commit.
  private mutating func proposeAnchor() {
    guard let newView = promises.newView else { return }
    propose([], kind: .anchor, newView: authority.digest(of: newView))
  }

  private mutating func propose(
    _ body: [SignedEnvelope],
    kind: BlockHeader.Kind,
    newView: Digest
  ) {
    let requests = body.reduce(0) { $0 + $1.requests.count }
    let tip = log.tip
    let header = BlockHeader(
      place: BlockPlace(view, tip.sequenceNumber.next),
      parent: log.tipDigest,
      timeMicroseconds: max(tip.timeMicroseconds + 1, now.wallMilliseconds * 1_000),
      lastIndex: tip.lastIndex + (kind == .anchor ? 1 : requests),
      requestCount: UInt32(requests),
      bodySize: UInt32(authority.size(of: body)),
      bodyRoot: authority.bodyRoot(of: body),
      kind: kind,
      newView: newView
    )
    // Unless its key is used elsewhere, a primary never finds its own chain replaced. If it does,
    // it keeps silent until the view is left.
    guard header.place > promises.votedPlace else { return }
    let proposal = PrePrepare(
      block: Block(header: header, body: body),
      vote: vote(.prePrepare, header, authority.digest(of: header))
    )
    persist(.accepted(proposal, prepare: nil))
    broadcast(.prePrepare(proposal))
    timing.blockWasAccepted(header.sequenceNumber, at: microseconds)
  }

  // MARK: Backups

  /// Checks a proposal, the cheapest first, and keeps it until it is its turn.
  mutating func take(_ proposal: PrePrepare) {
    let header = proposal.block.header
    guard header.view == view, proposal.vote.replica == primary, own != primary,
      header.kind == .anchor || header.requestCount > 0,
      header.sequenceNumber > stableSequence,
      header.sequenceNumber <= (header.kind == .anchor ? voteLimit : highWatermark),
      !log.contains(proposal.vote.digest, at: header.sequenceNumber),
      !proposals.contains(where: { $0.vote.digest == proposal.vote.digest })
    else { return }
    guard proposal.vote.digest == authority.digest(of: header), authority.isValid(proposal.vote)
    else { return }
    observe(.vote(proposal.vote))
    guard isSound(proposal) else { return }
    proposals.append(proposal)
    proposals.sort { $0.block.header.sequenceNumber < $1.block.header.sequenceNumber }
    if proposals.count > Int(2 * options.blocksInFlightMax) { proposals.removeLast() }
  }

  /// Whether the body is the header's and every envelope is a client's.
  ///
  /// If not, the primary has signed it all the same.
  private mutating func isSound(_ proposal: PrePrepare) -> Bool {
    let block = proposal.block
    guard block.header.bodyRoot == authority.bodyRoot(of: block.body) else { return false }
    let areSigned = block.body.allSatisfy { pool.holds($0) || authority.isValid($0) }
    guard authority.isCounted(block), areSigned else {
      report(.badProposal(proposal))
      return false
    }
    for envelope in block.body where !pool.holds(envelope) { compare(envelope) }
    let keys = block.body.flatMap(\.keys)
    return Set(keys).count == keys.count
  }

  /// Prepares the proposals that follow the tip, in order.
  mutating func acceptProposals() {
    guard canVote, isActive, own != primary else { return }
    while let next = proposals.first,
      next.block.header.sequenceNumber <= log.tip.sequenceNumber.next,
      hasRoom || next.block.header.kind == .anchor
    {
      proposals.removeFirst()
      if mayFollow(next.block.header) { accept(next) }
    }
  }

  /// Whether a block may follow the tip.
  ///
  /// The parent is the tip, so that whoever prepares a block holds everything before it; the place
  /// is above all that this replica ever voted for; the view's first block is its anchor.
  private func mayFollow(_ header: BlockHeader) -> Bool {
    let tip = log.tip
    guard header.parent == log.tipDigest, header.canFollow(tip),
      header.place > promises.votedPlace, isTimely(header)
    else { return false }
    guard tip.view < view else { return header.kind == .normal }
    guard let newView = promises.newView else { return header.kind == .normal && view == .zero }
    return header.kind == .anchor && header.newView == authority.digest(of: newView)
  }

  /// Only fresh proposals are judged by the clock: what is certified must stay acceptable.
  ///
  /// A chain that more than f wrong clocks have carried ahead goes on by the least that it can.
  private func isTimely(_ header: BlockHeader) -> Bool {
    let local = now.wallMilliseconds * 1_000
    let tolerance = options.clockToleranceMicroseconds
    // A liar's time may be any number.
    let isNotEarly = header.timeMicroseconds >= local - min(local, tolerance)
    let isLeast = header.timeMicroseconds &- log.tip.timeMicroseconds == 1
    return isNotEarly && (header.timeMicroseconds <= local + tolerance || isLeast)
  }

  private mutating func accept(_ proposal: PrePrepare) {
    let prepare = vote(.prepare, proposal.block.header, proposal.vote.digest)
    persist(.accepted(proposal, prepare: prepare))
    countOnceDurable(.vote(prepare))
    broadcast(.vote(prepare))
    judgeChoice(of: proposal.block)
    timing.blockWasAccepted(proposal.block.header.sequenceNumber, at: microseconds)
  }

  // MARK: Votes

  /// Counts a vote of this view.
  ///
  /// Others are not even verified.
  mutating func take(_ vote: Vote) {
    guard isCounted(vote) else { return }
    guard isOfUse(vote) else { return setAside(vote) }
    guard authority.isValid(vote) else { return }
    if let first = votes.setAside(beside: vote), authority.isValid(first) { observe(.vote(first)) }
    observe(.vote(vote))
    if vote.counter > newestVotes[vote.replica.place]?.counter ?? 0 {
      newestVotes[vote.replica.place] = vote
    }
    let known = votes.vote(vote.kind, at: vote.place.sequenceNumber, by: vote.replica)
    if vote.kind == .prepare, known == nil {
      confront(vote.replica, holding: vote.digest, at: vote.place)
    }
    votes.add(vote)
  }

  private mutating func setAside(_ vote: Vote) {
    votes.setAside(vote)
    let highest = surplusCommits[vote.replica.place]?.place ?? .zero
    if vote.kind == .commit, vote.place > highest { surplusCommits[vote.replica.place] = vote }
  }

  /// Whether a message may change anything here; of all but votes that is found out later.
  package func isOfUse(_ message: PBFTMessage) -> Bool {
    guard case .vote(let vote) = message else { return true }
    return isOfUse(vote)
  }

  /// One that contradicts what its sender has said is looked at in any case.
  private func isOfUse(_ vote: Vote) -> Bool {
    if vote.kind == .prePrepare { return isProof(vote) }
    guard isCounted(vote) else { return false }
    guard let known = votes.vote(vote.kind, at: vote.place.sequenceNumber, by: vote.replica)
    else { return !isSurplus(vote) || isReminder(vote) }
    return known != vote
  }

  /// Whether a vote is of this view and in the window.
  private func isCounted(_ vote: Vote) -> Bool {
    vote.place.view == view && vote.replica.place < members.count
      && vote.place.sequenceNumber > stableSequence && vote.place.sequenceNumber <= voteLimit
  }

  /// Whether a vote says what 2f+1 have said: to verify it as well would cost as much as all else.
  private func isSurplus(_ vote: Vote) -> Bool {
    guard log.contains(vote.digest, at: vote.place.sequenceNumber) else { return false }
    let settled: SequenceNumber
    switch vote.kind {
    case .prePrepare: return false
    case .prepare:
      let high = promises.high?.header ?? .genesis
      settled = high.view == view ? high.sequenceNumber : .zero
    case .commit: settled = committed.sequenceNumber
    }
    return vote.place.sequenceNumber <= settled || count(like: vote) >= authority.quorum
  }

  /// How many have said what a vote says: with this replica, if only the disk still lacks its word,
  /// and with the primary, whose proposal is its prepare.
  private func count(like vote: Vote) -> Int {
    let place = vote.place.sequenceNumber
    let isOwnUnderway = awaited.contains {
      guard case .vote(let own) = $0.statement else { return false }
      return own.kind == vote.kind && own.place == vote.place && own.digest == vote.digest
    }
    guard vote.kind == .prepare else {
      return votes.commits(of: vote.digest, at: place).count + (isOwnUnderway ? 1 : 0)
    }
    let backups = votes.prepares(of: vote.digest, at: place).count { $0.replica != primary }
    let isProposed = log.block(at: place)?.primary != nil
    return backups + (isOwnUnderway ? 1 : 0) + (isProposed ? 1 : 0)
  }

  /// Whether a surplus vote is looked at all the same: a replica that has lost its memory is shown
  /// the newest of its votes that others know, and that of the slowest is always surplus.
  private func isReminder(_ vote: Vote) -> Bool {
    vote.counter >= (newestVotes[vote.replica.place]?.counter ?? 0) + 64
  }

  /// Own statements count as others' do, as soon as the disk has them.
  mutating func countOwnStatements() {
    while let first = awaited.first, first.position <= durablePosition {
      awaited.removeFirst()
      switch first.statement {
      case .vote(let vote):
        if vote.place.view == votes.view { votes.add(vote) }
      case .checkpoint(let vote):
        if vote.sequenceNumber > stableSequence { checkpoints.add(vote) }
        advanceStable()
      case .viewChange, .newView: break
      }
    }
  }

  /// Locks the highest block that is prepared.
  ///
  /// Its certificate speaks for all before it, which need none of their own.
  mutating func advancePrepared() {
    guard canVote, isActive else { return }
    for block in log.blocks(above: committed.sequenceNumber).reversed() {
      guard block.header.view == view, block.header.place > promises.high?.header.place ?? .zero
      else { return }
      if let certificate = preparedCertificate(for: block) {
        return lock(certificate, block.digest)
      }
    }
  }

  private func preparedCertificate(for block: LoggedBlock) -> PreparedCertificate? {
    guard let primaryVote = block.primary else { return nil }
    let backups = votes.prepares(of: block.digest, at: block.sequenceNumber).filter {
      $0.replica != primaryVote.replica
    }
    guard backups.count + 1 >= authority.quorum else { return nil }
    return PreparedCertificate(
      header: block.header,
      primary: Endorsement(primaryVote),
      backups: backups.prefix(authority.quorum - 1).map { Endorsement($0) }
    )
  }

  /// Persists the lock and the commit in one record: there is no commit without its lock.
  private mutating func lock(_ certificate: PreparedCertificate, _ digest: Digest) {
    let commit = vote(.commit, certificate.header, digest)
    persist(.prepared(certificate, commit: commit))
    countOnceDurable(.vote(commit))
    broadcast(.vote(commit))
  }

  /// Commits the highest block that 2f+1 replicas have committed, and so all before it.
  mutating func advanceCommitted() {
    for block in log.blocks(above: committed.sequenceNumber).reversed() {
      guard block.header.view == votes.view else { return }
      let commits = votes.commits(of: block.digest, at: block.sequenceNumber)
      guard commits.count >= authority.quorum else { continue }
      let certificate = CommitCertificate(
        header: block.header,
        replicas: commits.prefix(authority.quorum).map { Endorsement($0) }
      )
      return commit(.commits(certificate))
    }
  }

  /// Takes note of a committed block that the log holds.
  mutating func commit(_ proof: CommitProof) {
    switch proof {
    case .commits(let certificate): persist(.committed(certificate))
    case .checkpoint(let certificate): persist(.stable(certificate))
    }
    followView()
    guard proof.header.sequenceNumber > committed.sequenceNumber else { return }
    committed = proof.header
    timing.blockWasCommitted(through: committed.sequenceNumber, at: microseconds)
  }

  // MARK: Execution

  /// Hands out what is committed, in order; a turn ends with a block whose state is to be voted
  /// for, so that the state can be looked at as it is after this very block.
  mutating func handOut() {
    guard halt == nil, transfer == nil, effects.stateRootDue == nil else { return }
    if appliedIndex == .zero {
      handOut(BlockHeader.configurationEntry(configuration))
    }
    while executed < committed.sequenceNumber, let block = log.block(at: executed.next) {
      handOut(block)
      executed = block.sequenceNumber
      if isCheckpoint(executed), block.header.lastIndex == appliedIndex {
        effects.stateRootDue = appliedIndex
        return
      }
    }
  }

  /// What a block takes besides its requests: its header, two votes, its certificates and places
  /// in tables, in the journal about as much as in memory.
  private static var blockOverhead: Int { 1_500 }

  private mutating func handOut(_ block: LoggedBlock) {
    if block.header.lastIndex > appliedIndex { effects.committedOverhead += Self.blockOverhead }
    for entry in block.block.entries(by: authority) { handOut(entry) }
    recent.add(block)
    for envelope in block.block.body { pool.decided(envelope.keys, at: microseconds) }
  }

  /// After a start the snapshot's entries come by again: there is one committed history, so that
  /// an index says enough.
  private mutating func handOut(_ entry: Committed) {
    guard entry.index > appliedIndex else { return }
    invariant(entry.index == appliedIndex.next, "I7: entries are handed out in order")
    appliedIndex = entry.index
    effects.committed.append(entry)
  }
}
