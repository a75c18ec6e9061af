import Consensus
import Dispatch
import Documents
import Replication
import Synchronization
import Transport

/// Computes the roots of states, serves parts of them and fetches one, while the loop goes on.
///
/// The loop hands over work in order; what comes of it is posted back. A root costs what has
/// changed since the one before; the first one of a start visits everything.
final class StateThread: Sendable {
  private struct Inbox {
    var work: [StateDesk.Work] = []
    /// How many messages of each peer wait.
    var waiting: [NodeID: Int] = [:]
    var isStopping = false

    /// Only the newest state that is wanted is.
    mutating func forgetWants() {
      work.removeAll { if case .want = $0 { true } else { false } }
    }
  }

  /// An honest peer asks four questions at once, and answers as many.
  private static let waitingMax = 16

  private let inbox = Mutex(Inbox())
  private let wakeUp = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)
  private let notices: Mailbox<StateDesk.Notice>
  private let thread = Mutex<WorkerThread?>(nil)

  /// Starts the thread; what it says wakes the loop of `waker`.
  init(desk: StateDesk, waker: Waker) throws(TransportError) {
    notices = Mailbox(waking: waker)
    let started = try WorkerThread.start(name: "states") { [self] in run(desk) }
    thread.withLock { $0 = started }
  }

  /// Hands over work, which is done in order; of a peer that says too much, the rest is lost.
  func take(_ work: StateDesk.Work) {
    let isTaken = inbox.withLock { inbox in
      if case .heard(_, let peer) = work {
        guard inbox.waiting[peer, default: 0] < Self.waitingMax else { return false }
        inbox.waiting[peer, default: 0] += 1
      }
      if case .want = work { inbox.forgetWants() }
      inbox.work.append(work)
      return true
    }
    if isTaken { wakeUp.signal() }
  }

  func takeNotices() -> [StateDesk.Notice] {
    notices.takeAll()
  }

  /// Ends the thread after the piece of work it is in.
  func stop() {
    inbox.withLock { $0.isStopping = true }
    wakeUp.signal()
    ended.wait()
    thread.withLock { $0 }?.join()
  }

  private func run(_ start: StateDesk) {
    var desk = start
    while let work = takeAll() {
      for piece in work {
        if isStopping { break }
        post(desk.take(piece, at: MonotonicClock.now()))
      }
      post(desk.goOn(at: MonotonicClock.now()))
      wait(until: desk.nextDue(after: MonotonicClock.now()))
    }
    ended.signal()
  }

  private func post(_ said: [StateDesk.Notice]) {
    for notice in said { notices.post(notice) }
  }

  private var isStopping: Bool { inbox.withLock { $0.isStopping } }

  /// Everything that waits; nil if the thread is to end.
  private func takeAll() -> [StateDesk.Work]? {
    inbox.withLock { inbox in
      guard !inbox.isStopping else { return nil }
      defer {
        inbox.work = []
        inbox.waiting = [:]
      }
      return inbox.work
    }
  }

  private func wait(until due: UInt64?) {
    guard let due else { return wakeUp.wait() }
    let now = MonotonicClock.now()
    guard due > now else { return }
    _ = wakeUp.wait(timeout: .now() + .microseconds(Int(due - now)))
  }
}
