import Consensus

/// Whoever lacks something says how it stands, and is sent what others hold: the bytes that are
/// durable there, never anything signed anew (docs/byzantine.md, "Shares and bounds").
extension PBFTCore {
  mutating func tellStatusIfDue() {
    guard microseconds >= nextStatusAt else { return }
    nextStatusAt = microseconds + options.statusIntervalMicroseconds
    for place in members.indices where place != own.place {
      let status = Status(
        view: view,
        isActive: isActive,
        tip: log.tip.sequenceNumber,
        prepared: promises.high?.header.place ?? .zero,
        committed: committed.sequenceNumber,
        stable: stableSequence,
        isFenced: promises.fence != nil,
        newest: newestVotes[place]
      )
      send(.status(status), to: ReplicaNumber(UInt8(place)))
    }
    askFenceIfUnknown()
  }

  /// Sends a replica what it lacks and this one has.
  mutating func help(_ replica: ReplicaNumber, standing status: Status) {
    if let newest = status.newest { judgeMemory(by: newest) }
    noteFence(of: replica, standing: status)
    let interval = options.statusIntervalMicroseconds / 2
    guard budgets[replica.place].mayAnswer(at: microseconds, interval: interval) else { return }
    if status.stable < stableSequence, let stable = promises.stable {
      send(.stable(stable), to: replica)
    }
    for vote in promises.checkpoints where vote.sequenceNumber > status.stable {
      send(.checkpoint(vote), to: replica)
    }
    if let committed = promises.committed, committed.header.sequenceNumber > status.committed {
      send(.committed(committed), to: replica)
    }
    helpWithView(replica, standing: status)
    if status.view == view, isActive { helpWithVotes(replica, standing: status) }
  }

  private mutating func helpWithView(_ replica: ReplicaNumber, standing status: Status) {
    guard status.view < view || status.view == view && !status.isActive else { return }
    if isActive, let newView = promises.newView { send(.newView(newView), to: replica) }
    if let change = promises.viewChange, change.newView == view {
      send(.viewChange(change), to: replica)
    }
  }

  /// Of this view's blocks no more than two windows: whoever lacks more of them takes none of those
  /// above, and gets on by asking for blocks.
  private mutating func helpWithVotes(_ replica: ReplicaNumber, standing status: Status) {
    let lacked = log.blocks(above: status.committed).drop { $0.header.view < view }
    for block in lacked.prefix(Int(2 * options.windowSize)) {
      guard let own = block.own else { continue }
      let isProposal = own.kind == .prePrepare
      let isOfUse =
        isProposal
        ? block.sequenceNumber > status.tip : block.header.place > status.prepared
      guard isOfUse else { continue }
      let size = max(isProposal ? Int(block.header.bodySize) : 0, PeerBudget.messageSizeMin)
      guard budgets[replica.place].spend(size, at: microseconds) else { break }
      let proposal = PrePrepare(block: block.block, vote: own)
      send(isProposal ? .prePrepare(proposal) : .vote(own), to: replica)
    }
    if let commit = promises.commit, commit.place.view == view,
      commit.place.sequenceNumber > status.committed
    {
      send(.vote(commit), to: replica)
    }
  }

  // MARK: Blocks

  /// A proof that a block is committed: taken note of if the log holds it, pursued if not.
  mutating func learn(_ certificate: CommitCertificate) {
    guard certificate.header.sequenceNumber > committed.sequenceNumber,
      authority.isValid(certificate)
    else { return }
    observe(certificate)
    pursue(.commits(certificate))
  }

  /// Makes the log hold a committed block, asking for what is missing.
  ///
  /// To leave a block of the same view that this replica has prepared is safe: no certificate can
  /// exist for what contradicts a certified block of the view (docs/byzantine.md, "Why it is
  /// safe", 1).
  mutating func pursue(_ proof: CommitProof) {
    let header = proof.header
    let digest = authority.digest(of: header)
    if header.sequenceNumber < log.base.sequenceNumber { return }
    switch path(to: digest, at: header.sequenceNumber) {
    case .known(let junction):
      guard junction >= min(committed.sequenceNumber, header.sequenceNumber) else {
        return stop(.chainsDiffer(header.sequenceNumber))
      }
      targetWasReached(header)
      commit(proof)
      if case .checkpoint = proof { stableAdvanced() }
    case .missing(let digest, let place):
      guard isAbove(proof) else { return }
      if transferWantedAt == nil { (transferWantedAt, transferFloor) = (microseconds, nil) }
      target = proof
      want(digest, place)
    case .foreign: stop(.chainsDiffer(header.sequenceNumber))
    }
  }

