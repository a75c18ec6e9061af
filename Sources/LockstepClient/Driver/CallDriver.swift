import ClientProtocol
import Transport

/// What the drivers of both modes do alike: they take calls in and end them, keep one session, and
/// close.
protocol CallDriver: AnyObject {
  var options: DriverOptions { get }
  /// The time of this turn, in microseconds.
  var now: UInt64 { get }
  var calls: [UInt64: Call] { get set }
  var nextRequestID: UInt64 { get set }
  var random: SystemRandomNumberGenerator { get set }
  var closing: Closing { get set }

  /// The session, while there is one.
  var session: SessionWindow? { get set }
  /// The call that opens it, while one does.
  var opener: Call? { get set }
  /// Finds a session again whose opening was never answered.
  var sessionNonce: UInt64? { get set }
  /// What the cluster can keep as a nonce.
  static var nonces: ClosedRange<UInt64> { get }

  /// Takes a call in, from a caller or from ourselves.
  func enter(_ call: Call)
  /// Takes a call out of everything that it waits for.
  func forget(_ call: Call)
  func cancel(_ id: UInt64)
  func giveCredit(_ id: UInt64)
  /// Where the nodes are, as far as is known.
  var knownAddresses: [SocketAddress] { get }
  /// Who leads, as far as is known.
  var leaderAddress: SocketAddress? { get }
  /// Lets as many writes go as the window has room for.
  func releaseWrites()
  func sessionIsOpen(_ id: UInt64)
  func sessionFailed(_ error: LockstepError)
  /// Whether the session is worth a goodbye.
  var canCloseSession: Bool { get }
  /// Closes the connections: everything is done.
  func end()
}

extension CallDriver {
  /// The most calls that may be under way.
  static var callsMax: Int { 65_536 }

  /// Tells the user what happens.
  func emit(_ event: @autoclosure () -> ClientEvent) {
    options.onEvent?(event())
  }

  /// Does what another thread asks.
  func obey(_ mail: Mail) {
    switch mail {
    case .start(let id, let work, let timeout, let continuation):
      let call = Call(id: id, work: work, timeoutMicroseconds: timeout, now: now) {
        continuation?.resume(returning: $0)
      }
      start(call)
    case .cancel(let id): cancel(id)
    case .credit(let id): giveCredit(id)
    case .addresses(let continuation): continuation.resume(returning: .success(knownAddresses))
    case .close: beginClosing()
    }
  }

  /// Takes a caller's call in, if there is room for it.
  func start(_ call: Call) {
    guard case .no = closing else {
      return call.finish(.failure(LockstepError(.clientClosed, "the client is closed")))
    }
    guard calls.count < Self.callsMax else {
      let message = "\(Self.callsMax) calls are under way in this client already"
      return call.finish(.failure(LockstepError(.overloaded, message)))
    }
    enter(call)
  }

  /// Takes in a call of our own, with an id out of the callers' range.
  @discardableResult
  func enter(
    _ work: Work,
    timeoutMicroseconds: UInt64,
    _ ended: @escaping (Result<Answer, LockstepError>) -> Void
  ) -> Call {
    nextRequestID += 1
    let call = Call(
      id: nextRequestID | Call.firstOfOurs,
      work: work,
      timeoutMicroseconds: timeoutMicroseconds,
      now: now,
      resume: ended
    )
    enter(call)
    return call
  }

  /// Ends a call, whatever it waits for.
  func finish(_ call: Call, _ result: Result<Answer, LockstepError>) {
    guard calls.removeValue(forKey: call.id) != nil else { return }
    forget(call)
    let result = result.mapError { error in
      var error = error
      error.write = call.write
      error.requestID = call.id
      return error
    }
    if case .write = call.work { settle(call, result) }
    emit(
      .finished(
        requestID: call.id,
        operation: call.work.name,
        duration: .microseconds(now - min(call.startedAt, now)),
        error: result.failure
      )
    )
    call.finish(result)
  }

  /// Ends a call with an error, and says what is known about its effect.
  func fail(_ call: Call, _ error: LockstepError) {
    var error = error
    if !call.work.changesState {
      error.outcome = .notApplied
    } else if call.isUncertain {
      error.outcome = .unknown
    }
    error.leaderHint = leaderAddress?.description
    finish(call, .failure(error))
  }

  /// The event loop broke: nobody is left waiting.
  func failCalls(_ error: LockstepError) {
    for call in calls.values.sorted(by: { $0.id < $1.id }) { fail(call, error) }
  }
}

extension Result {
  /// The error, if there is one.
  var failure: Failure? {
    if case .failure(let error) = self { error } else { nil }
  }
}
