import ClientProtocol
import Transport

/// The cluster's nodes: how they stand, and who leads.
public struct Cluster: Sendable {
  private let client: Client

  init(_ client: Client) {
    self.client = client
  }

  /// How every known node stands; a node that does not answer in time is listed without figures.
  ///
  /// - Throws: `cancelled` or `client_closed`; nodes that fail are part of the answer.
  public func status(timeout: Duration = .seconds(1)) async throws(LockstepError) -> ClusterStatus {
    let addresses = await client.core.addresses()
    let core = client.core
    let results = await withTaskGroup(
      of: (String, Result<NodeStatus, LockstepError>).self,
      returning: [(String, Result<NodeStatus, LockstepError>)].self
    ) { group in
      for address in addresses {
        group.addTask { (address.description, await Self.ask(core, address, timeout)) }
      }
      var results: [(String, Result<NodeStatus, LockstepError>)] = []
      for await result in group { results.append(result) }
      return results
    }
    for (_, result) in results {
      guard case .failure(let error) = result else { continue }
      if error.code == .clientClosed || error.code == .cancelled { throw error }
    }
    return ClusterStatus(results)
  }

  /// Hands leadership to a node, or to the most suitable one.
  ///
  /// - Throws: `transfer_failed` if it did not take over, or as every call does.
  public func transferLeadership(
    to node: UInt32? = nil,
    timeout: Duration? = nil
  ) async throws(LockstepError) {
    _ = try await client.core.perform(.transferLeader(node ?? 0), timeout: timeout)
  }

  private static func ask(
    _ core: ClientCore,
    _ address: SocketAddress,
    _ timeout: Duration
  ) async -> Result<NodeStatus, LockstepError> {
    do throws(LockstepError) {
      let answer = try await core.perform(.status(address), timeout: timeout)
      guard case .status(let status) = answer.body else { throw .unexpectedAnswer }
      return .success(status)
    } catch {
      return .failure(error)
    }
  }
}

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
    /// What it makes of its state beside those of the others: `sound`, `unsettled` (another's
    /// differs and no majority is known to agree) or `fenced` (it differs from a majority's).
    public let state: String
    /// How long it has been up.
    public let uptime: Duration
    /// Open sessions.
    public let sessions: UInt32
    /// Open connections of clients.
    public let connections: UInt32
    /// The program's version.
    public let version: String
  }

  /// The node that says it leads, in the highest term.
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
    for member in statuses.flatMap(\.members) {
      nodes[member.id] = Node(
        id: member.id,
        address: member.clientAddress,
        peerAddress: member.peerAddress,
        figures: statuses.first { $0.id == member.id }.map(Figures.init)
      )
    }
    for (address, result) in results {
      guard case .success(let status) = result, nodes[status.id] == nil else { continue }
      nodes[status.id] = Node(
        id: status.id,
        address: address,
        peerAddress: "",
        figures: Figures(status)
      )
    }
    self.nodes = nodes.values.sorted { $0.id < $1.id }
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
    state = status.standing.name
    uptime = .milliseconds(Int64(clamping: status.uptimeMilliseconds))
    sessions = status.sessions
    connections = status.connections
    version = status.version
  }
}
