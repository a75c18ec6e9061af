import ClientProtocol
import Consensus

extension MembershipChange {
  /// What a client asks for.
  init(_ change: MemberChange) {
    switch change {
    case .add(let newcomer):
      let member = Member(
        id: NodeID(newcomer.id),
        incarnation: Incarnation(newcomer.incarnation)
      )
      self = .add(
        ClusterConfiguration.Learner(
          seat: ClusterConfiguration.Seat(
            member: member,
            clientAddress: newcomer.clientAddress,
            peerAddress: newcomer.peerAddress
          ),
          promotesItself: newcomer.promotesItself,
          replaces: newcomer.replaces == 0 ? nil : NodeID(newcomer.replaces)
        )
      )
    case .promote(let id): self = .promote(NodeID(id))
    case .remove(let id): self = .remove(NodeID(id))
    case .cancel(let id): self = .cancel(NodeID(id))
    case .update(let id, let clientAddress, let peerAddress):
      self = .update(NodeID(id), clientAddress: clientAddress, peerAddress: peerAddress)
    }
  }
}

extension ClusterConfiguration {
  /// Everybody, as a node's status names them.
  var statusMembers: [NodeStatus.Member] {
    let voters = seats.map { seat in
      let isNew = isJoint && !outgoing.contains { $0.member == seat.member }
      return seat.status(isNew ? .entering : .voter)
    }
    let leaving = outgoing.filter { seat in !seats.contains { $0.member == seat.member } }
    let learning = learners.map { learner in
      var member = learner.seat.status(learner.promotesItself ? .joining : .learner)
      member.replaces = learner.replaces?.rawValue ?? 0
      return member
    }
    return voters + leaving.map { $0.status(.leaving) } + learning
  }
}

extension ClusterConfiguration.Seat {
  fileprivate func status(_ seat: NodeStatus.Seat) -> NodeStatus.Member {
    NodeStatus.Member(
      id: member.id.rawValue,
      incarnation: member.incarnation.rawValue,
      seat: seat,
      clientAddress: clientAddress,
      peerAddress: peerAddress
    )
  }
}
