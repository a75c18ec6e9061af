package import Consensus

/// Checkpoints and what may be forgotten (PBFT §4.3).
extension PBFTCore {
  func isCheckpoint(_ place: SequenceNumber) -> Bool {
    place > .zero && place.rawValue % options.checkpointInterval == 0
  }

  /// The state after the block whose last entry has this index has this root.
  ///
  /// Asked for by `Effects.stateRootDue`; it may take its time.
  package mutating func stateRootIsKnown(_ root: Digest, at index: LogIndex) {
    guard halt == nil,
      let block = log.blocks.last(where: { $0.header.lastIndex == index })
    else { return }
    if let stable = promises.stable, stable.header == block.header {
      guard stable.stateRoot == root else { return stop(.stateDiffers(block.sequenceNumber)) }
      agreed = max(agreed, index)
    }
    let isNew = !promises.checkpoints.contains { $0.sequenceNumber == block.sequenceNumber }
    guard canVote, isNew, block.sequenceNumber > stableSequence else { return finish() }
    let vote = authority.sign(
      CheckpointVote(
        sequenceNumber: block.sequenceNumber,
        digest: block.digest,
        stateRoot: root,
        replica: own,
        counter: nextCounter,
        signature: .unsigned
      ),
      by: options.signer
    )
    persist(.checkpoint(vote))
    countOnceDurable(.checkpoint(vote))
    broadcast(.checkpoint(vote))
    finish()
  }

  /// Counts a word for a state.
  mutating func take(_ vote: CheckpointVote) {
    guard vote.sequenceNumber > stableSequence,
      vote.sequenceNumber <= highWatermark + options.windowSize,
      isCheckpoint(vote.sequenceNumber),
      checkpoints.vote(at: vote.sequenceNumber, by: vote.replica) != vote,
      authority.isValid(vote)
    else { return }
    observe(.checkpoint(vote))
    checkpoints.add(vote)
    advanceStable()
  }

  /// 2f+1 equal words make a state stable; f+1 of them are of honest replicas that executed it.
  mutating func advanceStable() {
    guard let votes = checkpoints.agreement(of: authority.quorum), let first = votes.first,
      let block = log.block(at: first.sequenceNumber), block.digest == first.digest
    else { return }
    learn(
      StableCertificate(
        header: block.header,
        stateRoot: first.stateRoot,
        replicas: votes.map { Endorsement($0) }
      )
    )
  }

  /// A stable state above the own one: the window moves if the log holds its block; otherwise the
  /// blocks up to it are asked for.
  mutating func learn(_ certificate: StableCertificate) {
    let header = certificate.header
    guard header.sequenceNumber > stableSequence, authority.isValid(certificate) else { return }
    observe(certificate)
    let own = promises.checkpoints.first { $0.sequenceNumber == header.sequenceNumber }
    if let vote = own {
      guard vote.stateRoot == certificate.stateRoot else {
        return stop(.stateDiffers(header.sequenceNumber))
      }
      if vote.digest == authority.digest(of: header) { agreed = max(agreed, header.lastIndex) }
    }
    pursue(.checkpoint(certificate))
  }

  /// Forgets votes for what is stable; called when the certificate's record is written.
  mutating func stableAdvanced() {
    votes.forget(through: stableSequence)
    checkpoints.forget(through: stableSequence)
    detector.forget(through: stableSequence, before: view)
    let stable = stableSequence
    proposals.removeAll { $0.block.header.sequenceNumber <= stable }
    // Others may have let go of the state that was wanted so far. What is had of it already may
    // still come in: nothing behind it counts as executed before.
    guard let wanted = transfer, let newest = promises.stable, newest != wanted else { return }
    wantState(newest)
  }

  // MARK: Snapshots

  /// A snapshot is durable: bodies that it and the newest checkpoint include are forgotten, but for
  /// one interval that others may still ask for.
  package mutating func snapshotTaken(_ mark: SnapshotMark) {
    let kept = options.checkpointInterval
    guard stableSequence.rawValue > kept,
      let snapshot = log.blocks.last(where: { $0.header.lastIndex <= mark.index })
    else { return }
    let place = min(snapshot.sequenceNumber, SequenceNumber(stableSequence.rawValue - kept))
    guard place > log.base.sequenceNumber, place <= executed else { return }
    effects.discarded.append(log.blocks.filter { $0.sequenceNumber <= place })
    promises.trim(through: place)
    persist(.summary(promises.summary))
    let needed = min(promises.oldestBlockPosition ?? lastPosition, lastPosition)
    forgettableBelow = max(forgettableBelow, needed)
    effects.forgetRecordsBelow = forgettableBelow
    finish()
  }

  // MARK: State transfer

  /// Blocks cannot be had: the stable state itself is taken over.
  ///
  /// The replica goes on voting, which takes bodies and headers only, and executes nothing until
  /// the state is in.
  mutating func judgeTransfer() {
    guard halt == nil, hasRoom, case .checkpoint(let certificate) = target,
      certificate.header.sequenceNumber > committed.sequenceNumber,
      let since = transferWantedAt,
      microseconds >= since + options.transferDelayMicroseconds
    else { return }
    transferWantedAt = nil
    target = nil
    restart(at: certificate)
    beginPendingView()
  }

  /// Gives the log up for a stable state.
  mutating func restart(at certificate: StableCertificate) {
    let place = certificate.header.sequenceNumber
    effects.discarded.append(log.blocks.filter { $0.sequenceNumber <= place })
    persist(.restart(certificate))
    committed = certificate.header
    executed = certificate.header.sequenceNumber
    stableAdvanced()
    followView()
    wantState(certificate)
  }

  /// Asks the world for a state, unless the own one includes it: a snapshot can be durable before
  /// the journal that proves its block.
  mutating func wantState(_ certificate: StableCertificate) {
    guard appliedIndex < certificate.header.lastIndex else {
      transfer = nil
      effects.stateWanted = nil
      return
    }
    transfer = certificate
    effects.stateWanted = StateTarget(
      index: certificate.header.lastIndex,
      root: certificate.stateRoot
    )
  }

  /// A state that was wanted is in, checked against its root, and durable.
  ///
  /// It need not be the newest that was: execution goes on from any whose block the log holds.
  package mutating func snapshotInstalled(_ mark: SnapshotMark) {
    let place = log.place(endingAt: mark.index)
    guard mark.index > appliedIndex, let place, place >= executed,
      place <= committed.sequenceNumber
    else { return }
    transfer = nil
    effects.stateWanted = nil
    executed = place
    appliedIndex = mark.index
    // What waited may have been decided in blocks that were never seen here; clients ask again.
    pool = EnvelopePool()
    finish()
  }
}
