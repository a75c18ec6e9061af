import LockstepClient

/// What the cluster says of itself, asked over its client ports.
extension ProcessCluster {
  private static let statusTimeout = Duration.milliseconds(150)
  private static let readyKey: Key = "lockstep.ready"

  /// How each node stands.
  package func views() async -> [NodeView] {
    let status = await status()
    return (1...plan.nodesCount).map { node in
      let figures = status?.nodes.first { $0.id == UInt32(node) }?.figures
      return NodeView(
        id: node,
        pid: processID(of: node),
        role: role(of: node, figures),
        address: plan.clientAddress(of: node),
        term: figures?.term,
        commit: figures?.commit,
        applied: figures?.applied
      )
    }
  }

  /// How a node stands.
  package func view(of node: Int) async -> NodeView? {
    await views().first { $0.id == node }
  }

  /// The node that leads, if one says so.
  package func leader() async -> Int? {
    await status()?.leader.map(Int.init)
  }

  /// Whether a write is carried out; it changes nothing.
  package func isWritable() async -> Bool {
    guard let client = await connectedClient() else { return false }
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
        sum += try await client.collection(name).count(timeout: Self.statusTimeout)
      }
      return sum
    } catch {
      // Nobody leads at the moment: the caller asks again.
      return nil
    }
  }

  /// Whether enough nodes run to elect a leader.
  package var hasMajority: Bool {
    let running = (1...plan.nodesCount).count { state(of: $0) == .running }
    return running > plan.nodesCount / 2
  }

  private func status() async -> ClusterStatus? {
    guard let client = await connectedClient() else { return nil }
    return try? await client.cluster.status(timeout: Self.statusTimeout)
  }

  private func role(of node: Int, _ figures: ClusterStatus.Figures?) -> String {
    switch state(of: node) {
    case .running: figures?.role ?? "silent"
    case .paused: "paused"
    case .down: "down"
    }
  }
}
