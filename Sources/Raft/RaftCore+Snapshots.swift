package import Consensus

// Raft §7: the past is forgotten once a snapshot holds what it came to.
extension RaftCore {
  // MARK: This node's own snapshots

  /// A snapshot of the state is durable (see `ConsensusCore`).
  package mutating func snapshotTaken(_ mark: SnapshotMark) {
    invariant(mark.index <= handedOutIndex, "W1: a snapshot holds what was applied")
    if mark.index > snapshot?.index ?? .zero { snapshot = mark }
    finish()
  }

  /// The state was replaced by a durable snapshot (see `ConsensusCore`).
  ///
  /// A log that has the snapshot's last entry is kept: what follows it may be committed. Any
  /// other is given up, with all that it has (Raft §7, Figure 13, steps 6 and 7).
  package mutating func snapshotInstalled(_ mark: SnapshotMark) {
    invariant(mark.index > handedOutIndex, "W6: the state never goes back")
    let isContained = log.term(at: mark.index) == mark.term
    if !isContained {
      if case .leader = role { invariant(false, "S6: a leader has all that is committed") }
      log = RaftLog(after: mark)
      adoptConfiguration()
    }
    goOn(after: mark, isLogReplaced: !isContained)
    // What is committed is in the log of every leader of this term.
    let verifiedIndex = max(role.follower?.verifiedIndex ?? .zero, mark.index)
    role.follower?.verifiedIndex = verifiedIndex
    finish()
  }

  /// The state includes everything up to a snapshot.
  mutating func goOn(after mark: SnapshotMark, isLogReplaced: Bool) {
    snapshot = mark
    // The snapshot may have become durable before the term in which it was taken.
    if mark.term > currentTerm { setHardState(term: mark.term, votedFor: nil) }
    if isLogReplaced {
      durableIndex = mark.index
      let position = write(.restart(LogMark(index: mark.index, term: mark.term)))
      effects.forgetRecordsBelow = position
    }
    commitIndex = max(commitIndex, mark.index)
    handedOutIndex = max(handedOutIndex, mark.index)
  }

  // MARK: Trimming

  /// Forgets entries that the newest snapshot includes and that are durable in the log as well, a
  /// few in each turn; a trailing part stays, so that a slow follower needs no snapshot.
  mutating func trimLog() {
    guard let snapshot, snapshot.index > log.base.index else { return }
    let wanted = log.start(
      ofTrailing: options.trailingSizeMax,
      countMax: options.trailingEntriesMax,
      through: snapshot.index
    )
    let end = min(wanted, durableIndex, log.base.index + options.trimmedEntriesMax)
    guard end > log.base.index else { return }
    // Positions of the entries in the log go up with their indexes, so nothing that stays lies
    // below; term and vote are repeated at the head of every segment.
    effects.forgetRecordsBelow = log.position(at: min(end.next, log.lastIndex))
    log.trim(through: end)
  }
}
