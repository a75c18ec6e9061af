import Consensus
import Storage
import Transport

/// The threads on which a server writes, and what they say.
final class DiskThreads {
  let journal: JournalThread
  let snapshots: SnapshotThread
  private let journalNotices: Mailbox<JournalThread.Notice>
  private let snapshotNotices: Mailbox<SnapshotThread.Notice>

  /// Starts both; what they say wakes the loop of `waker`.
  init(
    for directory: NodeDirectory,
    scrubPeriodMicroseconds: UInt64,
    now: UInt64,
    waker: Waker
  ) throws(TransportError) {
    journalNotices = Mailbox(waking: waker)
    journal = try JournalThread(journal: directory.journal, notices: journalNotices)
    snapshotNotices = Mailbox(waking: waker)
    let scrubber = Scrubber(
      of: directory.folder,
      periodMicroseconds: scrubPeriodMicroseconds,
      now: now
    )
    snapshots = try SnapshotThread(
      keeper: directory.keeper,
      scrubber: scrubber,
      notices: snapshotNotices
    )
  }

  func takeJournalNotices() -> [JournalThread.Notice] {
    journalNotices.takeAll()
  }

  func takeSnapshotNotices() -> [SnapshotThread.Notice] {
    snapshotNotices.takeAll()
  }

  /// Sees what was handed to the journal written.
  ///
  /// - Returns: Whether it was; a disk that hangs is not waited for.
  func end(within microseconds: UInt64) -> Bool {
    _ = snapshots.stop(within: microseconds)
    return journal.stop(within: microseconds)
  }
}
