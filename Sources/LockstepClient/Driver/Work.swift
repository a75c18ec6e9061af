import ClientProtocol
import Transport

/// What a call wants from the cluster.
enum Work: Sendable {
  /// A first connection.
  case connect
  /// A session of our own; never asked for by callers.
  case openSession(nonce: UInt64)
  /// The end of our session; never asked for by callers.
  case closeSession(UInt64)
  /// A command, once.
  case write([UInt8])
  /// A query with one answer.
  case read([UInt8], ReadRequest.Consistency)
  /// A query answered page by page.
  case stream([UInt8], ReadRequest.Consistency, PageBuffer)
  /// What became of a write.
  case outcome(WriteID)
  /// How the node at this address stands.
  case status(SocketAddress)
  /// What the node at this address signs of a write.
  case receipt(WriteID, SocketAddress)
  /// Another leader; 0 leaves the choice.
  case transferLeader(UInt32)
  /// Other members.
  case changeMembers(MemberChange)

  /// The operation's name in events and messages.
  var name: String {
    switch self {
    case .connect: "connect"
    case .openSession: "open session"
    case .closeSession: "close session"
    case .write: "write"
    case .read: "read"
    case .stream: "scan"
    case .outcome: "outcome"
    case .status: "status"
    case .receipt: "receipt"
    case .transferLeader: "transfer leadership"
    case .changeMembers: "change members"
    }
  }

  /// Whether sending it may change something.
  var changesState: Bool {
    switch self {
    case .write, .outcome, .transferLeader, .changeMembers: true
    case .connect, .openSession, .closeSession, .read, .stream, .status, .receipt: false
    }
  }

  /// Whether any node can answer it as well as the leader.
  var isForAnyNode: Bool {
    switch self {
    case .read(_, .stale), .stream(_, .stale, _): true
    case .connect, .openSession, .closeSession, .write, .read, .stream, .outcome, .status,
      .receipt, .transferLeader, .changeMembers:
      false
    }
  }
}

/// A node's answer to a call.
struct Answer: Sendable {
  /// Who answered.
  var head: Reply.Head
  /// What was answered.
  var body: Reply.Body
  /// The write's place in its session, if it was one.
  var write: WriteID?
  /// Whether an earlier copy of it may have been applied, or may yet be.
  var isUncertain = false
}

/// What other threads tell the driver.
enum Mail: Sendable {
  /// Carry this out.
  case start(
    id: UInt64,
    Work,
    timeoutMicroseconds: UInt64,
    CheckedContinuation<Result<Answer, LockstepError>, Never>?
  )
  /// Nobody waits for this call any more.
  case cancel(id: UInt64)
  /// The reader of a stream has taken a page.
  case credit(id: UInt64)
  /// Which nodes are known?
  case addresses(CheckedContinuation<Result<[SocketAddress], LockstepError>, Never>)
  /// Finish what is under way, then end.
  case close(CheckedContinuation<Void, Never>?)
}
