package import Consensus
import Storage

// Snapshots: when the state is frozen, and how it goes on from another node's (Raft §7).
extension Replica {
  /// The newest entry that a snapshot on this node's disk includes; zero if there is none.
  package var snapshotIndex: LogIndex { snapshots.newest }

  /// What the keeper of the snapshots is to do, since it was last asked.
  package mutating func takeSnapshotOrders() -> [SnapshotOrder<Machine>] {
    let parts = machine.takeDiscarded()
    if !parts.isEmpty { snapshotOrders.append(.discardParts(parts)) }
    guard !snapshotOrders.isEmpty else { return [] }
    defer { snapshotOrders.removeAll() }
    return snapshotOrders
  }

  /// An order of the keeper has come to something.
  package mutating func receive(_ notice: SnapshotNotice<Machine>) {
    switch notice {
    case .taken(let mark, let size):
      snapshots.taken(mark.index, size: size)
      core.snapshotTaken(mark)
    case .notTaken:
      snapshots.failed(at: now.monotonicMicroseconds)
    case .notReceived(let error):
      makeRoom(after: error)
    case .olderRemoved(let index):
      if index == snapshots.newest { core.olderSnapshotIsGone() }
    case .jobDone(let result):
      core.jobDone(result)
    case .received(let restored):
      install(restored)
    case .damaged:
      // The log may not reach back to an older one: the next one must not be long in coming.
      snapshots.demand()
    }
  }

  /// A full disk has no room for another's snapshot beside two: the older one goes where others
  /// have what it holds (decision 0013).
  private mutating func makeRoom(after error: StorageError) {
    guard case .diskFull = error, core.canSpareOlderSnapshot else { return }
    snapshotOrders.append(.makeRoom)
  }

  /// Records of the journal below a position lie in files that have rotted, while the log and the
  /// state in memory are whole: a new snapshot is taken at once, and the files are forgotten.
  package mutating func journalIsDamaged(below position: UInt64) {
    core.recordsAreDamaged(below: position)
    snapshots.demand(through: core.status.lastIndex)
  }

  /// Goes on from another node's state, if it is ahead of this one; what it replaces is freed off
  /// the loop.
  private mutating func install(_ restored: RestoredSnapshot<Machine>) {
    let mark = restored.mark
    guard mark.index > lastApplied else {
      snapshotOrders.append(.discardParts([restored]))
      core.jobDone(.lost(index: mark.index))
      snapshots.stored(mark.index, size: restored.size)
      core.snapshotTaken(mark)
      return
    }
    giveUpUnconfirmed()
    snapshotOrders.append(.discard(freeze()))
    adopt(restored)
    skip(through: mark.index)
    core.snapshotInstalled(mark)
    snapshots.isIrreplaceable = core.status.firstIndex > mark.index
    // What they wait for may have been applied within the snapshot: a retry finds out.
    for token in pending.takeAll() { answer(token, .refused(.leadershipLost)) }
    forwarders.removeAll()
  }

  /// Goes on from a state that was read from a snapshot.
  mutating func adopt(_ restored: RestoredSnapshot<Machine>) {
    adopt(restored.state)
    snapshots.adopted(restored.mark, size: restored.size)
  }

  /// Freezes the state, if enough has been applied since the last snapshot.
  ///
  /// A state in doubt is not frozen: after a restart the log tells again what it should be.
  mutating func freezeIfDue() {
    if snapshots.isNeeded { snapshots.logEnds(at: core.status.lastIndex) }
    if snapshots.wantsRoom(at: now.monotonicMicroseconds), core.canSpareOlderSnapshot {
      snapshotOrders.append(.makeRoom)
    }
    guard unknownCommand == nil, watch.refusal == nil,
      let mark = snapshots.markIfDue(
        at: now.monotonicMicroseconds,
        logSizeMin: options.snapshotLogSizeMin,
        place: identity.member.id.rawValue
      )
    else { return }
    invariant(mark.index == lastApplied, "W6: a snapshot is of the state as it is")
    invariant(unconfirmed == nil, "one snapshot is under way at a time")
    unconfirmed = UnconfirmedState(
      state: FrozenState(mark: mark, image: freeze()),
      frozenAt: now.monotonicMicroseconds
    )
    keepIfConfirmed()
  }

  /// Has the frozen state written once others are known to have come to it, too, and gives it up
  /// when this node's results are in doubt (decision 0033).
  ///
  /// Whatever is on the disk was so confirmed, and the log may be trimmed for it.
  mutating func keepIfConfirmed() {
    guard let unconfirmed else { return }
    guard watch.refusal == nil else { return giveUpUnconfirmed() }
    let index = unconfirmed.state.mark.index
    let waited = now.monotonicMicroseconds - unconfirmed.frozenAt
    let isConfirmed =
      core.agreedIndex.map { index <= $0 }
      ?? watch.confirms(index, waitingFor: waited, core.hasQuorum)
    guard isConfirmed else { return }
    self.unconfirmed = nil
    var state = unconfirmed.state
    state.maySpareOlder = core.canSpareOlderSnapshot
    state.mayHoldRoom = core.agreedIndex == nil
    snapshotOrders.append(.write(state))
  }

  private mutating func giveUpUnconfirmed() {
    guard let unconfirmed else { return }
    self.unconfirmed = nil
    snapshots.failed(at: now.monotonicMicroseconds)
    snapshotOrders.append(.discard(unconfirmed.state.image))
  }
}
