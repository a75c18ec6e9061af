/// Keeps requests of a measurement outstanding, over one session.
protocol BenchWorker: AnyObject {
  /// Whether every key of this worker's share is written.
  var hasLoaded: Bool { get }
  /// Envelopes sent so far, and the operations in them; none where requests go one by one.
  var sent: (envelopes: Int, operations: Int) { get }

  /// Whether its session is closed, or will expire by itself.
  var isClosed: Bool { get }

  /// Sends requests until as many are outstanding as there should be; once a turn.
  func fill(now: UInt64)

  /// Does what time asks for; every few milliseconds.
  func tick(now: UInt64)

  /// Closes its session; nothing else is sent any more.
  func close()
}
