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
    let known = await client.core.addresses()
    var results = await ask(known, timeout)
    // Their answers may have named nodes that nobody has heard of here.
    let others = await client.core.addresses().filter { !known.contains($0) }
    if !others.isEmpty { results += await ask(others, timeout) }
    for (_, result) in results {
      guard case .failure(let error) = result else { continue }
      if error.code == .clientClosed || error.code == .cancelled { throw error }
    }
    guard let credentials = client.core.credentials else { return ClusterStatus(results) }
    return ClusterStatus(results, of: credentials)
  }

  private func ask(
    _ addresses: [SocketAddress],
    _ timeout: Duration
  ) async -> [(String, Result<NodeStatus, LockstepError>)] {
    let core = client.core
    return await withTaskGroup(
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

  /// Adds a node as a learner.
  ///
  /// It is sent everything, and votes once it has caught up, unless it is held back.
  ///
  /// - Throws: `member_exists`, `members_out_of_bounds`, `change_in_progress`, or as every call
  ///   does.
  public func add(_ node: NewNode, timeout: Duration? = nil) async throws(LockstepError) {
    let newcomer = MemberChange.Newcomer(
      id: node.id,
      incarnation: node.incarnation,
      addresses: (node.address, node.peerAddress),
      promotesItself: !node.isHeld,
      replaces: node.replaces ?? 0
    )
    try await change(.add(newcomer), timeout)
  }

  /// Lets a learner vote that has caught up.
  ///
  /// - Throws: `learner_behind`, `member_unknown`, or as every call does.
  public func promote(_ node: UInt32, timeout: Duration? = nil) async throws(LockstepError) {
    try await change(.promote(id: node), timeout)
  }

  /// Takes a node out of the cluster.
  ///
  /// - Throws: `would_lose_quorum`, `member_unknown`, `change_in_progress` where another data
  ///   directory is to take the node's place (`cancel` gives that up), or as every call does.
  public func remove(_ node: UInt32, timeout: Duration? = nil) async throws(LockstepError) {
    try await change(.remove(id: node), timeout)
  }

  /// Gives up a node that was added and does not vote yet.
  ///
  /// - Throws: `member_unknown` if there is none, or as every call does.
  public func cancel(_ node: UInt32, timeout: Duration? = nil) async throws(LockstepError) {
    try await change(.cancel(id: node), timeout)
  }

  /// Tells the cluster that a node is reached elsewhere.
  ///
  /// - Throws: `member_unknown`, or as every call does.
  public func update(
    _ node: UInt32,
    address: String,
    peerAddress: String,
    timeout: Duration? = nil
  ) async throws(LockstepError) {
    let change = MemberChange.update(
      id: node,
      clientAddress: address,
      peerAddress: peerAddress
    )
    try await self.change(change, timeout)
  }

  private func change(
    _ change: MemberChange,
    _ timeout: Duration?
  ) async throws(LockstepError) {
    _ = try await client.core.perform(.changeMembers(change), timeout: timeout)
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

/// A node that is to be added to a cluster.
public struct NewNode: Hashable, Sendable {
  /// Its number, which nobody has had before.
  public var id: UInt32
  /// The random number of its data directory, which `lockstep server init` shows.
  public var incarnation: UInt64
  /// Where clients reach it.
  public var address: String
  /// Where the other nodes reach it.
  public var peerAddress: String
  /// Whether it waits to be promoted by hand.
  public var isHeld = false
  /// The voter whose place it takes once it has caught up.
  public var replaces: UInt32?

  /// A node.
  public init(id: UInt32, incarnation: UInt64, address: String, peerAddress: String) {
    self.id = id
    self.incarnation = incarnation
    self.address = address
    self.peerAddress = peerAddress
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
    /// The bytes of its journal and snapshots.
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
    let name = statuses.first.map { ($0.clusterHigh, $0.clusterLow) }
    cluster = name.map { Self.digits($0.0) + Self.digits($0.1) } ?? ""
    leader = statuses.filter { $0.role == .leader }.max { $0.term < $1.term }?.id
  }
}

extension ClusterStatus {
  /// 16 hexadecimal digits.
  private static func digits(_ number: UInt64) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
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
