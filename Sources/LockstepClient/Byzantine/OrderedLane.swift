import ClientProtocol
package import Transport

/// A session with a cluster whose nodes may lie, on its owner's event loop: for measurements, in
/// which the generator must cost little.
package final class OrderedLane {
  /// How an operation ended: whether the cluster did it, or why nobody knows.
  package enum End: Sendable {
    /// There is a result that f+1 nodes vouch for; whether it says no.
    case answered(isFailure: Bool)
    /// There is none.
    case failed(LockstepError)
  }

  private let driver: ByzantineDriver
  private var lastCall: UInt64 = 0
  /// Whether f+1 nodes have been reached.
  package private(set) var isConnected = false
  /// Operations under way.
  package private(set) var outstanding = 0

  /// A session; nothing is sent before `begin`.
  package init(
    _ url: ConnectionURL,
    _ credentials: ClusterCredentials,
    envelopeMax: Int,
    on loop: EventLoop
  ) throws(LockstepError) {
    var options = DriverOptions(url)
    options.envelopeMax = envelopeMax
    driver = try ByzantineDriver(
      loop: loop,
      options: options,
      credentials: credentials,
      resolve: { (name) throws(TransportError) in try SocketAddress(parsing: name).numeric() }
    )
  }

  /// Envelopes sent for the first time so far, and the operations in them.
  package var sent: (envelopes: Int, operations: Int) { driver.sent }

  /// Operations that had to be sent again so far.
  package var resent: Int { driver.resent }

  /// Connects; hears why not, if so.
  package func begin(_ refused: @escaping (LockstepError) -> Void) {
    start(.connect) { [weak self] result in
      switch result {
      case .success: self?.isConnected = true
      case .failure(let error): refused(error)
      }
    }
  }

  /// Applies a command, once.
  package func write(_ command: [UInt8], _ ended: @escaping (End) -> Void) {
    count(.write(command), ended)
  }

  /// Answers a query.
  package func read(_ query: [UInt8], _ ended: @escaping (End) -> Void) {
    count(.read(query, .linearizable), ended)
  }

  /// Whether `close` has come to its end.
  package var isClosed: Bool {
    if case .done = driver.closing { return true }
    return false
  }

  /// Waits for what is under way, closes the session and the connections; nothing may be begun.
  package func close() { driver.beginClosing() }

  /// To be called every few milliseconds.
  package func tick() { driver.tick() }

  /// To be called at the end of each of the loop's turns.
  package func turnEnded() { driver.turnEnded() }

  private func count(_ work: Work, _ ended: @escaping (End) -> Void) {
    outstanding += 1
    start(work) { [weak self] result in
      self?.outstanding -= 1
      switch result {
      case .failure(let error): ended(.failed(error))
      case .success(let answer):
        // Kind 0 of both replies says why there is none.
        guard case .result(let bytes) = answer.body else { return }
        ended(.answered(isFailure: bytes.first == 0))
      }
    }
  }

  private func start(
    _ work: Work,
    _ ended: @escaping (Result<Answer, LockstepError>) -> Void
  ) {
    lastCall += 1
    let timeout = driver.options.timeoutMicroseconds
    driver.start(
      Call(
        id: lastCall,
        work: work,
        timeoutMicroseconds: timeout,
        now: driver.now,
        resume: ended
      )
    )
  }
}
