import Consensus
import Transport

/// A connection that a member dialed to our peer port; TLS has shown which member.
final class ByzantineGuest {
  let connection: Connection
  let member: Member
  let since: UInt64
  let source: VerificationSource
  var isGreeted = false

  init(
    connection: Connection,
    member: Member,
    since: UInt64,
    inFlightMax: Int
  ) {
    self.connection = connection
    self.member = member
    self.since = since
    source = VerificationSource(connection, inFlightMax: inFlightMax)
  }
}
