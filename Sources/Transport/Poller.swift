import CSystem

/// Asks the kernel which descriptors are ready: epoll, level-triggered.
struct Poller: ~Copyable {
  /// What a descriptor is waited for, and what it turned out to be.
  struct Readiness: OptionSet {
    let rawValue: UInt32

    static let readable = Readiness(rawValue: LOCKSTEP_READABLE)
    static let writable = Readiness(rawValue: LOCKSTEP_WRITABLE)
    /// An error or the end of both directions; reported whether asked for or not.
    static let broken = Readiness(rawValue: LOCKSTEP_ERROR | LOCKSTEP_HANGUP)
  }

  /// A descriptor that became ready.
  struct Event {
    let descriptor: Int32
    let readiness: Readiness
  }

  private let epoll: Int32
  private var events: [lockstep_event]

  init() throws(TransportError) {
    epoll = lockstep_epoll_create()
    events = []
    guard epoll >= 0 else {
      throw TransportError("epoll_create", on: "the event loop", errno: -epoll)
    }
    events = Array(repeating: lockstep_event(), count: Int(LOCKSTEP_EVENTS_MAX))
  }

  deinit {
    if epoll >= 0 { lockstep_close(epoll) }
  }

  func add(_ descriptor: Int32, for readiness: Readiness) throws(TransportError) {
    try check(lockstep_epoll_add(epoll, descriptor, readiness.rawValue))
  }

  func change(_ descriptor: Int32, to readiness: Readiness) throws(TransportError) {
    try check(lockstep_epoll_change(epoll, descriptor, readiness.rawValue))
  }

  func remove(_ descriptor: Int32) throws(TransportError) {
    try check(lockstep_epoll_remove(epoll, descriptor))
  }

  /// Waits for at most `milliseconds` (nil: until something happens) and returns how many
  /// descriptors are ready; `event(at:)` tells which.
  mutating func wait(milliseconds: Int32?) throws(TransportError) -> Int {
    // The array has LOCKSTEP_EVENTS_MAX places, as many as the call fills at most.
    let count = unsafe lockstep_epoll_wait(
      epoll,
      &events,
      Int32(LOCKSTEP_EVENTS_MAX),
      milliseconds ?? -1
    )
    try check(count)
    return Int(count)
  }

  func event(at index: Int) -> Event {
    let raw = events[index]
    return Event(descriptor: raw.descriptor, readiness: Readiness(rawValue: raw.events))
  }

  private func check(_ result: Int32) throws(TransportError) {
    guard result >= 0 else {
      throw .systemCall("epoll", doing: "waiting for sockets", errno: -result)
    }
  }
}
