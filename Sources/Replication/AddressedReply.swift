/// A reply on its way to whoever waits for it.
///
/// A struct, as the runtime visits each tuple of an array through its metadata.
package struct AddressedReply: Equatable, Sendable {
  /// Stands for whoever waits.
  package let token: ReplyToken
  /// What they are told.
  package let reply: ReplicaReply

  /// A reply to whoever waits for a token.
  package init(_ reply: ReplicaReply, to token: ReplyToken) {
    self.token = token
    self.reply = reply
  }
}
