package import Consensus

extension RaftMessage: LeveledMessage {
  /// The first level at which members understand it.
  package var level: FeatureLevel {
    switch self {
    case .requestPreVote, .preVoteAnswer, .requestVote, .voteAnswer, .appendEntries,
      .appendAccepted, .appendRejected, .heartbeat, .heartbeatAnswer, .commitAdvanced, .timeoutNow,
      .requestReadIndex, .readIndexAnswer, .termPassed, .removed, .installSnapshot,
      .snapshotWanted, .remembered, .appendStored:
      .base
    // Whoever has lost its directory's number with a part of its disk says 0: earlier builds would
    // take it for a new directory, and refuse it for good.
    case .present(let presence): presence.showing.directory == 0 ? .repair : .base
    case .askEnd, .logEnds, .wantEntries, .entriesEnding, .replaceMe, .replaced: .repair
    case .configurationCommitted: .settledRepair
    }
  }
}
