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

  /// What is left to do when nothing waits to be written.
  private struct Chores {
    var progress = SpareProgress.working
    var retryAt = DispatchTime.now()
    var damaged: [UInt64] = []
    /// Everything that was handed over before the word to give this up is durable.
    var forgetBelow: UInt64 = 0
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
    var chores = Chores()
    while true {
      let taken = take()
      chores.damaged += taken.damaged
      let sizeBefore = journal.sizeAppended
      if !taken.records.isEmpty {
        try append(taken.records, to: &journal, forgettingBelow: chores.forgetBelow)
        try journal.sync()
        notices.post(.durable(through: journal.durableThrough, room: journal.room))
        if chores.progress == .ready { chores.progress = .working }
      }
      if taken.isStopping { return }
      try isolate(&chores.damaged, in: &journal)
      chores.forgetBelow = max(chores.forgetBelow, taken.forgetBelow)
      try forgetOldest(of: &journal, below: chores.forgetBelow)
      try prepareSpare(of: &journal, &chores, after: journal.sizeAppended - sizeBefore)
    }
  }

  /// Gives up one segment: whoever writes waits for one, and not for all that a snapshot replaces.
  private func forgetOldest(
    of journal: inout Journal,
    below position: UInt64
  ) throws(StorageError) {
    guard journal.canForget(below: position) else { return }
    let before = journal.room
    try journal.forgetOldest(below: position)
    if journal.room != before {
      notices.post(.room(journal.room, through: journal.durableThrough))
    }
  }

  /// Appends, and waits for space where even the spare is used up: to everybody else that is a
  /// disk that hangs, and it ends when there is space again (D7).
  private func append(
    _ records: [JournalRecord],
    to journal: inout Journal,
    forgettingBelow position: UInt64
  ) throws(StorageError) {
    while true {
      do throws(StorageError) {
        return try journal.append(records)
      } catch {
        guard case .diskFull = error, !inbox.withLock({ $0.isStopping }) else { throw error }
        if journal.canForget(below: position) {
          try forgetOldest(of: &journal, below: position)
          continue
        }
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
    _ chores: inout Chores,
    after size: Int
  ) throws(StorageError) {
    let mayWait = !journal.canForget(below: chores.forgetBelow)
    switch chores.progress {
    case .working:
      let before = journal.room
      chores.progress = try journal.prepareSpare(stepBytes: max(Self.stepSizeMin, 2 * size))
      chores.retryAt = .now() + .seconds(Self.retrySeconds)
      // Mostly there was nothing to do: the loop is not woken for that.
      if journal.room != before {
        notices.post(.room(journal.room, through: journal.durableThrough))
      }
    case .ready:
      if mayWait { wakeUp.wait() }
    case .noSpace:
      if mayWait { _ = wakeUp.wait(timeout: chores.retryAt) }
      // Also where there is always something to write meanwhile.
      if .now() >= chores.retryAt { chores.progress = .working }
    }
  }

  private func take() -> Inbox {
    inbox.withLock { inbox in
      defer { inbox = Inbox(isStopping: inbox.isStopping) }
      return inbox
    }
  }
}
