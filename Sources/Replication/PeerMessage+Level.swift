package import Consensus

extension PeerMessage where Message: LeveledMessage {
  /// The first level at which members understand it.
  @inlinable
  package var level: FeatureLevel {
    switch self {
    case .consensus(let message): message.level
    case .forward, .forwardRefused, .digests: .base
    }
  }
}
