import Dispatch
import Documents
import Replication
import Storage
import Synchronization
import Transport

/// Writes, reads, sends and receives snapshots while the loop goes on.
///
/// It owns the keeper of the snapshots and takes one small step after the other, so that a part
/// for another member never waits for a whole snapshot of this node.
final class SnapshotThread: Sendable {
  /// What the thread tells the loop.
  enum Notice: Sendable {
    /// Of an order, or of the files.
    case keeper(SnapshotNotice<DocumentStore>)
    /// Nobody knows what the disk holds; the node must stop.
    case failed(StorageError)
  }

  private struct Inbox {
    var orders: [SnapshotOrder<DocumentStore>] = []
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
    notices: Mailbox<Notice>
  ) throws(TransportError) {
    self.notices = notices
    let started = try WorkerThread.start(name: "snapshots") { [self] in run(keeper) }
    thread.withLock { $0 = started }
  }

  /// Hands over orders; they are taken up in this order.
  func take(_ orders: [SnapshotOrder<DocumentStore>]) {
    guard !orders.isEmpty else { return }
    inbox.withLock { $0.orders += orders }
    wakeUp.signal()
  }

  /// Ends the thread after the step it is in; what is unfinished is removed at the next start.
  ///
  /// - Returns: Whether it did so in time: nobody can end a thread that waits for a hung disk.
  func stop(within microseconds: UInt64) -> Bool {
    inbox.withLock { $0.isStopping = true }
    wakeUp.signal()
    guard ended.wait(timeout: .now() + .microseconds(Int(microseconds))) == .success else {
      return false
    }
    thread.withLock { $0 }?.join()
    return true
  }

  private func run(_ start: SnapshotKeeper<DocumentStore>) {
    var keeper = start
    do {
      try serve(&keeper)
    } catch {
      notices.post(.failed(error))
    }
    ended.signal()
  }

  private func serve(_ keeper: inout SnapshotKeeper<DocumentStore>) throws(StorageError) {
    while true {
      let (orders, isStopping) = take()
      if isStopping { return }
      for order in orders { keeper.take(order) }
      if keeper.hasWork {
        for notice in try keeper.step() { notices.post(.keeper(notice)) }
      } else {
        wakeUp.wait()
      }
    }
  }

  private func take() -> (orders: [SnapshotOrder<DocumentStore>], isStopping: Bool) {
    inbox.withLock { inbox in
      defer { inbox.orders.removeAll() }
      return (inbox.orders, inbox.isStopping)
    }
  }
}
