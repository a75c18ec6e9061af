import ClientProtocol
import Consensus
import Transport

extension ClusterStatus.Figures {
  /// What a node of a cluster of mode bft says of itself besides.
  public struct Byzantine: Hashable, Sendable {
    /// Its view.
    public let view: UInt64
    /// Who proposes in that view.
    public let primary: UInt32
    /// Whether the view has begun there; otherwise it votes for no block.
    public let isActive: Bool
    /// The newest block whose state 2f+1 nodes have come to alike.
    public let lowWatermark: UInt64
    /// The newest block that it votes for.
    public let highWatermark: UInt64
    /// The newest committed block.
    public let committedBlock: UInt64
    /// The newest block of its log.
    public let tipBlock: UInt64
    /// For how long it has suspected a primary and waited for another; nil if it does not.
    public let suspecting: Duration?
    /// Whether it has forgotten promises, and makes none until those do not matter any more.
    public let isFenced: Bool
    /// Whether it waits for a state from others.
    public let awaitsState: Bool
    /// Why it has stopped for good; nil as long as it works.
    public let haltReason: String?
  }
}

extension ClusterStatus.Figures.Byzantine {
  init(_ status: NodeStatus.Byzantine) {
    view = status.view
    primary = status.primary
    isActive = status.isActive
    lowWatermark = status.lowWatermark
    highWatermark = status.highWatermark
    committedBlock = status.committedBlock
    tipBlock = status.tipBlock
    suspecting = status.suspectingMilliseconds.map { .milliseconds(Int64(clamping: $0)) }
    isFenced = status.isFenced
    awaitsState = status.awaitsState
    haltReason = status.haltReason.isEmpty ? nil : status.haltReason
  }
}

extension ClusterStatus {
  /// Puts the words of nodes that may lie together: each speaks for itself alone, the genesis says
  /// who they are, and who leads follows from the view that an honest one has reached.
  init(
    _ results: [(address: String, result: Result<NodeStatus, LockstepError>)],
    of credentials: ClusterCredentials
  ) {
    var views: [UInt64] = []
    nodes = credentials.nodes.map { node in
      let address = node.address.description
      var word: NodeStatus?
      for (asked, result) in results where asked == address {
        if case .success(let status) = result, status.id == node.id { word = status }
      }
      if let view = word?.byzantine?.view { views.append(view) }
      let own = word?.members.first { $0.id == node.id }
      return Node(
        id: node.id,
        address: address,
        peerAddress: own?.peerAddress ?? "",
        seat: NodeStatus.Seat.voter.name,
        replaces: nil,
        incarnation: own?.incarnation,
        figures: word.map(Figures.init)
      )
    }
    cluster = credentials.cluster.description
    let isProven = views.count >= credentials.proofCount
    let view = isProven ? views.sorted(by: >)[credentials.faultsMax] : nil
    let ids = credentials.nodes.map(\.id)
    leader = view.map { ids[Int($0 % UInt64(ids.count))] }
  }
}
