import ClientProtocol
import Synchronization
import Transport

/// Where threads meet: callers hand over calls and wait, the driver carries them out.
///
/// Every handle of a client shares one; when the last is gone, the driver's thread ends.
final class ClientCore: Sendable {
  /// What the driver's thread needs, apart so that the thread does not keep us alive.
  private final class Shared: Sendable {
    let waker: Waker
    let mailbox: Mailbox<Mail>
    let isStopped = Mutex(false)

    init() throws(TransportError) {
      waker = try Waker()
      mailbox = Mailbox(waking: waker)
    }
  }

  private let shared: Shared
  private let options: DriverOptions
  private let lastCall = Atomic<UInt64>(0)

  init(_ options: DriverOptions) throws(LockstepError) {
    self.options = options
    do {
      let shared = try Shared()
      self.shared = shared
      _ = try WorkerThread.start(name: "lockstep-client") { Self.run(shared, options) }
    } catch {
      throw LockstepError(.internalError, error.description, outcome: .notApplied)
    }
  }

  /// Who the nodes are, where they may lie.
  var credentials: ClusterCredentials? { options.credentials }

  /// How long a call may take that does not say.
  var timeout: Duration { .microseconds(Int64(clamping: options.timeoutMicroseconds)) }

  deinit {
    Self.post(.close(nil), to: shared)
  }

  /// Carries a call out and waits for its end, or for the caller's cancellation.
  func perform(_ work: Work, timeout: Duration?) async throws(LockstepError) -> Answer {
    let ticket = Ticket()
    let id = lastCall.add(1, ordering: .relaxed).newValue
    let microseconds = microseconds(of: timeout)
    let result: Result<Answer, LockstepError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let hasBegun = ticket.begin {
          post(.start(id: id, work, timeoutMicroseconds: microseconds, continuation))
        }
        if !hasBegun {
          let error = LockstepError(.cancelled, "the call was cancelled", outcome: .notApplied)
          continuation.resume(returning: .failure(error))
        }
      }
    } onCancel: {
      if ticket.cancel() { post(.cancel(id: id)) }
    }
    return try result.get()
  }

  /// Begins a stream, whose buffer hears of pages, end and errors; returns the call's number.
  func begin(_ stream: Work, timeout: Duration?) -> UInt64 {
    let id = lastCall.add(1, ordering: .relaxed).newValue
    post(.start(id: id, stream, timeoutMicroseconds: microseconds(of: timeout), nil))
    return id
  }

  /// The nodes known so far.
  func addresses() async throws(LockstepError) -> [SocketAddress] {
    try await withCheckedContinuation { post(.addresses($0)) }.get()
  }

  /// Waits until calls under way are finished and everything is closed.
  func close() async {
    await withCheckedContinuation { post(.close($0)) }
  }

  /// Tells the driver something.
  func post(_ mail: Mail) {
    Self.post(mail, to: shared)
  }

  private func microseconds(of timeout: Duration?) -> UInt64 {
    timeout.map(\.wholeMicroseconds) ?? options.timeoutMicroseconds
  }

  private static func post(_ mail: Mail, to shared: Shared) {
    let isTaken = shared.isStopped.withLock { isStopped in
      if !isStopped { shared.mailbox.post(mail) }
      return !isStopped
    }
    if !isTaken { refuse(mail, LockstepError(.clientClosed, "the client is closed")) }
  }

  /// The life of the driver's thread.
  private static func run(_ shared: Shared, _ options: DriverOptions) {
    var closers: [CheckedContinuation<Void, Never>] = []
    var error = LockstepError(.clientClosed, "the client is closed")
    do throws(TransportError) {
      let loop = try EventLoop(waker: shared.waker)
      defer { loop.close() }
      do throws(LockstepError) {
        let host = try host(of: shared, options, on: loop)
        closers = try live(host, on: loop)
      } catch let failure {
        error = failure
      }
    } catch let failure {
      error = LockstepError(.internalError, failure.description, outcome: .notApplied)
    }
    shared.isStopped.withLock { $0 = true }
    for mail in shared.mailbox.takeAll() { refuse(mail, error) }
    for closer in closers { closer.resume() }
  }

  private static func host(
    of shared: Shared,
    _ options: DriverOptions,
    on loop: EventLoop
  ) throws(LockstepError) -> any ClientHost {
    let names = NameFinder(waker: shared.waker, ask: options.resolve)
    guard let credentials = options.credentials else {
      return Driver(loop: loop, mailbox: shared.mailbox, options: options, names: names)
    }
    return try ByzantineHost(
      loop: loop,
      mailbox: shared.mailbox,
      options: options,
      credentials: credentials,
      names: names
    )
  }

  /// Runs until the end, and says who waits for it.
  private static func live(
    _ host: any ClientHost,
    on loop: EventLoop
  ) throws(LockstepError) -> [CheckedContinuation<Void, Never>] {
    do {
      try loop.run(host)
      return host.closers
    } catch {
      let failure = LockstepError(.internalError, error.description, outcome: .notApplied)
      host.failEverything(LockstepError(.internalError, error.description))
      throw failure
    }
  }

  /// Answers mail that no driver will read.
  private static func refuse(_ mail: Mail, _ error: LockstepError) {
    switch mail {
    case .start(_, let work, _, let continuation):
      if case .stream(_, _, let buffer) = work { buffer.finish(error) }
      continuation?.resume(returning: .failure(error))
    case .addresses(let continuation): continuation.resume(returning: .failure(error))
    case .close(let continuation): continuation?.resume()
    case .cancel, .credit: break
    }
  }
}

/// Whether a call has been handed over: a cancellation may come first.
private final class Ticket: Sendable {
  private enum State {
    case new, begun, cancelled
  }

  private let state = Mutex(State.new)

  /// Hands the call over, unless it was cancelled already.
  func begin(_ handOver: () -> Void) -> Bool {
    state.withLock { state in
      guard case .new = state else { return false }
      state = .begun
      handOver()
      return true
    }
  }

  /// Notes a cancellation; true if the driver must be told.
  func cancel() -> Bool {
    state.withLock { state in
      if case .begun = state { return true }
      state = .cancelled
      return false
    }
  }
}

extension Duration {
  /// The duration in microseconds; 0 for a negative one, a year at the most.
  var wholeMicroseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    let bounded = UInt64(min(seconds, 365 * 86_400))
    return bounded * 1_000_000 + UInt64(attoseconds / 1_000_000_000_000)
  }
}
