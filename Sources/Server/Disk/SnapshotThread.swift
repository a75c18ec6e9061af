import Dispatch
import Documents
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
    /// Nobody knows what the disk holds; the node must stop.
    case failed(StorageError)
  }

  private struct Inbox {
    var orders: [SnapshotOrder<DocumentStore>] = []
    /// How far the journal is known to be synced.
    var durableThrough: UInt64 = 0
    var isStopping = false
  }

  private let inbox = Mutex(Inbox())
  private let wakeUp = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)
  private let notices: Mailbox<Notice>
  private let thread = Mutex<WorkerThread?>(nil)

  /// Starts the thread; what it says arrives in `notices`.
  init(
    keeper: SnapshotKeeper<DocumentStore>,
    scrubber: Scrubber,
    notices: Mailbox<Notice>
  ) throws(TransportError) {
    self.notices = notices
    let started = try WorkerThread.start(name: "snapshots") { [self] in run(keeper, scrubber) }
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

  private func run(_ start: SnapshotKeeper<DocumentStore>, _ scrubber: Scrubber) {
    var keeper = start
    do {
      try serve(&keeper, scrubber)
    } catch {
      notices.post(.failed(error))
    }
    ended.signal()
  }

  private func serve(
    _ keeper: inout SnapshotKeeper<DocumentStore>,
    _ begun: Scrubber
  ) throws(StorageError) {
    var scrubber = begun
    while true {
      let (orders, durableThrough, isStopping) = take()
      if isStopping { return }
      for order in orders { keeper.take(order) }
      let now = MonotonicClock.now()
      if now >= scrubber.dueAt {
        let findings = scrubber.step(at: now, durableThrough: durableThrough, &keeper)
        for finding in findings { notices.post(.scrub(finding)) }
      }
      if keeper.hasWork {
        for notice in try keeper.step() { notices.post(.keeper(notice)) }
      } else if scrubber.dueAt > now {
        _ = wakeUp.wait(timeout: .now() + .microseconds(Int(scrubber.dueAt - now)))
      }
    }
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
