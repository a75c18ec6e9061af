import LockstepClient

/// What the cluster says of itself, asked over its client ports.
extension ProcessCluster {
  private static let statusTimeout = Duration.milliseconds(150)
  private static let readyKey: Key = "lockstep.ready"

  /// How each node stands.
  package func views() async -> [NodeView] {
    let figures = await ownFigures()
    return (1...plan.nodesCount).map { node in
      let own = figures[node]
      return NodeView(
        id: node,
        pid: processID(of: node),
        role: role(of: node, own),
        state: own?.state,
        address: plan.clientAddress(of: node),
        term: own?.term,
        commit: own?.commit,
        applied: own?.applied
      )
    }
  }

  /// How a node stands.
  package func view(of node: Int) async -> NodeView? {
    await views().first { $0.id == node }
  }

  /// The node that leads, if one says so.
  package func leader() async -> Int? {
    let leading = await ownFigures().filter { $0.value.role == "leader" }
    return leading.max { $0.value.term < $1.value.term }?.key
  }

  /// Hands leadership to a node; whether that came to pass.
  package func transferLeadership(to node: Int) async -> Bool {
    guard let client = await connectedClient() else { return false }
    do {
      try await client.cluster.transferLeadership(
        to: UInt32(memberNumber(of: node)),
        timeout: .seconds(1)
      )
      return true
    } catch {
      // Nobody leads, or that node does not follow: the cluster stays as it is.
      return false
    }
  }

  /// Whether a write is carried out by this cluster; it changes nothing.
  package func isWritable() async -> Bool {
    guard await leader() != nil, let client = await connectedClient() else { return false }
    do {
      // The key never exists, but to know that is a write like any other.
      try await client.kv.delete(Self.readyKey, timeout: .seconds(1))
      return true
    } catch {
      // The log carried this answer, too.
      return error.code == .unknownCollection
    }
  }

  /// How many documents all collections hold together; nil if nobody says.
  package func documentsCount() async -> Int? {
    guard let client = await connectedClient() else { return nil }
    do {
      var sum = 0
      for name in try await client.collections(timeout: Self.statusTimeout) {
        sum += try await client.collection(name).count(timeout: Self.statusTimeout).value
      }
      return sum
    } catch {
      // Nobody leads at the moment: the caller asks again.
      return nil
    }
  }

  /// Whether enough nodes run for one to lead.
  package var hasQuorum: Bool {
    let running = (1...plan.nodesCount).count { state(of: $0) == .running }
    return running >= plan.mode.quorum(of: plan.nodesCount)
  }

  /// What our own processes say.
  ///
  /// Whoever else listens on these ports, such as another demo, is not asked to speak for us.
  private func ownFigures() async -> [Int: ClusterStatus.Figures] {
    guard let client = await connectedClient(),
      let status = try? await client.cluster.status(timeout: Self.statusTimeout)
    else { return [:] }
    return Self.figures(in: status) { processID(of: $0) }
  }

  /// The words of those nodes whose process is the one expected.
  static func figures(
    in status: ClusterStatus,
    ownedBy process: (Int) -> Int32?
  ) -> [Int: ClusterStatus.Figures] {
    var own: [Int: ClusterStatus.Figures] = [:]
    for node in status.nodes {
      let number = Self.node(ofMember: node.id)
      guard let figures = node.figures, let process = process(number) else { continue }
      if UInt32(bitPattern: process) == figures.pid { own[number] = figures }
    }
    return own
  }

  private func role(of node: Int, _ figures: ClusterStatus.Figures?) -> String {
    switch state(of: node) {
    case .running: figures?.role ?? "silent"
    case .paused: "paused"
    case .down: "down"
    }
  }
}
