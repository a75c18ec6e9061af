import Consensus
import Storage

// What the server's journal thread does: one batch at a time, and spares in between.
extension SimulatedCluster {
  private static let spaceRetryMicroseconds: UInt64 = 1_000_000

  /// Hands records to a node's journal.
  func persist(
    _ records: [JournalRecord],
    of process: NodeProcess,
    on node: Int
  ) throws(Violation) {
    guard !records.isEmpty else { return }
    process.recordsWaiting.append(contentsOf: records)
    if !process.isJournalBusy { try startBatch(of: process, on: node) }
  }

  /// A batch is written: its sync ends now.
  func batchWritten(by process: NodeProcess, on node: Int) throws(Violation) {
    if nodes[node].isPaused {
      nodes[node].isCompletionMissed = true
      return
    }
    do {
      try process.journal.sync()
    } catch {
      return try diskFailed(on: node, error)
    }
    process.office.batchEnded()
    let position = process.journal.durableThrough
    trace.fold(now, node, position)
    trace.add(.synced(node: node, through: position), at: now)
    checker.synced(through: position, by: node)
    if let end = nodes[node].endsAtPosition, position >= end {
      return crash(node, by: .cutAfterInstall, losesPower: true)
    }
    process.forgettableBelow = process.forgetBehindBatch
    guard try forgetOldest(in: process, on: node) else { return }
    report(process, on: node)
    if process.spareProgress == .ready { process.spareProgress = .working }
    try workOn(process, on: node)
  }

  /// Another segment goes while nothing is to be written: a crash may come between any two.
  func segmentForgotten(by process: NodeProcess, on node: Int) throws(Violation) {
    guard try forgetOldest(in: process, on: node) else { return }
    report(process, on: node)
    try workOn(process, on: node)
  }

  /// A step towards the next spare segment is done.
  func sparePrepared(by process: NodeProcess, on node: Int) throws(Violation) {
    do {
      process.spareProgress = try process.journal.prepareSpare(stepBytes: 16 << 10)
    } catch {
      return try diskFailed(on: node, error)
    }
    noteSpace(on: node)
    if process.spareProgress != .working { report(process, on: node) }
    if process.spareProgress == .noSpace { scheduleRetry(of: process, on: node) }
    try workOn(process, on: node)
  }

  /// A journal without space tries again, as the server's does every second (D7).
  func retrySpace(of process: NodeProcess, on node: Int) throws(Violation) {
    if process.spareProgress == .noSpace { process.spareProgress = .working }
    if !process.batchStuck.isEmpty {
      try startBatch(of: process, on: node)
    } else if !process.isJournalBusy {
      try workOn(process, on: node)
    }
  }

  /// Takes up what there is to do.
  func workOn(_ process: NodeProcess, on node: Int) throws(Violation) {
    process.isJournalBusy = false
    guard try isolateDamage(in: process, on: node) else { return }
    guard process.recordsWaiting.isEmpty else { return try startBatch(of: process, on: node) }
    process.forgettableBelow = process.forgetBelow
    if process.journal.canForget(below: process.forgettableBelow) {
      process.isJournalBusy = true
      schedule(.segmentForgotten(node: node, boot: process.boot), afterSyncOn: node)
    } else if process.spareProgress == .working {
      process.isJournalBusy = true
      schedule(.sparePrepared(node: node, boot: process.boot), afterSyncOn: node)
    }
  }

  private func startBatch(of process: NodeProcess, on node: Int) throws(Violation) {
    let isRetry = !process.batchStuck.isEmpty
    let batch = isRetry ? process.batchStuck : process.recordsWaiting
    if !isRetry {
      process.recordsWaiting.removeAll(keepingCapacity: true)
      process.forgetBehindBatch = process.forgetBelow
    }
    process.batchStuck = []
    process.isJournalBusy = true
    process.batchBeganAt = now
    fold(batch, of: node)
    process.office.batchBegan(at: nodes[node].clock.reading(at: now).monotonicMicroseconds)
    do throws(StorageError) {
      try process.journal.append(batch)
    } catch {
      guard case .diskFull = error else { return try diskFailed(on: node, error) }
      noteSpace(on: node)
      process.batchStuck = batch
      if process.journal.canForget(below: process.forgettableBelow) {
        guard try forgetOldest(in: process, on: node) else { return }
        return try startBatch(of: process, on: node)
      }
      report(process, on: node)
      return scheduleRetry(of: process, on: node)
    }
    if let fault = nodes[node].endsInBatch {
      return crash(node, by: fault, losesPower: fault == .powerCut)
    }
    schedule(.batchWritten(node: node, boot: process.boot), afterSyncOn: node)
  }

  private func fold(_ batch: [JournalRecord], of node: Int) {
    var digest = StateDigest()
    for record in batch { digest.fold(record.payload) }
    trace.fold(now, node, digest.value)
  }

  private func schedule(_ event: ClusterEvent, afterSyncOn node: Int) {
    if let slowness = nodes[node].slowness { faults.tookEffect(episode: slowness.fault) }
    nodes[node].journalBusyUntil = now + nodes[node].syncMicroseconds()
    queue.schedule(event, at: nodes[node].journalBusyUntil)
  }

  private func scheduleRetry(of process: NodeProcess, on node: Int) {
    let event = ClusterEvent.spaceRetried(node: node, boot: process.boot)
    nodes[node].journalBusyUntil = now + Self.spaceRetryMicroseconds
    queue.schedule(event, at: nodes[node].journalBusyUntil)
  }

  func noteSpace(on node: Int) {
    guard nodes[node].disk.takeSpaceMissed(), let fault = nodes[node].fullBy else { return }
    faults.tookEffect(episode: fault)
  }

  private func report(_ process: NodeProcess, on node: Int) {
    let journal = process.journal
    deliver(
      .durable(through: journal.durableThrough, room: journal.room),
      to: process,
      on: node
    )
  }

  func diskFailed(on node: Int, _ error: StorageError) throws(Violation) {
    if nodes[node].disk.isCut {
      crash(node, by: .cutAtDiskCall, losesPower: true)
    } else if let fault = nodes[node].disk.takeFailure() {
      // Nobody knows what the disk holds: the process ends at once, and the next one reads it.
      crash(node, by: fault, losesPower: false)
    } else if nodes[node].isRotten, case .diskFailed("read", _, _) = error {
      crash(node, by: .rot, losesPower: false)
    } else {
      throw .safety("D6", "the journal of \(nodes[node].member.id) fails by itself: \(error)")
    }
  }
}
