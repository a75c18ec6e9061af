import Consensus
import Transport

/// A connection that somebody dialed to our peer port.
final class PeerGuest {
  let connection: Connection
  let since: UInt64
  /// Who it is, once a hello has said so.
  var member: Member?
  /// Whether it was in no configuration known here when it came: it is answered on this connection.
  var isStranger = false

  init(connection: Connection, since: UInt64) {
    self.connection = connection
    self.since = since
  }
}
