import Transport

/// What lives on a client's thread: it takes the mail, and carries out what it asks.
protocol ClientHost: EventLoopDelegate {
  /// Those who wait for the end.
  var closers: [CheckedContinuation<Void, Never>] { get }

  /// The event loop broke: nobody is left waiting.
  func failEverything(_ error: LockstepError)
}
