import Consensus
import Transport

/// A connection that a member dialed to our peer port; TLS has shown which member.
final class ByzantineGuest {
  let connection: Connection
  let member: Member
  let since: UInt64
  /// The member's, over whichever connection it speaks.
  let source: VerificationSource
  var isGreeted = false

  init(connection: Connection, member: Member, since: UInt64, source: VerificationSource) {
    self.connection = connection
    self.member = member
    self.since = since
    self.source = source
  }
}
