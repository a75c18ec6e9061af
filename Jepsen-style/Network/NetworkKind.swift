/// What connects the nodes of a run, by the name that is used on the command line.
package enum NetworkKind: String, CaseIterable, Sendable {
  /// The loopback, with a proxy on each way between two members: no root is needed, and single
  /// frames can meet with accidents.
  case proxies
  /// A network namespace and an address for each node: links are cut below TCP. Needs root.
  case namespaces

  /// The first three numbers of the nodes' addresses, where each has one of its own.
  var hosts: String? { self == .namespaces ? NamespaceNetwork.network : nil }

  /// Whether a kind of fault can be had on it.
  package func canHave(_ kind: FaultKind) -> Bool { self == .proxies || kind.lane != .link }
}

extension RunPlan {
  /// The network; nil where nothing is between the nodes, as nothing is to be broken.
  @MainActor
  func makeNetwork(for cluster: ProcessCluster.Plan) throws(HarnessError) -> (any ClusterNetwork)? {
    switch network {
    case .namespaces: return try NamespaceNetwork(nodes: nodes)
    case .proxies:
      guard !faults.kinds.isEmpty else { return nil }
      return try ProxyNetwork(for: cluster, seed: seed)
    }
  }
}
