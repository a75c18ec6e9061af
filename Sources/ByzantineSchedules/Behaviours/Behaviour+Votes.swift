import Consensus
import PBFT

/// Votes and words for states that no honest replica gives.
extension Behaviour {
  static let votes = [
    Behaviour("votes-for-what-nobody-proposed").by(1).adding { liar in
      guard let block = liar.blocks.last else { return [] }
      let made = liar.rival(of: block, 7).header
      return liar.toAll(.vote(liar.vote(.prepare, made)))
        + liar.toAll(.vote(liar.vote(.commit, made)))
    },
    Behaviour("prepares-twice").by(1).proving("E2").sending { again($0, &$1, .prepare) },
    Behaviour("commits-twice").by(1).proving("E3").sending { again($0, &$1, .commit) },
    Behaviour("commits-unprepared").by(1).adding { liar in
      guard let block = liar.blocks.last else { return [] }
      return liar.toAll(.vote(liar.vote(.commit, block.header)))
    },
  ]

  /// Much that is signed well, and of no use: what is kept of it is bounded (I12).
  static let floods = [
    flood("floods-votes") { liar, header in
      let kind: Vote.Kind = liar.random.oneIn(2) ? .prepare : .commit
      return .vote(liar.vote(kind, header))
    },
    flood("floods-checkpoints") { liar, header in
      .checkpoint(liar.checkpoint(header, root: liar.random.next()))
    },
    flood("floods-view-changes") { liar, header in
      .viewChange(liar.viewChange(to: header.sequenceNumber.rawValue + UInt64(liar.quantum)))
    },
    flood("floods-proposals") { liar, header in
      .prePrepare(liar.proposal(Block(header: header, body: liar.envelopes.suffix(1))))
    },
  ]

  private static func flood(
    _ name: String,
    _ make: @escaping @Sendable (inout Liar, BlockHeader) -> PBFTMessage
  ) -> Behaviour {
    Behaviour(name).adding { liar in
      (0..<40).flatMap { _ -> [Sending] in
        guard var header = liar.blocks.last?.header else { return [] }
        let number = header.sequenceNumber.rawValue + liar.random.number(in: 0..<20)
        header.place = BlockPlace(header.view, SequenceNumber(number))
        header.timeMicroseconds += liar.random.number(in: 0..<1_000)
        return liar.toAll(make(&liar, header))
      }
    }
  }

  /// Votes for what was proposed, and for a block that is not there.
  private static func again(
    _ sending: Sending,
    _ liar: inout Liar,
    _ kind: Vote.Kind
  ) -> [Sending] {
    guard case .vote(let vote) = sending.message, vote.kind == kind,
      let block = liar.blocks.last(where: { $0.header.place == vote.place })
    else { return [sending] }
    let other = liar.vote(kind, liar.rival(of: block, 3).header)
    return [sending, Sending(to: sending.to, message: .vote(other))]
  }

  static let checkpoints = [
    checkpoint("checkpoint-of-another-state") { vote, _, _ in
      vote.stateRoot = Digest(bits: Bits256(6, 6, 6, 6))
    },
    checkpoint("checkpoint-of-another-place") { vote, _, _ in
      vote.sequenceNumber = vote.sequenceNumber + 3
    },
    checkpoint("checkpoint-far-ahead") { vote, _, _ in
      vote.sequenceNumber = SequenceNumber(1 << 50)
    },
    checkpoint("checkpoint-of-another-history") { vote, _, _ in
      vote.digest = Digest(bits: Bits256(7, 7, 7, 7))
    },
    // f+1 with one root, f+1 with another: neither becomes stable by a liar's help.
    checkpoint("checkpoint-split") { vote, _, to in
      if to % 2 == 0 { vote.stateRoot = Digest(bits: Bits256(6, 6, 6, 6)) }
    },
    Behaviour("checkpoints-contradict").by(1).proving("E4").sending { sending, liar in
      guard case .checkpoint(var vote) = sending.message else { return [sending] }
      vote.stateRoot = .zero
      vote.counter = liar.nextCounter()
      vote = liar.authority.sign(vote, by: liar.genesis.signers[liar.place])
      return [sending, Sending(to: sending.to, message: .checkpoint(vote))]
    },
  ]

  /// A word for a state, changed and signed again.
  private static func checkpoint(
    _ name: String,
    _ change: @escaping @Sendable (inout CheckpointVote, Liar, Int) -> Void
  ) -> Behaviour {
    Behaviour(name).by(1).sending { sending, liar in
      guard case .checkpoint(var vote) = sending.message else { return [sending] }
      change(&vote, liar, sending.to)
      vote = liar.authority.sign(vote, by: liar.genesis.signers[liar.place])
      return [Sending(to: sending.to, message: .checkpoint(vote))]
    }
  }
}
