/// An answer, from a node that also says who leads.
package struct Reply: Equatable, Sendable {
  /// Who answers.
  package var head: Head
  /// The answer itself.
  package var body: Body

  /// An answer.
  package init(_ head: Head, _ body: Body) {
    self.head = head
    self.body = body
  }

  /// What stands before every answer.
  package struct Head: Equatable, Sendable {
    /// The node that answers.
    package var node: UInt32
    /// The node that leads, as far as it knows; 0 if it knows none.
    package var leader: UInt32
    /// Where clients reach the leader; empty if it is the answering node or unknown.
    package var leaderAddress: String
    /// The newest log index in the state of the answer.
    package var revision: UInt64

    package init(node: UInt32, leader: UInt32, leaderAddress: String, revision: UInt64) {
      self.node = node
      self.leader = leader
      self.leaderAddress = leaderAddress
      self.revision = revision
    }
  }

  /// What an answer can be.
  package enum Body: Equatable, Sendable {
    /// The bytes of a `CommandReply` (for a write) or a `QueryReply` (for a read).
    case result([UInt8])
    /// There is no ordinary reply.
    case error(Refused)
    /// The id of an open session.
    case session(UInt64)
    /// The fate of a write.
    case outcome(Fate)
    /// How the node stands.
    case status(NodeStatus)
    /// It is done.
    case done
  }

  /// Why a request was not carried out, or not to its end.
  package struct Refused: Equatable, Sendable {
    /// The stable code.
    package var code: ErrorCode
    /// What is known about the effect.
    package var outcome: RequestOutcome
    /// What happened, for a person.
    package var message: String
    /// How long to wait before another try; 0 says nothing.
    package var retryAfterMilliseconds: UInt32
    /// The revision that stood in the way; 0 where there is none.
    package var currentRevision: UInt64

    /// An error; without an outcome it has the code's own.
    package init(
      _ code: ErrorCode,
      _ message: String,
      outcome: RequestOutcome? = nil,
      retryAfterMilliseconds: UInt32 = 0,
      currentRevision: UInt64 = 0
    ) {
      self.code = code
      self.message = message
      self.outcome = outcome ?? code.outcome
      self.retryAfterMilliseconds = retryAfterMilliseconds
      self.currentRevision = currentRevision
    }
  }

  /// What became of a write, once and for all.
  package enum Fate: Equatable, Sendable {
    /// It was applied; these are the bytes of its `CommandReply`.
    case committed([UInt8])
    /// It was not applied and never will be.
    case neverApplied
    /// The session is gone, and with it what was known.
    case sessionExpired
  }
}
