import Consensus

/// A request on its way through the order, and what the nodes say of it.
final class OrderedOperation {
  /// What is asked; the number of a read changes when it is asked again.
  var request: ClientRequest
  /// Who waits; nil for nobody.
  let call: Call?
  var votes = ReplyVotes()
  /// What carries it at present.
  var envelope: SentEnvelope?
  /// Whether some node may have it.
  var wasSent = false

  init(_ request: ClientRequest, for call: Call?) {
    self.request = request
    self.call = call
  }
}

/// An envelope that waits for answers.
final class SentEnvelope {
  /// The request id of its frames: refusals name it.
  let id: UInt64
  /// The frame as it was sent, which is how it is sent again.
  let frame: [UInt8]
  let operations: [OrderedOperation]
  /// When it was sent first.
  let sentAt: UInt64
  /// How often it was sent because nobody had answered.
  var tries = 0
  /// When it was last sent for that.
  var sentLastAt: UInt64 = 0
  /// When it is sent again because a node refuses it; nil if none does.
  var dueAt: UInt64?
  /// How often it was sent again for a refusal.
  var repeats = 0
  /// To which nodes it was ever sent: nobody else has anything to refuse.
  var askedNodes: Set<UInt32> = []
  /// Which nodes have refused it at once for a reason that stays.
  var refusedBy: [UInt32] = []

  init(_ id: UInt64, _ frame: [UInt8], _ operations: [OrderedOperation], at now: UInt64) {
    self.id = id
    self.frame = frame
    self.operations = operations
    sentAt = now
  }
}
