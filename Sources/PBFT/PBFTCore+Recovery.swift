import Consensus

/// A start: the fold over all records, then what follows from it.
extension PBFTCore {
  mutating func recover(_ past: Past<PBFTRecord>) {
    promises.fold(past.records)
    lastPosition = past.lastPosition
    durablePosition = past.lastPosition
    votes = VoteTable(view: view, replicasCount: members.count)
    recoverState(after: past.snapshot)
    recoverVotes()
    recoverProposals()
    if hasForgotten(past) { raiseFence(above: promises.counter) }
    timing.viewChanged(at: microseconds)
  }

  /// Whether promises may be lost that no fence has settled.
  ///
  /// Nothing that was promised before one matters once it is passed, though holes stay until their
  /// segments are forgotten. What is missing behind it may have been another, or its end.
  private func hasForgotten(_ past: Past<PBFTRecord>) -> Bool {
    let fence = past.records.last { if case .fence = $0.record { true } else { false } }
    guard let fence else {
      return !past.holes.isEmpty || !past.isVoteCertain
        || lacksBeginning(past.records, behind: 0)
    }
    return past.holes.contains { $0.upperBound > fence.position }
      || lacksBeginning(past.records, behind: fence.position)
  }

  /// Whether the first records behind a position are gone, without having been trimmed: what is
  /// trimmed leaves a summary behind.
  ///
  /// The newest fence is there even if its segment is not.
  private func lacksBeginning(
    _ records: [Recovered<PBFTRecord>],
    behind position: UInt64
  ) -> Bool {
    guard let next = records.first(where: { $0.position > position }),
      next.position > position + 1
    else { return false }
    return !records.contains { if case .summary = $0.record { true } else { false } }
  }

  /// What the journal proves to be committed, and where execution goes on: behind the log's base,
  /// over what the snapshot includes already.
  ///
  /// The snapshot itself proves nothing: it may be ahead of the journal, whose block at the same
  /// index may then be another one. If the log begins behind the snapshot, a stable state is
  /// needed.
  private mutating func recoverState(after snapshot: SnapshotMark?) {
    appliedIndex = snapshot?.index ?? .zero
    committed = log.base
    executed = log.base.sequenceNumber
    for proved in [promises.stable?.header, promises.committed?.header].compactMap({ $0 })
    where proved.sequenceNumber > committed.sequenceNumber && isOnChain(proved) {
      committed = proved
    }
    guard let stable = promises.stable else { return }
    if stable.header.sequenceNumber > committed.sequenceNumber {
      // Holes have taken blocks that the log stood on.
      restart(at: stable)
    } else if log.base.lastIndex > appliedIndex, log.base != .genesis {
      restartExecution(stable)
    }
    guard appliedIndex >= stable.header.lastIndex else { return }
    transfer = nil
    effects.stateWanted = nil
  }

  private func isOnChain(_ header: BlockHeader) -> Bool {
    log.contains(authority.digest(of: header), at: header.sequenceNumber)
  }

  private mutating func restartExecution(_ stable: StableCertificate) {
    executed = stable.header.sequenceNumber
    if executed > committed.sequenceNumber { committed = stable.header }
    wantState(stable)
  }

  /// What this replica has signed counts again, and is sent again where it is missed: the very
  /// bytes.
  ///
  /// A replica that stopped within a view change comes back within it.
  private mutating func recoverVotes() {
    for block in log.blocks {
      if let own = block.own, own.kind == .prepare, own.place.view == view { votes.add(own) }
    }
    if let commit = promises.commit, commit.place.view == view { votes.add(commit) }
    for vote in promises.checkpoints { checkpoints.add(vote) }
    if let change = promises.viewChange, change.newView == view {
      viewChanges[own.place] = change
    }
  }
}
