import Consensus
import PBFT

/// Statements that are not what they claim to be.
extension Behaviour {
  static let forgeries = [
    Behaviour("signatures-forged").leavingView().sending { sending, liar in
      resign(sending, liar) { $0.signature = .unsigned }
    },
    Behaviour("in-another's-name").by(1).sending { sending, liar in
      [sending]
        + resign(sending, liar) { statement in
          statement.replica = ReplicaNumber(2)
          statement = liar.authority.sign(statement, by: liar.genesis.signers[liar.place])
        }
    },
    Behaviour("of-another-cluster").leavingView().sending { sending, liar in
      let other = Authority(
        cluster: ClusterID(high: 9, low: 9),
        replicas: liar.authority.replicas,
        clients: liar.authority.clients,
        verifier: liar.authority.verifier,
        digester: liar.authority.digester
      )
      return resign(sending, liar) {
        $0 = other.sign($0, by: liar.genesis.signers[liar.place])
      }
    },
    // A prepare's signature under a commit: as what was signed for another mode or kind would be.
    Behaviour("of-another-kind").by(1).sending { sending, _ in
      guard case .vote(var vote) = sending.message else { return [sending] }
      vote.kind = vote.kind == .prepare ? .commit : .prepare
      return [Sending(to: sending.to, message: .vote(vote))]
    },
    Behaviour("old-views-replayed").by(1).adding { liar in
      var messages: [PBFTMessage] = liar.votes.map { .vote($0) }
      messages += liar.changes.map { .viewChange($0) } + liar.newViews.map { .newView($0) }
      messages += liar.stables.map { .stable($0) }
      guard !messages.isEmpty else { return [] }
      return liar.toAll(messages[liar.random.number(below: messages.count)])
    }.happening { isolateFirst(&$0, 40..<100) },
  ]

  /// Changes a statement of the liar's own, whatever it is wrapped in.
  private static func resign(
    _ sending: Sending,
    _ liar: Liar,
    _ change: (inout Vote) -> Void
  ) -> [Sending] {
    var changed = sending.message
    switch sending.message {
    case .prePrepare(var proposal):
      change(&proposal.vote)
      changed = .prePrepare(proposal)
    case .vote(var vote):
      change(&vote)
      changed = .vote(vote)
    case .checkpoint(var vote):
      vote.signature = .unsigned
      changed = .checkpoint(vote)
    case .viewChange(var viewChange):
      viewChange.signature = .unsigned
      changed = .viewChange(viewChange)
    case .newView(var newView):
      newView.signature = .unsigned
      changed = .newView(newView)
    case .envelope, .status, .stable, .committed, .fetch, .blocks, .askFence, .fenceReport: break
    }
    return [Sending(to: sending.to, message: changed)]
  }
}
