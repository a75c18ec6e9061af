import Dispatch
import Documents
import Glibc
import Replication
import Storage
import Synchronization
import Transport

/// Writes, reads, sends and receives snapshots while the loop goes on.
///
/// It owns the keeper of the snapshots and takes one small step after the other, so that a part
/// for another member never waits for a whole snapshot of this node. Between the steps it looks for
/// rot, at the scrubber's pace.
final class SnapshotThread: Sendable {
  /// What the thread tells the loop.
  enum Notice: Sendable {
    /// Of an order, or of the files.
    case keeper(SnapshotNotice<DocumentStore>)
    /// Of files that nobody else reads.
    case scrub(Scrubber.Finding)
    /// The directory holds so many bytes beside the journal's.
    case size(Int)
    /// Nobody knows what the disk holds; the node must stop.
    case failed(StorageError)
  }

  private struct Inbox {
    var orders: [SnapshotOrder<DocumentStore>] = []
    /// How far the journal is known to be synced.
    var durableThrough: UInt64 = 0
    var isStopping = false
  }

  /// When the directory is measured.
  private struct Measuring {
    var lastAt: UInt64 = 0
    var dueAt = UInt64.max
  }

  /// Whether clients write meanwhile; the loop says how far the journal is about once a second.
  private struct Writes {
    private var durableThrough: UInt64 = 0
    private var changedAt: UInt64 = 0

    mutating func goOn(at now: UInt64, _ durableThrough: UInt64) -> Bool {
      if durableThrough > self.durableThrough { changedAt = now }
      self.durableThrough = durableThrough
      return now < changedAt + SnapshotThread.quietMicroseconds
    }
  }

  /// Nobody writes if the journal has not grown for so long.
  private static let quietMicroseconds: UInt64 = 2_500_000
  /// The directory is measured no more often than this: every file of it is opened.
  private static let measuredMicroseconds: UInt64 = 1_000_000

  /// The longest pause between two steps of a snapshot.
  private static let pauseMicrosecondsMax: UInt64 = 4_000

  private let inbox = Mutex(Inbox())
  private let wakeUp = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)
  private let notices: Mailbox<Notice>
  private let thread = Mutex<WorkerThread?>(nil)

  /// Starts the thread; what it says arrives in `notices`.
  init(
    keeper: SnapshotKeeper<DocumentStore>,
    scrubber: Scrubber,
    folder: DataDirectory,
    notices: Mailbox<Notice>
  ) throws(TransportError) {
    self.notices = notices
    let started = try WorkerThread.start(name: "snapshots") { [self] in
      run(keeper, scrubber, folder)
    }
    thread.withLock { $0 = started }
  }

  /// Hands over orders; they are taken up in this order.
  func take(_ orders: [SnapshotOrder<DocumentStore>]) {
    guard !orders.isEmpty else { return }
    inbox.withLock { $0.orders += orders }
    wakeUp.signal()
  }

  /// Says how far the journal is synced: so far its last segment is looked at.
  func journalIsDurable(through position: UInt64) {
    inbox.withLock { $0.durableThrough = position }
  }

  /// Has the thread end after the step it is in; what is unfinished is removed at the next start.
  func beginStop() {
    inbox.withLock { $0.isStopping = true }
    wakeUp.signal()
  }

  /// Waits until the thread has ended.
  ///
  /// - Returns: Whether it has in time: nobody can end a thread that waits for a hung disk.
  func hasEnded(until deadline: DispatchTime) -> Bool {
    guard ended.wait(timeout: deadline) == .success else { return false }
    thread.withLock { $0 }?.join()
    return true
  }

  private func run(
    _ start: SnapshotKeeper<DocumentStore>,
    _ scrubber: Scrubber,
    _ folder: DataDirectory
  ) {
    WorkerThread.giveWay()
    var keeper = start
    do {
      try serve(&keeper, scrubber, folder)
    } catch {
      notices.post(.failed(error))
    }
    ended.signal()
  }

  private func serve(
    _ keeper: inout SnapshotKeeper<DocumentStore>,
    _ begun: Scrubber,
    _ folder: DataDirectory
  ) throws(StorageError) {
    var scrubber = begun
    var measuring = Measuring()
    var writes = Writes()
    while true {
      let (orders, durableThrough, isStopping) = take()
      if isStopping { return }
      for order in orders { keeper.take(order) }
      let now = MonotonicClock.now()
      if now >= scrubber.dueAt {
        let findings = try scrubber.step(at: now, durableThrough: durableThrough, &keeper)
        for finding in findings { notices.post(.scrub(finding)) }
      }
      if keeper.hasWork {
        for notice in try keeper.step() { notices.post(.keeper(notice)) }
        if writes.goOn(at: now, durableThrough), keeper.isWriting { pause(after: now) }
        scrubber.closeIfGone(keeper.store.snapshots)
        let next = max(now, measuring.lastAt + Self.measuredMicroseconds)
        measuring.dueAt = min(measuring.dueAt, next)
      } else if min(scrubber.dueAt, measuring.dueAt) > now {
        let pause = min(scrubber.dueAt, measuring.dueAt) - now
        _ = wakeUp.wait(timeout: .now() + .microseconds(Int(pause)))
      }
      if measuring.dueAt <= now {
        measuring = Measuring(lastAt: now)
        measure(folder)
      }
    }
  }

  /// While clients write, a snapshot takes every other moment: where processors are few, each hop
  /// of a write may have to wait for one step of it, and for no more.
  private func pause(after began: UInt64) {
    // Not for a signal: orders that came meanwhile have left many.
    usleep(UInt32(min(MonotonicClock.now() - began, Self.pauseMicrosecondsMax)))
  }

  /// A directory that cannot be listed is measured another time.
  private func measure(_ folder: DataDirectory) {
    if let size = try? folder.sizeBesideJournal() { notices.post(.size(size)) }
  }

  private func take() -> (
    orders: [SnapshotOrder<DocumentStore>], durableThrough: UInt64, isStopping: Bool
  ) {
    inbox.withLock { inbox in
      defer { inbox.orders.removeAll() }
      return (inbox.orders, inbox.durableThrough, inbox.isStopping)
    }
  }
}
