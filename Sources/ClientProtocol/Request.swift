package import Wire

/// What a client may ask.
///
/// Commands and queries stay bytes: only the state machine reads them.
package enum Request: Equatable, Sendable {
  /// Opens a session; while it lives the same nonce finds it again.
  case openSession(nonce: UInt64)
  /// Ends a session.
  case closeSession(session: UInt64)
  /// Applies a command, once per session and sequence.
  case write(WriteRequest)
  /// Answers a query.
  case read(ReadRequest)
  /// Tells, and settles, whether a sequence was applied.
  case outcome(session: UInt64, sequence: UInt64)
  /// Lets the stream of the frame's request id send further frames.
  case credit(frames: UInt32)
  /// Nobody waits for the answer to the frame's request id any more.
  case cancel
  /// How does this node stand?
  case status
  /// Hands leadership to this node; 0 leaves the choice.
  case transferLeader(target: UInt32)
  /// Adds, promotes, removes or moves a member; done when the change is committed.
  case changeMembers(MemberChange)
  /// A sign of life, please.
  case ping
}

/// A command and its place in its session.
package struct WriteRequest: Equatable, Sendable {
  /// The session's id.
  package var session: UInt64
  /// The number of the write in its session, from 1.
  package var sequence: UInt64
  /// The client has the answers of all sequences up to this one.
  package var answeredThrough: UInt64
  /// The bytes of a `Command`; when read, they share the memory of the frame.
  package var command: Bytes

  package init(session: UInt64, sequence: UInt64, answeredThrough: UInt64, command: Bytes) {
    self.session = session
    self.sequence = sequence
    self.answeredThrough = answeredThrough
    self.command = command
  }
}

/// A query and how fresh its answer must be.
package struct ReadRequest: Equatable, Sendable {
  /// How fresh an answer must be.
  package enum Consistency: Equatable, Sendable {
    /// Sees every write acknowledged before the read began.
    case linearizable
    /// Comes from a node that heard the leader at most this long ago.
    case stale(lagMaxMilliseconds: UInt32)
  }

  /// How fresh the answer must be.
  package var consistency: Consistency
  /// The answer's state includes this revision.
  package var atLeastRevision: UInt64
  /// How many frames may answer before more credit arrives; nil asks for one single frame.
  package var streamCredit: UInt16?
  /// The bytes of a `Query`.
  package var query: [UInt8]

  /// A read.
  package init(
    _ consistency: Consistency,
    atLeastRevision: UInt64 = 0,
    streamCredit: UInt16? = nil,
    query: [UInt8]
  ) {
    self.consistency = consistency
    self.atLeastRevision = atLeastRevision
    self.streamCredit = streamCredit
    self.query = query
  }
}
