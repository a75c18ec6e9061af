package import Consensus

extension RaftMessage {
  /// The first level at which members understand it.
  package var level: FeatureLevel {
    switch self {
    case .requestPreVote, .preVoteAnswer, .requestVote, .voteAnswer, .appendEntries,
      .appendAccepted, .appendRejected, .heartbeat, .heartbeatAnswer, .commitAdvanced, .timeoutNow,
      .requestReadIndex, .readIndexAnswer, .termPassed, .removed, .installSnapshot,
      .snapshotWanted, .present, .remembered, .appendStored:
      .base
    case .askEnd, .logEnds, .wantEntries, .entriesEnding: .repair
    }
  }
}
