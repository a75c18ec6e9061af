import Consensus
import Dispatch
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
      folder: directory.folder,
      notices: snapshotNotices
    )
  }

  func takeJournalNotices() -> [JournalThread.Notice] {
    journalNotices.takeAll()
  }

  func takeSnapshotNotices() -> [SnapshotThread.Notice] {
    snapshotNotices.takeAll()
  }

  /// Ends both, the journal's with what was handed to it.
  ///
  /// - Returns: Whether the journal's has ended, if only with an error; a disk that hangs is not
  ///   waited for.
  func end(within microseconds: UInt64) -> Bool {
    let deadline = DispatchTime.now() + .microseconds(Int(microseconds))
    snapshots.beginStop()
    journal.beginStop()
    let isJournalDone = journal.hasEnded(until: deadline)
    _ = snapshots.hasEnded(until: deadline)
    return isJournalDone
  }
}
