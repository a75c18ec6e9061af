import Consensus
import Transport

/// Our own connection to one other member, and when to dial it again.
final class PeerLink {
  static let connectTimeoutMicroseconds: UInt64 = 500_000
  static let handshakeMicroseconds: UInt64 = 2_000_000
  private static let patienceMicroseconds: UInt64 = 100_000
  /// Whoever does not let us in is asked again as seldom as this.
  private static let unwantedMicroseconds: UInt64 = 10_000_000
  private static let backoffMinMicroseconds: UInt64 = 20_000
  private static let backoffMaxMicroseconds: UInt64 = 250_000

  let seat: ClusterConfiguration.Seat
  /// Where the member is dialed.
  let address: String
  private(set) var connection: Connection?
  private var isEstablished = false
  private var dialedAt: UInt64 = 0
  private var nextAttempt: UInt64 = 0
  private var backoff = PeerLink.backoffMinMicroseconds
  private var failures = 0

  init(seat: ClusterConfiguration.Seat, address: String? = nil) {
    self.seat = seat
    self.address = address ?? seat.peerAddress
  }

  /// The connection, once both sides know each other.
  var readyConnection: Connection? { isEstablished ? connection : nil }

  /// Whether the next failure is worth a line: the first ones after a success.
  var isNewsWorthy: Bool { failures == 0 }

  func isDue(at now: UInt64) -> Bool {
    connection == nil && now >= nextAttempt
  }

  /// Whether somebody took our connection and says nothing.
  func isStuck(at now: UInt64) -> Bool {
    guard let connection, connection.isOpen, !isEstablished else { return false }
    return now > dialedAt + Self.handshakeMicroseconds
  }

  func dialed(_ connection: Connection, at now: UInt64) {
    self.connection = connection
    dialedAt = now
    isEstablished = false
  }

  func established() {
    isEstablished = true
    failures = 0
    backoff = Self.backoffMinMicroseconds
  }

  /// Waits longer after each failure, up to a quarter of a second.
  func failed(at now: UInt64, jitter: UInt64) {
    connection = nil
    isEstablished = false
    failures += 1
    nextAttempt = now + backoff + jitter
    backoff = min(backoff * 2, Self.backoffMaxMicroseconds)
  }

  /// The member says that we were removed, and dials us itself should we be added again; or it is
  /// this very node, which answers where a seat of its former directory still stands.
  func waitLong(from now: UInt64) {
    nextAttempt = max(nextAttempt, now + Self.unwantedMicroseconds)
  }

  /// The member has shown itself: dial without further delay.
  ///
  /// An attempt that has been waiting for some time set out when there was no way; TCP would
  /// repeat its first packet only after a second.
  func hurry(at now: UInt64) {
    if let connection {
      guard !connection.isOpen, now > dialedAt + Self.patienceMicroseconds else { return }
      close()
    }
    nextAttempt = now
    backoff = Self.backoffMinMicroseconds
  }

  func close() {
    connection?.close()
    connection = nil
    isEstablished = false
  }
}
