import Consensus
import Raft
import Replication
import Storage
import Wire

// What the server's snapshot thread does, one step after the other, on the node's one disk.
extension SimulatedCluster {
  /// Hands a turn's orders to the keeper, and lets the journal forget.
  func carryOutSnapshots(
    _ forgetBelow: UInt64?,
    of process: NodeProcess,
    on node: Int
  ) throws(Violation) {
    if let forgetBelow {
      coverage.reach(.logTrimmed)
      try checker.forgets(below: forgetBelow, snapshot: process.replica.snapshotIndex, at: node)
      checker.mayForget(below: forgetBelow, at: node)
      process.forgetBelow = max(process.forgetBelow, forgetBelow)
      if !process.isJournalBusy { try workOn(process, on: node) }
    }
    for order in process.replica.takeSnapshotOrders() {
      switch order {
      case .write(let state):
        try checkFrozen(state)
        try checker.freezes(state.mark, at: node)
      case .job(.read(let place, let member)): coverage.reads(place, for: member, at: node)
      case .install, .makeRoom, .job, .discard, .discardParts: break
      }
      process.keeper.take(order)
    }
    scheduleSnapshotStep(of: process, on: node)
  }

  /// What is about to be written for good is what all others came to, also where memory lies (W6,
  /// W7).
  private func checkFrozen(_ frozen: FrozenState<ObservedStore>) throws(Violation) {
    var image = frozen.image
    var builder = ReplicaBuilder<ObservedStore>()
    let state: RestoredState<ObservedStore>
    do {
      while let piece = image.nextPiece(sizeAim: setup.snapshots.pieceSizeAim) {
        try builder.take(Bytes(piece))
      }
      state = try builder.finish()
    } catch {
      throw .safety("W6", "a frozen state cannot be read back: \(error)")
    }
    try applied.compare(state.stateDigest(), at: frozen.mark.index)
    try applied.compareResults(state.resultDigest, at: frozen.mark.index)
  }

  /// Gives up the oldest segment if nobody needs it any more.
  ///
  /// - Returns: Whether the disk did as it was told.
  func forgetOldest(in process: NodeProcess, on node: Int) throws(Violation) -> Bool {
    do {
      try process.journal.forgetOldest(below: process.forgettableBelow)
      return true
    } catch {
      try diskFailed(on: node, error)
      return false
    }
  }

  /// The keeper takes a step.
  func stepSnapshots(of process: NodeProcess, on node: Int) throws(Violation) {
    process.isKeeperBusy = false
    guard !nodes[node].isPaused, !isInstallHeld(process, on: node) else {
      return scheduleSnapshotStep(of: process, on: node)
    }
    let notices: [SnapshotNotice<ObservedStore>]
    do {
      notices = try process.keeper.step()
    } catch {
      return try diskFailed(on: node, error)
    }
    noteSpace(on: node)
    if crashesInSnapshot(process, on: node) { return }
    for notice in notices {
      deliver(.snapshot(notice), to: process, on: node)
    }
    scheduleSnapshotStep(of: process, on: node)
  }

  /// A crash that a recipe wants in the middle of a snapshot (5), or on its way to a node (6).
  private func crashesInSnapshot(_ process: NodeProcess, on node: Int) -> Bool {
    if let fault = nodes[node].endsInSnapshot, process.keeper.isWriting, snapshotRandom.oneIn(4) {
      faults.count(.crashInSnapshot)
      crash(node, by: fault, losesPower: fault == .powerCut)
      return true
    }
    guard installCrashes > 0, process.keeper.isReceiving, !isCalm, snapshotRandom.oneIn(4) else {
      return false
    }
    installCrashes -= 1
    if installCrashes == 0 { faults.count(.crashInInstall) }
    let fault: FaultKind = snapshotRandom.oneIn(2) ? .kill : .powerCut
    if snapshotRandom.oneIn(2), let leader, leader != node {
      crash(leader, by: fault, losesPower: fault == .powerCut)
      return false
    }
    crash(node, by: fault, losesPower: fault == .powerCut)
    return true
  }

