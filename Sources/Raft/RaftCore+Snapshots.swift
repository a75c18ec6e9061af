package import Consensus

// Raft §7: the past is forgotten once a snapshot holds what it came to.
extension RaftCore {
  // MARK: This node's own snapshots

  /// A snapshot of the state is durable (see `ConsensusCore`).
  package mutating func snapshotTaken(_ mark: SnapshotMark) {
    invariant(mark.index <= handedOutIndex, "W1: a snapshot holds what was applied")
    if mark.index > snapshot?.index ?? .zero {
      // With the snapshot before it, the journal can still do without the new one.
      // What stands in the journal of whoever is not whole may be the last copy.
      if forgettableBelow > 0, isWhole { effects.forgetRecordsBelow = forgettableBelow }
      spareIndex = snapshot?.index ?? .zero
      snapshot = mark
    }
    forgetDamagedRecords(behind: mark)
    finish()
  }

  /// Who lacks something may be the only one to have the rest (see `ConsensusCore`).
  package var canSpareOlderSnapshot: Bool {
    isWhole && isAdmitted && !membership.isOnlyVoter(identity.member)
  }

  /// The journal need not go on from it any more (see `ConsensusCore`).
  package mutating func olderSnapshotIsGone() {
    guard let snapshot else { return }
    installPause = InstallPause()
    spareIndex = snapshot.index
    guard forgettableBelow > 0, isWhole else { return }
    effects.forgetRecordsBelow = max(effects.forgetRecordsBelow ?? 0, forgettableBelow)
    finish()
  }

  /// Records lie in files that have rotted (see `ConsensusCore`).
  package mutating func recordsAreDamaged(below position: UInt64) {
    damagedBelow = max(damagedBelow, position)
    let now = microseconds
    role.leader?.nextTransferOfDamagedAt = now
    // Else a start may know of nobody to ask; term and vote stand at the head of each segment.
    if options.admission != .trusting { writeAdmission() }
  }

  /// What has rotted goes at once: one snapshot and a sound journal are better than two and this.
  private mutating func forgetDamagedRecords(behind mark: SnapshotMark) {
    let next = mark.index.next
    // A late one from before the log began stands for nothing that the log continues.
    guard isWhole, damagedBelow > 0, mark.index >= log.base.index,
      !log.contains(next) || log.position(at: next) >= damagedBelow
    else { return }
    // A journal that keeps no entry says where its log goes on: else it seems to have lost some.
    if !log.contains(log.lastIndex) || log.position(at: log.lastIndex) < damagedBelow {
      write(.restart(mark.mark))
      // Also if only a part is forgotten before the next start.
      write(.repaired)
    }
    effects.forgetRecordsBelow = max(effects.forgetRecordsBelow ?? 0, damagedBelow)
    damagedBelow = 0
    role.leader?.nextTransferOfDamagedAt = nil
  }

