import Dispatch
import Storage
import Synchronization
import Transport

/// Writes and syncs one batch while the loop collects the next (group commit).
///
/// It owns the journal. The loop hands over records; the thread posts back what is durable. It
/// takes everything that waits as one batch, so that a slow disk makes batches larger, not
/// queues longer.
final class JournalThread: Sendable {
  /// What the thread tells the loop.
  enum Notice: Sendable {
    /// Everything through this position survives a power cut.
    case durable(through: UInt64, room: JournalRoom)
    /// The spare segments changed, and with them the room.
    case room(JournalRoom, through: UInt64)
    /// All damage lies in segments before this position; nothing more is written into them.
    case damageIsolated(below: UInt64)
    /// Nobody knows what the disk holds; the node must stop.
    case failed(StorageError)
  }

  private struct Inbox {
    var records: [JournalRecord] = []
    /// Records below may go, once those handed over with this are durable.
    var forgetBelow: UInt64 = 0
    /// Segments to look after, for they are damaged; 0 for those that recovery has found.
    var damaged: [UInt64] = []
    var isStopping = false
  }

  /// A retry for space on a full disk comes this often.
  private static let retrySeconds = 1
  /// The least that is prepared of a spare between two batches.
  private static let stepSizeMin = 256 << 10

  private let inbox = Mutex(Inbox())
  private let wakeUp = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)
  private let notices: Mailbox<Notice>
  private let thread = Mutex<WorkerThread?>(nil)

  /// Starts the thread; what it says arrives in `notices`.
  init(journal: Journal, notices: Mailbox<Notice>) throws(TransportError) {
    self.notices = notices
    let started = try WorkerThread.start(name: "journal") { [self] in run(journal) }
    thread.withLock { $0 = started }
  }

  /// Hands over records; they are written and synced in this order.
  func persist(_ records: [JournalRecord]) {
    guard !records.isEmpty else { return }
    let isFirst = inbox.withLock { inbox in
      guard inbox.records.isEmpty else {
        inbox.records += records
        return false
      }
      // The array itself: most batches begin in an empty box, and need no copy.
      inbox.records = records
      return true
    }
    if isFirst { wakeUp.signal() }
  }

  /// Gives up records below a position, once everything handed over so far is durable.
  func forget(below position: UInt64) {
    inbox.withLock { $0.forgetBelow = max($0.forgetBelow, position) }
    wakeUp.signal()
  }

  /// Goes on in a sound segment if the last one is damaged: `number`, or what recovery has found.
  func isolateDamage(in number: UInt64? = nil) {
    inbox.withLock { $0.damaged.append(number ?? 0) }
    wakeUp.signal()
  }

  /// Has the thread write what was handed over, and end.
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

  private func run(_ start: Journal) {
    var journal = start
    do {
      try serve(&journal)
    } catch {
      notices.post(.failed(error))
    }
    ended.signal()
  }

  private func serve(_ journal: inout Journal) throws(StorageError) {
    var progress = SpareProgress.working
    var retryAt = DispatchTime.now()
    var damaged: [UInt64] = []
    while true {
      let (records, forgetBelow, newlyDamaged, isStopping) = take()
      damaged += newlyDamaged
      let sizeBefore = journal.sizeAppended
      if !records.isEmpty {
        try append(records, to: &journal)
        try journal.sync()
        notices.post(.durable(through: journal.durableThrough, room: journal.room))
        if progress == .ready { progress = .working }
      }
      if isStopping { return }
      try isolate(&damaged, in: &journal)
      if forgetBelow > journal.firstPosition {
        let before = journal.room
        try journal.forget(below: forgetBelow)
        if journal.room != before {
          notices.post(.room(journal.room, through: journal.durableThrough))
        }
      }
      let size = journal.sizeAppended - sizeBefore
      try prepareSpare(of: &journal, &progress, after: size, retryAt: &retryAt)
    }
  }

  /// Appends, and waits for space where even the spare is used up: to everybody else that is a
  /// disk that hangs, and it ends when there is space again (D7).
  private func append(
    _ records: [JournalRecord],
    to journal: inout Journal
  ) throws(StorageError) {
    while true {
      do throws(StorageError) {
        return try journal.append(records)
      } catch {
        guard case .diskFull = error, !inbox.withLock({ $0.isStopping }) else { throw error }
        notices.post(.room(journal.room, through: journal.durableThrough))
        _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .seconds(Self.retrySeconds))
      }
    }
  }

  /// Without space it is tried again when something else is done, or when there is some.
  private func isolate(
    _ damaged: inout [UInt64],
    in journal: inout Journal
  ) throws(StorageError) {
    while let number = damaged.last {
      do throws(StorageError) {
        let position = try journal.isolateDamage(in: number == 0 ? nil : number)
        damaged.removeLast()
        if let position { notices.post(.damageIsolated(below: position)) }
      } catch {
        guard case .diskFull = error else { throw error }
        return
      }
    }
  }

  /// Takes one step towards the next spare, or waits for work.
  ///
  /// A spare is begun when half a segment is left: twice the bytes of what was just written make
  /// it ready before that half is full.
  private func prepareSpare(
    of journal: inout Journal,
    _ progress: inout SpareProgress,
    after size: Int,
    retryAt: inout DispatchTime
  ) throws(StorageError) {
    switch progress {
    case .working:
      let before = journal.room
      progress = try journal.prepareSpare(stepBytes: max(Self.stepSizeMin, 2 * size))
      retryAt = .now() + .seconds(Self.retrySeconds)
      // Mostly there was nothing to do: the loop is not woken for that.
      if journal.room != before {
        notices.post(.room(journal.room, through: journal.durableThrough))
      }
    case .ready:
      wakeUp.wait()
    case .noSpace:
      _ = wakeUp.wait(timeout: retryAt)
      // Also where there is always something to write meanwhile.
      if .now() >= retryAt { progress = .working }
    }
  }

  private func take() -> (
    records: [JournalRecord], forgetBelow: UInt64, damaged: [UInt64], isStopping: Bool
  ) {
    inbox.withLock { inbox in
      defer {
        inbox.records.removeAll()
        inbox.forgetBelow = 0
        inbox.damaged.removeAll()
      }
      return (inbox.records, inbox.forgetBelow, inbox.damaged, inbox.isStopping)
    }
  }
}
