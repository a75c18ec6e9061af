import Consensus
import PBFT

/// What primaries do, and leave undone.
extension Behaviour {
  static let primaries = [
    Behaviour("primary-equivocates-two-ways").proving("E1").leavingView()
      .sending { equivocate($0, &$1, ways: 2) },
    Behaviour("primary-equivocates-three-ways").proving("E1").leavingView()
      .sending { equivocate($0, &$1, ways: 3) },
    Behaviour("primary-equivocates-to-all").proving("E1", "E5").sending { sending, liar in
      guard case .prePrepare(let proposal) = sending.message else { return [sending] }
      var other = proposal
      other = liar.proposal(liar.rival(of: proposal.block, 1))
      other.vote.counter = proposal.vote.counter
      other.vote = liar.authority.sign(other.vote, by: liar.genesis.signers[liar.place])
      return [sending, Sending(to: sending.to, message: .prePrepare(other))]
    },
    Behaviour("primary-silent").leavingView().sending { _, _ in [] },
    Behaviour("primary-silent-to-f").sending { sending, liar in
      let isStarved = sending.to >= liar.genesis.count - liar.authority.faultsMax
      return isStarved ? [] : [sending]
    },
    // Within the patience of 200 ms, but not much.
    Behaviour("primary-slow").leavingView(false).sending { sending, liar in
      guard case .prePrepare = sending.message else { return [sending] }
      liar.hold(sending, for: 9)
      return []
    },
    Behaviour("primary-starves-a-client").leavingView().hearing { message in
      guard case .envelope(let envelope) = message else { return true }
      return envelope.requests[0].session != 3
    },
    // A chain of its own for one backup, two blocks long; then the second block of the others',
    // which stands where that backup has voted already.
    Behaviour("primary-forks-a-backup").proving("E1").sending { sending, liar in
      guard case .prePrepare(let proposal) = sending.message, sending.to == liar.lastPlace,
        proposal.block.header.kind == .normal,
        proposal.block.header.sequenceNumber.rawValue % 2 == 1
      else { return [sending] }
      return liar.fork(of: proposal.block).map {
        Sending(to: sending.to, message: .prePrepare(liar.proposal($0)))
      }
    },
    // One backup is given another block, and all are asked to vote for what comes behind that:
    // whoever does prepares what it cannot hold, beside what commits. Then there is silence.
    Behaviour("block-behind-a-hidden-one").proving("E1").leavingView().sending { sending, liar in
      guard liar.quantum < 36 else { return [] }
      guard case .prePrepare(let proposal) = sending.message,
        proposal.block.header.sequenceNumber.rawValue == 3
      else { return [sending] }
      let fork = liar.fork(of: proposal.block)
      let hidden = Sending(to: sending.to, message: .prePrepare(liar.proposal(fork[0])))
      let behind = Sending(to: sending.to, message: .prePrepare(liar.proposal(fork[1])))
      return [sending.to == liar.lastPlace ? hidden : sending, behind]
    },
    // A request that f+1 backups alone know of, beside liars that are mute by then: the others have
    // no reason of their own to leave.
    Behaviour("primary-mute-before-few").leavingView().sending { sending, liar in
      liar.quantum < 200 ? [sending] : []
    }.happening { stage in
      guard stage.quantum == 210 else { return }
      let faults = stage.genesis.authority.faultsMax
      stage.ask(Array(faults...2 * faults))
    },
    // Polite but where they lead: each takes the whole patience of its view.
    Behaviour("primaries-alternate-delays").leavingView().sending { sending, _ in
      guard case .prePrepare = sending.message else { return [sending] }
      return []
    },
  ]

  private static func equivocate(_ sending: Sending, _ liar: inout Liar, ways: Int) -> [Sending] {
    guard case .prePrepare(let proposal) = sending.message, sending.to % ways > 0 else {
      return [sending]
    }
    let rival = liar.rival(of: proposal.block, UInt64(sending.to % ways))
    return [Sending(to: sending.to, message: .prePrepare(liar.proposal(rival)))]
  }
}
