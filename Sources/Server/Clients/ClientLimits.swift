import ClientProtocol

/// What clients may make a node hold; beyond it they are refused, paused or shown out.
package struct ClientLimits: Sendable {
  /// Requests of one connection that may wait.
  package var requestsPerConnectionMax = Int(Limits.requestsInFlightMax)
  /// Reads of one connection that may wait, an eighth of what a node lets wait in all; in mode bft
  /// of all connections of one client.
  package var readsPerClientMax = 8_192
  /// The bytes of the waiting requests of one connection; a single larger request is let in.
  package var pendingPerConnectionSizeMax = 32 << 20
  /// The bytes of all waiting requests.
  package var pendingSizeMax = 128 << 20
  /// A client that has more than this to take is not read from.
  package var outPausedSize = 16 << 20
  /// A client that has more than this to take gets no further answers to reads.
  package var outPerConnectionSizeMax = 32 << 20
  /// The bytes of all answers that wait to be taken, before reads are refused and nobody is read
  /// from who has much to take.
  package var outSizeMax = 256 << 20
  /// The bytes of all frames whose end has not come.
  package var partialSizeMax = 256 << 20
  /// How long the end of a frame may take, in microseconds.
  package var partialMicroseconds: UInt64 = 30_000_000
  /// Who has not said hello by then is shown out, in microseconds.
  package var handshakeMicroseconds: UInt64 = 10_000_000
  /// Streams, and scans without one, that one connection may have.
  package var streamsPerConnectionMax = 64
  /// The same of all connections; the store holds no more frozen states.
  package var streamsMax = 1_000
  /// The pages of all streams that are sent in one turn, in bytes; they rest while half of
  /// `outSizeMax` waits to be taken, those of a client that has taken everything while three
  /// quarters do.
  package var pagesSizeMax = 1 << 20

  /// What ships.
  package init() {}
}
