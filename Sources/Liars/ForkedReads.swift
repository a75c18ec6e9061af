import Consensus
import PBFT
import Replication
import Server

/// Answers all reads for ever with what the first of all found, ordered and fast ones alike.
final class ForkedReads: Misconduct {
  private var first: [UInt8]?

  func reply(insteadOf reply: ReplicaReply) -> ReplicaReply {
    guard case .answer(let index, let bytes) = reply else { return reply }
    let bent = first ?? bytes
    first = bent
    return .answer(index: index, bytes: bent)
  }
}
