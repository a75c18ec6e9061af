import ClientProtocol
import Wire

/// How the nodes of a cluster stand.
public struct ClusterStatus: Hashable, Sendable {
  /// A node and its own word.
  public struct Node: Hashable, Sendable {
    /// Its number.
    public let id: UInt32
    /// Where clients reach it.
    public let address: String
    /// Where the other nodes reach it.
    public let peerAddress: String
    /// What it is to the cluster: `voter`, `joining` (votes as soon as it has caught up),
    /// `learner`, or, while the voters change, `entering` or `leaving`; nil if no node said so.
    public let seat: String?
    /// The voter whose place it is going to take.
    public let replaces: UInt32?
    /// The random number of its data directory.
    public let incarnation: UInt64?
    /// What it said; nil if it did not answer.
    public let figures: Figures?
  }

  /// What a node says of itself.
  public struct Figures: Hashable, Sendable {
    /// Its process.
    public let pid: UInt32
    /// `leader`, `follower` or `candidate`.
    public let role: String
    /// Its term.
    public let term: UInt64
    /// The newest entry that it knows to be committed.
    public let commit: UInt64
    /// The newest entry in its state.
    public let applied: UInt64
    /// The newest entry of its log.
    public let lastIndex: UInt64
    /// The oldest entry of its log: those before it are in a snapshot.
    public let firstIndex: UInt64
    /// The newest entry that a snapshot on its disk includes; 0 without one.
    public let snapshotIndex: UInt64
    /// The bytes of all files in its directory, what was set aside included.
    public let diskBytes: UInt64
    /// What it makes of its state beside those of the others: `sound`, `unsettled` (another's
    /// differs and no majority is known to agree), `fenced` (it differs from a majority's) or
    /// `waiting` (it has just started and does not count yet).
    public let state: String
    /// How long it has been up.
    public let uptime: Duration
    /// Open sessions.
    public let sessions: UInt32
    /// Open connections of clients.
    public let connections: UInt32
    /// The program's version.
    public let version: String
    /// What only a cluster of mode bft has; nil in others.
    public let byzantine: Byzantine?
  }

  /// The cluster's name, 32 hexadecimal digits; empty if no node answered.
  public let cluster: String
  /// The node that says it leads, in the highest term; in mode bft the primary of the view that at
  /// least one honest node has reached.
  public let leader: UInt32?
  /// The nodes in order of their numbers.
  public let nodes: [Node]
}

extension ClusterStatus {
  /// Puts the nodes' words together; members that nobody answered for are listed, too.
  init(_ results: [(address: String, result: Result<NodeStatus, LockstepError>)]) {
    let statuses = results.compactMap { result in
      if case .success(let status) = result.result { status } else { nil }
    }
    var nodes: [UInt32: Node] = [:]
    // Whoever knows the most committed entries knows the members best, and alone: one who was
    // removed may still count himself and others among them.
    let newest = statuses.filter { !$0.members.isEmpty }.max { $0.commitIndex < $1.commitIndex }
    for member in newest?.members ?? [] {
      nodes[member.id] = Node(
        id: member.id,
        address: member.clientAddress,
        peerAddress: member.peerAddress,
        seat: member.seat.name,
        replaces: member.replaces == 0 ? nil : member.replaces,
        incarnation: member.incarnation,
        figures: statuses.first { $0.id == member.id }.map(Figures.init)
      )
    }
    for (address, result) in results {
      guard case .success(let status) = result, nodes[status.id] == nil else { continue }
      nodes[status.id] = Node(
        id: status.id,
        address: address,
        peerAddress: "",
        seat: nil,
        replaces: nil,
        incarnation: nil,
        figures: Figures(status)
      )
    }
    self.nodes = nodes.values.sorted { $0.id < $1.id }
    cluster =
      statuses.first.map { status in
        status.clusterHigh.padded(to: 16, radix: 16) + status.clusterLow.padded(to: 16, radix: 16)
      } ?? ""
    leader = statuses.filter { $0.role == .leader }.max { $0.term < $1.term }?.id
  }
}

extension ClusterStatus.Figures {
  init(_ status: NodeStatus) {
    pid = status.processID
    role = status.role.name
    term = status.term
    commit = status.commitIndex
    applied = status.appliedIndex
    lastIndex = status.lastIndex
    firstIndex = status.firstIndex
    snapshotIndex = status.snapshotIndex
    diskBytes = status.diskBytes
    state = status.standing.name
    uptime = .milliseconds(Int64(clamping: status.uptimeMilliseconds))
    sessions = status.sessions
    connections = status.connections
    version = status.version
    byzantine = status.byzantine.map(Byzantine.init)
  }
}
