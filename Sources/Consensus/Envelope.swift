/// A message and the member it is for.
package struct Envelope<Message: Sendable>: Sendable {
  /// Whom it is for.
  package var recipient: Member
  /// What it says.
  package var message: Message

  /// An addressed message.
  package init(to recipient: Member, _ message: Message) {
    self.recipient = recipient
    self.message = message
  }
}
