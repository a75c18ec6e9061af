/// Nodes on this machine's loopback, with a proxy on each way from one to another.
@MainActor
package final class ProxyNetwork: ClusterNetwork {
  private let proxy: FaultyProxy
  private let nodes: Int

  /// A network for a cluster of this plan.
  package init(for plan: ProcessCluster.Plan, seed: UInt64) throws(HarnessError) {
    nodes = plan.nodesCount
    var ways: [Link: String] = [:]
    for link in Link.all(nodes: nodes) { ways[link] = plan.peerAddress(of: link.to) }
    proxy = try FaultyProxy(ways, isSealed: plan.mode == .bft, seed: seed)
  }

  /// Frames are seen one by one.
  package var hasAccidents: Bool { true }

  /// Gives a link other accidents.
  package func use(_ faults: LinkFaults, on link: Link) throws(HarnessError) {
    proxy.use(faults, on: link)
  }

  /// What frames have met with.
  package func counts(of link: Link) -> LinkCounts {
    proxy.counts[link] ?? LinkCounts()
  }

  /// Where a node dials the others.
  package func startWords(of node: Int) -> [String] {
    let others = (1...nodes).filter { $0 != node }
    let list = others.flatMap { other in
      let address = proxy.address(of: Link(from: node, to: other)) ?? ""
      // Under whatever number it will be a member.
      return (0..<ProcessCluster.numbersMax).map {
        "\(other + $0 * ProcessCluster.numberStep)=\(address)"
      }
    }
    return list.isEmpty ? [] : ["--peer-address", list.joined(separator: ",")]
  }

  /// Nothing: the program is started as it is.
  package func prefix(of node: Int) -> [String] { [] }

  /// Ends the proxy.
  package func remove() { proxy.stop() }
}
