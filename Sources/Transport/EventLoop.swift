import CSystem

/// Waits on sockets, timers and other threads' mail, and hands them out turn by turn.
///
/// It belongs to the thread that runs it; only its `Waker` may be touched from elsewhere.
/// A turn: wait · read every ready socket · mail · due timers · `turnEnded()` · what each
/// connection has to say.
package final class EventLoop {
  /// What stands behind a descriptor.
  enum Source {
    case connection(Connection)
    case listener(Listener)
    case waker
  }

  /// Why a timer was set.
  enum Alarm {
    case owner(token: UInt64)
    case connectTimeout(ConnectionID)
    case farewellOver(ConnectionID)
    case acceptAgain(descriptor: Int32)
    case trim
  }

  /// When this turn began, in microseconds of the monotonic clock.
  package internal(set) var turnStart: UInt64

  /// How long after the deadline of the earliest timer this turn began, in microseconds: the thread
  /// was busy, or the process stopped.
  ///
  /// Owners restart election timers once then.
  package internal(set) var turnLateness: UInt64 = 0

  /// How many turns there have been.
  package internal(set) var turnsCount: UInt64 = 0

  let limits: TransportLimits
  let waker: Waker
  var poller: Poller
  var timers = TimerQueue<Alarm>()
  var sources: [Source?] = []
  var nextGeneration: UInt64 = 0
  var isStopping = false

  /// Every connection is read into this first; only what stays unconsumed is kept with it.
  var scratch = [UInt8](repeating: 0, count: 256 * 1024)
  /// What a secure channel made of them, and what it wants written.
  var opened: [UInt8] = []
  var wire: [UInt8] = []

  /// Connections with something to read in this turn; the urgent ones come first.
  var urgentReady: [Connection] = []
  var othersReady: [Connection] = []
  /// Whether this turn has read anything yet.
  var hasDelivered = false
  /// Connections with something to write at the end of this turn.
  var dirty: [Connection] = []
  /// Connections whose unconsumed bytes are to be offered again.
  var offeredAgain: [Connection] = []
  /// Descriptors to close between turns: until then no new socket gets their number.
  var leaving: [Int32] = []
  var hasTrimAlarm = false
  /// Owners have heard something since `turnEnded()`: the next turn comes at once.
  var hasNews = false

  /// A loop that `waker` wakes; call it on the thread that will run it.
  ///
  /// - Throws: `TransportError` if the process is out of descriptors.
  package init(waker: Waker, limits: TransportLimits = TransportLimits()) throws(TransportError) {
    self.waker = waker
    self.limits = limits
    poller = try Poller()
    turnStart = MonotonicClock.now()
    try poller.add(waker.descriptor, for: .readable)
    put(.waker, at: waker.descriptor)
  }

  /// Takes turns until `stop()` is called.
  ///
  /// - Throws: `TransportError.systemCall` if the kernel refuses to wait; nothing goes on then.
  package func run(_ delegate: any EventLoopDelegate) throws(TransportError) {
    isStopping = false
    while !isStopping {
      try turn(delegate)
    }
  }

  /// Makes `run` return at the end of this turn.
  ///
  /// On the loop's thread only.
  package func stop() {
    isStopping = true
  }

  /// Closes every connection and listener without a word to their delegates.
  package func close() {
    for source in sources {
      switch source {
      case .connection(let connection): release(connection)
      case .listener(let listener): release(listener)
      case .waker, nil: break
      }
    }
    closeLeaving()
    dirty = []
    offeredAgain = []
  }

  /// The connection of that name, while it is open.
  package func connection(_ id: ConnectionID) -> Connection? {
    let index = Int(id.descriptor)
    guard index < sources.count, case .connection(let connection) = sources[index],
      connection.id == id
    else { return nil }
    return connection
  }

  /// Calls `timerFired(token)` once, in the first later turn that begins at `deadline` or after.
  package func schedule(at deadline: UInt64, token: UInt64) -> TimerID {
    schedule(at: deadline, .owner(token: token))
  }

  /// Forgets a timer, if it has not fired yet.
  package func cancel(_ timer: TimerID) {
    timers.cancel(timer)
  }

  /// Sets a timer for a later turn: one that always sets itself anew must not hold this one up.
  func schedule(at deadline: UInt64, _ alarm: Alarm) -> TimerID {
    timers.schedule(at: max(deadline, turnStart + 1), alarm)
  }

  func put(_ source: Source?, at descriptor: Int32) {
    let index = Int(descriptor)
    while sources.count <= index { sources.append(nil) }
    sources[index] = source
  }
}
