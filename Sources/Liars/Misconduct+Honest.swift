import Consensus
import PBFT
import Replication
import Server

// A lie says only where it departs from what an honest node does.
extension Misconduct {
  func words(
    insteadOf message: PBFTMessage,
    to member: Member,
    at now: UInt64
  ) -> [PBFTMessage] {
    [message]
  }

  func lateWords(at now: UInt64) -> [Envelope<PBFTMessage>] { [] }

  func reply(insteadOf reply: ReplicaReply) -> ReplicaReply { reply }

  func heeds(_ envelope: SignedEnvelope) -> Bool { true }
}

extension PBFTMessage {
  /// Whether it brings the order forward: a proposal, or a word for one.
  var isOfOrder: Bool {
    switch self {
    case .prePrepare(let proposal): proposal.block.header.kind == .normal
    case .vote: true
    case .envelope, .checkpoint, .viewChange, .newView, .status, .stable, .committed, .fetch,
      .blocks, .askFence, .fenceReport:
      false
    }
  }
}
