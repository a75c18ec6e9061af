package import Wire

/// What a client wants put into the replicated log.
///
/// The command's bytes are opaque here.
package struct ClientRequest: Hashable, Sendable {
  /// What the request does to its session (thesis §6.3).
  package enum Kind: UInt8, Sendable {
    /// Applies a command, once.
    case write = 1
    /// Opens a session; `session` carries the client's nonce, the reply the session's id.
    case register = 2
    /// Settles for ever whether `sequence` was applied.
    case seal = 3
    /// Ends a session and forgets its replies.
    case close = 4
    /// Answers a question from the state at its place in the order; only of a Byzantine cluster,
    /// where no member's word alone says how fresh its state is. Nothing is remembered of it.
    case read = 5
  }

  /// What the request does.
  package var kind: Kind
  /// The session's id, which is the log index of its registration; for `register` the nonce.
  package var session: UInt64
  /// The number of the write in its session, from 1; 0 where there is none.
  package var sequence: UInt64
  /// The client has seen the replies of every sequence up to this one.
  package var answeredThrough: UInt64
  /// The command, for `write`; the query, for `read`; empty otherwise.
  ///
  /// It may lie in a read buffer that is used again: what keeps it beyond the turn copies it.
  package var command: Bytes

  /// A request.
  package init(
    _ kind: Kind,
    session: UInt64,
    sequence: UInt64 = 0,
    answeredThrough: UInt64 = 0,
    command: Bytes = []
  ) {
    self.kind = kind
    self.session = session
    self.sequence = sequence
    self.answeredThrough = answeredThrough
    self.command = command
  }

  /// What the answer is found by, wherever it is applied.
  package var key: RequestKey {
    RequestKey(kind: kind, session: session, sequence: sequence)
  }
}

/// Finds a waiting request at the node where its entry is applied.
///
/// It names session and sequence rather than a connection, so that any node can answer.
package struct RequestKey: Hashable, Sendable {
  /// What the request does.
  package let kind: ClientRequest.Kind
  /// The session's id, or the nonce of a registration.
  package let session: UInt64
  /// The number of the write in its session.
  package let sequence: UInt64

  package init(kind: ClientRequest.Kind, session: UInt64, sequence: UInt64) {
    self.kind = kind
    self.session = session
    self.sequence = sequence
  }

  /// Equal keys, and few others, agree in session and sequence.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(session)
    hasher.combine(sequence)
  }
}