  /// How a block is reached from the chain: goes on from where the last look has ended, unless
  /// blocks have changed sides since.
  ///
  /// Blocks come a few at a time, and to go over all of them again each time would hold up whoever
  /// lacks many.
  mutating func path(to digest: Digest, at place: SequenceNumber) -> BlockLog.Path {
    let changesCount = log.changesCount
    fetch.looks.removeAll { $0.changesCount != changesCount }
    let known = fetch.looks.first { $0.digest == digest }?.missing
    let path = log.path(to: known?.digest ?? digest, at: known?.place ?? place)
    fetch.looks.removeAll { $0.digest == digest }
    if case .missing(let missing, let place) = path {
      fetch.looks.append(Fetch.Look(digest, missing: (missing, place), changesCount))
      if fetch.looks.count > Fetch.looksMax { fetch.looks.removeFirst() }
    }
    return path
  }

  /// Only blocks further down bring this replica nearer to what it holds: those of ever newer
  /// targets come as long as others work, and say nothing of whether the rest can be had.
  private mutating func noteFetched(downTo place: SequenceNumber) {
    guard transferWantedAt != nil, transferFloor.map({ place < $0 }) ?? true else { return }
    transferFloor = place
    transferWantedAt = microseconds
  }

  private func isAbove(_ proof: CommitProof) -> Bool {
    guard let target else { return true }
    // A checkpoint is kept: its state can be had where its blocks cannot.
    if case .checkpoint = target, case .commits = proof { return false }
    if case .commits = target, case .checkpoint = proof { return true }
    return proof.header.sequenceNumber >= target.header.sequenceNumber
  }

  private mutating func targetWasReached(_ header: BlockHeader) {
    guard let target, target.header.sequenceNumber <= header.sequenceNumber else { return }
    self.target = nil
    transferWantedAt = nil
  }

  /// Asks one replica after the other for a block, beginning when the message at hand is done with.
  mutating func want(_ digest: Digest, _ place: SequenceNumber) {
    fetch.wanted = (digest, place)
  }

  mutating func askIfNew() {
    guard let wanted = fetch.wanted, wanted.digest != fetch.asked else { return }
    ask()
  }

  mutating func askAgainIfDue() {
    guard halt == nil, let wanted = fetch.wanted, microseconds >= fetch.askAgainAt else { return }
    // Nobody sends what lies below; it has come in another way.
    guard wanted.place > committed.sequenceNumber else {
      fetch.wanted = nil
      if let target { pursue(target) }
      return beginPendingView()
    }
    ask()
  }

  /// Without room on the disk nobody is asked, as a block would have to be written.
  private mutating func ask() {
    guard hasRoom, let wanted = fetch.wanted, members.count > 1 else { return }
    fetch.asked = wanted.digest
    fetch.askAgainAt = microseconds + options.statusIntervalMicroseconds / 4
    fetch.turn = (fetch.turn + 1) % members.count
    if fetch.turn == own.place { fetch.turn = (fetch.turn + 1) % members.count }
    send(
      .fetch(wanted.digest, above: committed.sequenceNumber),
      to: ReplicaNumber(UInt8(fetch.turn))
    )
  }

  /// Sends a block and ancestors that are held, newest first.
  ///
  /// Asking costs something even where nothing is found.
  mutating func send(_ digest: Digest, above place: SequenceNumber, to replica: ReplicaNumber) {
    guard budgets[replica.place].spend(PeerBudget.fetchSize, at: microseconds) else { return }
    var blocks: [Block] = []
    var size = 0
    var next = log.find(digest)
    while let block = next, block.sequenceNumber > place, blocks.count < PBFTMessage.blocksMax,
      blocks.isEmpty || size + Int(block.header.bodySize) <= options.batchSizeMax
    {
      blocks.append(block.block)
      size += max(Int(block.header.bodySize), PeerBudget.messageSizeMin)
      next = log.find(block.header.parent)
    }
    guard !blocks.isEmpty else { return }
    budgets[replica.place].owe(size)
    send(.blocks(blocks), to: replica)
  }

  /// Keeps exactly what was asked for: a block's digest says whether it is the one.
  ///
  /// What was not asked for changes nothing: who sends that is not asked any sooner.
  mutating func take(_ blocks: [Block]) {
    guard hasRoom, var wanted = fetch.wanted else { return }
    for block in blocks {
      guard block.header.sequenceNumber == wanted.place,
        authority.digest(of: block.header) == wanted.digest,
        authority.isWhole(block)
      else { break }
      if log.find(wanted.digest) == nil { persist(.adopted(block)) }
      confrontAll(holding: wanted.digest, at: block.header.place)
      let parent = SequenceNumber(wanted.place.rawValue - 1)
      noteFetched(downTo: parent)
      wanted = (block.header.parent, parent)
      if log.contains(block.header.parent, at: parent) { break }
    }
    guard wanted.digest != fetch.wanted?.digest else { return }
    fetch.wanted = nil
    if let target { pursue(target) }
    beginPendingView()
  }
}
