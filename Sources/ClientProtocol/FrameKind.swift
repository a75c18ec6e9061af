/// What the payload of a frame is; the numbers are on the wire.
package enum FrameKind: UInt8, CaseIterable, Sendable {
  /// The first frame of whoever connected.
  case hello = 1
  /// The answer to a hello.
  case helloAck = 2
  /// Opens a session.
  case openSession = 16
  /// Ends a session.
  case closeSession = 17
  /// A command, once per session and sequence.
  case write = 18
  /// A query.
  case read = 19
  /// Asks for the fate of a write, and settles it.
  case outcome = 20
  /// Lets a stream go on.
  case credit = 21
  /// Nobody waits for a request any more.
  case cancel = 22
  /// Asks how the node stands.
  case status = 23
  /// Hands leadership to another node.
  case transferLeader = 24
  /// Asks for a sign of life.
  case ping = 25
  /// Changes the members.
  case changeMembers = 26
  /// Requests under a client's signature, for a Byzantine cluster (`SignedEnvelope`).
  case envelope = 27
  /// Which requests' ordered replies are to be sent on this connection.
  case attach = 28
  /// A query that a node answers from its own state; 2f+1 equal answers are one.
  case fastRead = 29
  /// What does this node sign of the write of a session and sequence? Its payload are both numbers.
  case receipt = 30
  /// A command's or a query's reply.
  case resultReply = 64
  /// Why there is no ordinary reply.
  case errorReply = 65
  /// A session's id.
  case sessionReply = 66
  /// The fate of a write.
  case outcomeReply = 67
  /// How the node stands.
  case statusReply = 68
  /// It is done, and there is nothing else to say.
  case doneReply = 69
  /// What became of a request at its place in the order (`OrderedReply`).
  case orderedReply = 70
  /// Messages between members; their bytes belong to the room Replication.
  case peerMessages = 96
}
