import Consensus
import Raft
import Replication

extension PeerMessage where Message == RaftMessage {
  /// The first level at which members understand it.
  var level: FeatureLevel {
    switch self {
    case .consensus(let message): message.level
    case .forward, .forwardRefused, .digests: .base
    }
  }
}
