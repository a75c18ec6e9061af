import Transport

/// What is known of a connected client.
final class ClientState {
  let connection: Connection
  let since: UInt64
  var hasSaidHello = false
  /// Requests of this connection that wait for an answer.
  var inFlight = 0
  /// Those of them that are reads.
  var readsCount = 0
  /// Those of them that begin a scan without a stream.
  var beginningsCount = 0
  /// The bytes of these requests.
  var pendingBytes = 0
  /// Streams begun, those that have waited for longest first.
  var streams: [ScanStream] = []
  /// Whether it is on the list of those who have streams.
  var isStreaming = false
  /// Streams begun or asked for.
  var streamsCount = 0
  /// Scans without a stream.
  var scans = PagedScans()
  /// The bytes of a frame whose end has not come, and since when.
  var partialBytes = 0
  var partialSince: UInt64 = 0
  /// Whether it is on the list of those who have much to take.
  var isBurdened = false
  /// The newest of its places in the token table.
  var newestToken: Int?

  init(connection: Connection, since: UInt64) {
    self.connection = connection
    self.since = since
  }
}