  /// The state was replaced by a durable snapshot (see `ConsensusCore`).
  ///
  /// A log that has the snapshot's last entry is kept: what follows it may be committed. Any
  /// other is given up, with all that it has (Raft §7, Figure 13, steps 6 and 7).
  package mutating func snapshotInstalled(_ mark: SnapshotMark) {
    invariant(mark.index > handedOutIndex, "W6: the state never goes back")
    receipt = nil
    installPause = InstallPause()
    let isContained = log.term(at: mark.index) == mark.term
    if !isContained {
      if case .leader = role { invariant(false, "S6: a leader has all that is committed") }
      effects.discarded.append(log)
      log = RaftLog(after: mark)
      adoptConfiguration()
    }
    goOn(after: mark, isLogReplaced: !isContained)
    // What is committed is in the log of every leader of this term.
    let verifiedIndex = max(role.follower?.verifiedIndex ?? .zero, mark.index)
    role.follower?.verifiedIndex = verifiedIndex
    if let leader = role.follower?.leader { accept(through: mark.index, from: leader) }
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
      if isWhole { effects.forgetRecordsBelow = position }
      forgettableBelow = 0
    }
    spareIndex = .zero
    commitIndex = max(commitIndex, mark.index)
    handedOutIndex = max(handedOutIndex, mark.index)
  }

  // MARK: Trimming

  /// Forgets entries that the newest snapshot includes and that are durable in the log as well, a
  /// few in each turn; a trailing part stays, so that a slow follower needs no snapshot, unless the
  /// journal has no room.
  mutating func trimLog() { trimLog(countMax: options.trimmedEntriesMax) }

  /// The same for what a start finds, at once; the snapshot's own entry stays for a turn, as it
  /// shows that the journal can do without that snapshot.
  mutating func trimRecoveredLog() {
    guard let snapshot, snapshot.index > log.base.index else { return }
    trimLog(countMax: snapshot.index - log.base.index - 1)
  }

  private mutating func trimLog(countMax: Int) {
    guard let snapshot, snapshot.index > log.base.index else { return }
    let wanted =
      hasRoom
      ? log.start(
        ofTrailing: options.trailingSizeMax,
        countMax: options.trailingEntriesMax,
        through: snapshot.index
      ) : snapshot.index
    let end = min(
      wanted,
      durableIndex,
      log.base.index + countMax,
      heldForReceivers
    )
    guard end > log.base.index else { return }
    // Positions of the entries in the log go up with their indexes, so nothing that stays lies
    // below; term and vote are repeated at the head of every segment.
    forgettableBelow = log.position(at: min(end.next, log.lastIndex))
    // Where the next snapshot came before the log was trimmed for this one.
    let held = min(end, spareIndex)
    if held > log.base.index, isWhole {
      let needed = log.position(at: min(held.next, log.lastIndex))
      effects.forgetRecordsBelow = max(effects.forgetRecordsBelow ?? 0, needed)
    }
    log.trim(through: end)
  }

  /// What follows a snapshot that a follower is just being sent is needed right after it, as long
  /// as that is not too much: no more than has to be sent anyway, or than the options allow.
  private var heldForReceivers: LogIndex {
    let sendings = role.leader?.followers.compactMap(\.sending) ?? []
    guard let held = sendings.map(\.mark.index).min() else { return log.lastIndex }
    let sizeMax = sendings.map(\.size).reduce(options.installTrailingSizeMax, max)
    return log.size(after: held, through: log.lastIndex) <= sizeMax ? held : log.lastIndex
  }

  // MARK: The leader sends

  /// The snapshot that followers are sent.
  var snapshotMark: LogMark? { snapshot.map { LogMark(index: $0.index, term: $0.term) } }

  /// Work off the loop is done (see `ConsensusCore`).
  package mutating func jobDone(_ result: SnapshotJobResult) {
    switch result {
    case .read(let part, let size, let member): sendPart(part, ofSize: size, to: member)
    case .unreadable(let place, let member): partIsUnreadable(place, for: member)
    case .stored(let place, let end, let isLast): partWasStored(place, end, isLast: isLast)
    case .lost(let index): giveUpReceipt(of: index)
    case .noRoom(let index):
      giveUpReceipt(of: index)
      installPause.noRoom(at: microseconds)
    }
    finish()
  }

  private mutating func sendPart(_ part: InstallPart, ofSize size: Int, to member: Member) {
    guard let sending = role.leader?.follower(member)?.sending, sending.step == .reading,
      sending.place == part.place
    else { return }
    let now = microseconds
    updateFollower(member) { follower in
      follower.updateSending { $0.wasRead(at: now, ofSize: size) }
    }
    let install = RaftMessage.InstallSnapshot(term: currentTerm, mark: sending.mark, part: part)
    send(.installSnapshot(install), to: member)
  }

  /// The snapshot has been replaced by a newer one, or is damaged: the newest is tried, in a while.
  private mutating func partIsUnreadable(_ place: SnapshotPlace, for member: Member) {
    guard let sending = role.leader?.follower(member)?.sending, sending.place == place,
      let newest = snapshotMark
    else { return }
    let now = microseconds
    updateFollower(member) { follower in
      if newest != sending.mark {
        follower.needsSnapshot(newest)
      } else {
        follower.updateSending { $0.wasRead(at: now) }
      }
    }
  }

  mutating func snapshotWanted(_ place: SnapshotPlace, by sender: Member) {
    let newest = snapshotMark
    updateFollower(sender) { follower in
      guard let sending = follower.sending, sending.mark.index == place.index else { return }
      if place.offset == 0, let newest, newest != sending.mark, sending.step != .reading {
        // It has nothing of the older one yet.
        follower.needsSnapshot(newest)
      } else {
        follower.updateSending { $0.wanted(place.offset) }
      }
    }
  }

  // MARK: The follower receives

  /// Keeps a part of the leader's snapshot, unless the log or the state has it all.
  mutating func take(_ install: RaftMessage.InstallSnapshot, of sender: Member) {
    heard(from: sender)
    let index = install.mark.index
    if log.term(at: index) == install.mark.term {
      // Equal marks mean equal logs, and what a snapshot includes is committed.
      let verifiedIndex = max(role.follower?.verifiedIndex ?? .zero, index)
      role.follower?.verifiedIndex = verifiedIndex
      learnCommitIndex(index)
    }
    guard index > commitIndex else {
      return accept(through: index, from: sender)
    }
    store(install.part, of: sender)
  }

  private mutating func store(_ part: InstallPart, of sender: Member) {
    // A snapshot that is all here is as good as any other.
    guard receipt?.step != .installing else { return }
    if receipt?.leader != sender || receipt?.index != part.place.index {
      guard installPause.isOver(at: microseconds) else { return pause(part.place, of: sender) }
      receipt = SnapshotReceipt(leader: sender, term: currentTerm, index: part.place.index)
    }
    receipt?.term = currentTerm
    guard let receipt, receipt.step == .waiting else { return }
    if receipt.place == part.place {
      self.receipt?.step = .storing
      effects.jobs.append(.store(part))
    } else {
      send(.snapshotWanted(term: currentTerm, place: receipt.place), to: sender)
    }
  }

  /// The sender goes back to the first part, which is small and which it sends again and again.
  private mutating func pause(_ place: SnapshotPlace, of sender: Member) {
    guard place.offset > 0 else { return }
    let first = SnapshotPlace(index: place.index, offset: 0)
    send(.snapshotWanted(term: currentTerm, place: first), to: sender)
  }

  private mutating func giveUpReceipt(of index: LogIndex) {
    if receipt?.index == index { receipt = nil }
  }

  /// Parts of a snapshot whose entries have come in another way are of no more use.
  mutating func giveUpReceipt() {
    guard let receipt, receipt.step == .waiting, receipt.index <= commitIndex else { return }
    self.receipt = nil
    effects.jobs.append(.giveUp(index: receipt.index))
  }

  private mutating func partWasStored(_ place: SnapshotPlace, _ end: UInt64, isLast: Bool) {
    guard var receipt, receipt.step == .storing, receipt.place == place else { return }
    receipt.offset = end
    receipt.step = isLast ? .installing : .waiting
    self.receipt = receipt
    guard !isLast, role.follower?.leader == receipt.leader, receipt.term == currentTerm else {
      return
    }
    send(.snapshotWanted(term: currentTerm, place: receipt.place), to: receipt.leader)
  }
}