  private func scheduleSnapshotStep(of process: NodeProcess, on node: Int) {
    guard !process.isKeeperBusy, process.keeper.hasWork else { return }
    process.isKeeperBusy = true
    let isHeld = nodes[node].isPaused || now < nodes[node].installHeldUntil
    let wait = isHeld ? 50_000 : snapshotRandom.number(in: 50..<3_000)
    // A slow disk is slow for everybody.
    let slowest = nodes[node].slowness?.minMicroseconds ?? 0
    queue.schedule(
      .snapshotStep(node: node, boot: process.boot),
      at: now + max(wait, slowest)
    )
  }

  /// A node hears of its snapshots.
  func feed(
    _ notice: SnapshotNotice<ObservedStore>,
    to process: NodeProcess
  ) throws(Violation) {
    switch notice {
    case .taken: coverage.reach(.snapshotWritten)
    case .notTaken: coverage.reach(.snapshotPostponed)
    case .damaged: coverage.reach(.snapshotDamaged)
    case .olderRemoved: coverage.reach(.olderSnapshotRemoved)
    case .jobDone, .received, .notReceived: break
    }
    let before = process.replica.lastApplied
    process.replica.receive(notice)
    guard process.replica.lastApplied != before else { return }
    guard process.replica.lastApplied > before else {
      throw .safety("W6", "a snapshot takes a state back from \(before)")
    }
    coverage.reach(.installComplete)
    try observeRestored(process)
  }

  /// A node goes on from a snapshot: its state is what others had at that entry (W6).
  func observeRestored(_ process: NodeProcess) throws(Violation) {
    let index = process.replica.lastApplied
    process.applied = applied.cursor(at: index, after: process.applied)
    try applied.compare(process.replica.stateDigest(), at: index)
    guard process.replica.machine.lie == nil else { return }
    try applied.compareResults(process.replica.resultDigest, at: index)
  }

  /// However much was written, a node keeps two snapshots and a log of about their size (W8).
  func checkDisks() throws(Violation) {
    for node in core {
      guard let process = nodes[node].process else { continue }
      let id = nodes[node].member.id
      let names = nodes[node].disk.fileNames.filter { $0.hasPrefix("snapshot-") }
      guard names.count(where: { $0.hasSuffix(".snap") }) <= SnapshotStore.keptMax,
        names.count(where: { $0.hasSuffix(".tmp") }) <= 2
      else { throw .safety("W8", "\(id) keeps the snapshots \(names)") }
      let due = max(setup.snapshots.logSizeMin, process.keeper.store.newest?.size ?? 0)
      let trailing = setup.raft.trailingEntriesMax * Self.entrySizeMax
      try checkJournal(of: node, due: due)
      let size = process.replica.core.core.logSize
      guard size <= 3 * due + trailing else {
        let base = process.replica.core.core.logBase.index
        throw .safety(
          "W8",
          "\(id) keeps \(size) bytes of log behind \(base), its snapshot is of "
            + "\(process.replica.snapshotIndex), and \(due) make another due"
        )
      }
    }
  }

  /// The journal's files hold what stands behind the older of two snapshots, twice where that was
  /// written anew, and the segments at both ends.
  ///
  /// Half of a segment is empty where a large record did not fit. One that has rotted is left for a
  /// new one, however little stands in it. What a refused member left is for its operator. Where
  /// the newest snapshot was long in coming, as in doubt, the next entry makes another due.
  private func checkJournal(of node: Int, due: Int) throws(Violation) {
    guard !nodes[node].isRotten, let replica = nodes[node].process?.replica,
      replica.lastApplied > replica.snapshotIndex
    else { return }
    let size = nodes[node].disk.size { name in
      name.hasPrefix("journal-0") && name.hasSuffix(".seg")
    }
    let behind = 4 * due + setup.raft.trailingEntriesMax * Self.entrySizeMax
    let limit = 4 * behind + 4 * setup.journal.segmentSizeBytes
    guard size <= limit else {
      let id = nodes[node].member.id
      throw .safety("W8", "\(id) keeps \(size) bytes of journal, and \(due) make a snapshot due")
    }
  }

  /// No client's entry is larger.
  private static let entrySizeMax = 4_096
}
