/// The bounds an event loop keeps, so that nobody starves and no queue grows for ever.
package struct TransportLimits: Sendable {
  /// The most bytes read from one connection in one turn.
  package var readBytesPerConnectionMax = 1024 * 1024

  /// The most bytes read from all connections in one turn.
  package var readBytesPerTurnMax = 4 * 1024 * 1024

  /// How long a turn may read and deliver before timers and the owner get their chance; the
  /// connections left out come first soon.
  package var readMicrosecondsPerTurnMax: UInt64 = 10_000

  /// The most bytes that may wait for one connection to take them.
  package var pendingOutBytesMax = 64 * 1024 * 1024

  /// The most bytes that may be left unconsumed in one connection.
  package var unconsumedBytesMax = 32 * 1024 * 1024

  /// How long `finish()` waits for the other side to take the last bytes.
  package var farewellMicroseconds: UInt64 = 2_000_000

  /// How long an accepted connection may take to show who it is.
  package var handshakeMicroseconds: UInt64 = 5_000_000

  /// The bounds a server runs with.
  package init() {}
}
