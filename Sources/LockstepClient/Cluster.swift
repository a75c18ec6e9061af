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
    let known = try await client.core.addresses()
    var results = await ask(known, timeout)
    // Their answers may have named nodes that nobody has heard of here.
    let others = try await client.core.addresses().filter { !known.contains($0) }
    if !others.isEmpty { results += await ask(others, timeout) }
    // Not by what nodes answer: one that lies may say that the call was cancelled.
    guard !Task.isCancelled else { throw LockstepError(.cancelled, "the call was cancelled") }
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
