import CSystem
import Synchronization

/// Wakes an event loop from any thread, with at most one system call per sleep of the loop.
package final class Waker: Sendable {
  private enum State {
    static let awake: UInt8 = 0
    static let asleep: UInt8 = 1
    static let notified: UInt8 = 2
  }

  let descriptor: Int32
  private let state = Atomic<UInt8>(State.awake)

  /// Makes a waker for one event loop.
  ///
  /// - Throws: `TransportError` if the process is out of descriptors.
  package init() throws(TransportError) {
    descriptor = lockstep_eventfd_create()
    guard descriptor >= 0 else {
      throw TransportError("eventfd", on: "the event loop", errno: -descriptor)
    }
  }

  deinit {
    if descriptor >= 0 { lockstep_close(descriptor) }
  }

  /// Makes the loop call `mailArrived()` in this turn or the next; from any thread.
  package func notify() {
    let before = state.exchange(State.notified, ordering: .sequentiallyConsistent)
    guard before == State.asleep else { return }
    // It fails only when 2^64 - 1 notices wait, and then the loop wakes anyway.
    _ = lockstep_eventfd_notify(descriptor)
  }

  /// Says that the loop is about to sleep; false if a notice waits, and it must not.
  func mayFallAsleep() -> Bool {
    let (exchanged, _) = state.compareExchange(
      expected: State.awake,
      desired: State.asleep,
      ordering: .sequentiallyConsistent
    )
    return exchanged
  }

  /// Says that the loop is awake; later notices need no system call.
  func wokeUp() {
    _ = state.compareExchange(
      expected: State.asleep,
      desired: State.awake,
      ordering: .sequentiallyConsistent
    )
  }

  /// Whether a notice came since the last call.
  func takeNotice() -> Bool {
    let (exchanged, _) = state.compareExchange(
      expected: State.notified,
      desired: State.awake,
      ordering: .sequentiallyConsistent
    )
    return exchanged
  }

  /// Makes the descriptor quiet again after a wake-up.
  func drain() {
    // It fails only when there is nothing to drain.
    _ = lockstep_eventfd_drain(descriptor)
  }
}
