import Consensus
import Raft
import Replication

// What messages show, as they are heard and as they are sent.
extension Coverage {
  /// A process is about to hear a message.
  mutating func hears(
    _ message: PeerMessage<RaftMessage>,
    _ process: NodeProcess,
    _ own: LedgerState
  ) {
    guard case .consensus(let message) = message else { return }
    // As of the last turn: good enough, and no copy of the whole core.
    let term = process.lastStatus?.term ?? own.term
    switch message {
    case .requestVote(let asked, let candidateLast, _):
      let last = (own.log.last?.term ?? Term(0), LogIndex(UInt64(own.log.count)))
      let isBehind = (candidateLast.term, candidateLast.index) < last
      reach(.voteRefusedForShorterLog, if: asked >= term && isBehind)
    case .voteAnswer(let given, isGranted: true): reach(.voteArrivesLate, if: given < term)
    case .appendEntries(let append): reach(.oldEntriesArrive, if: append.term < term)
    case .timeoutNow(let asked): reach(.transferArrivesLate, if: asked < term)
    case .readIndexAnswer(_, let request, _):
      reach(.readIndexArrivesLate, if: request.boot < process.boot)
    case .requestReadIndex(let asked, _):
      reach(.followerAskedForIndex, if: asked == term && process.lastStatus?.role != .leader)
    case .requestPreVote, .preVoteAnswer, .voteAnswer, .appendAccepted, .appendRejected,
      .heartbeat, .heartbeatAnswer, .commitAdvanced, .termPassed, .installSnapshot,
      .snapshotWanted, .removed, .present, .remembered, .appendStored, .askEnd, .logEnds,
      .configurationCommitted, .wantEntries, .entriesEnding, .replaceMe, .replaced:
      break
    }
  }

  /// A message leaves a node.
  mutating func says(
    _ message: PeerMessage<RaftMessage>,
    to recipient: Member,
    from process: NodeProcess,
    on node: Int,
    at now: UInt64
  ) {
    switch message {
    case .forward, .digests: break
    case .forwardRefused: reach(.forwardRefused)
    case .consensus(.preVoteAnswer(_, isGranted: false)):
      reach(.preVoteRefusedForLeader, if: process.lastStatus?.leader != nil)
    case .consensus(.voteAnswer(let term, isGranted: false)):
      let core = process.replica.core.core
      guard core.currentTerm == term, let vote = core.votedFor, vote != recipient else { return }
      reach(.voteRefusedAsGiven)
      reach(.voteRememberedAfterCrash, if: votedBefore(process.boot, node, in: term))
    case .consensus(.appendRejected): reach(.appendRejected)
    case .consensus(.requestReadIndex): reach(.followerAsksForIndex)
    case .consensus(.termPassed): reach(.oldLeaderIsTold)
    case .consensus(.removed): reach(.removedNodeIsTold)
    case .consensus(.timeoutNow):
      reach(
        .hungLeaderHandsOver,
        if: process.isJournalBusy && now > process.batchBeganAt + 1_000_000
      )
    case .consensus(.requestPreVote), .consensus(.preVoteAnswer), .consensus(.requestVote),
      .consensus(.voteAnswer), .consensus(.appendEntries), .consensus(.appendAccepted),
      .consensus(.heartbeat), .consensus(.heartbeatAnswer), .consensus(.commitAdvanced),
      .consensus(.readIndexAnswer), .consensus(.installSnapshot), .consensus(.snapshotWanted),
      .consensus(.present), .consensus(.remembered), .consensus(.appendStored),
      .consensus(.askEnd), .consensus(.logEnds), .consensus(.configurationCommitted),
      .consensus(.wantEntries),
      .consensus(.entriesEnding), .consensus(.replaceMe), .consensus(.replaced):
      break
    }
  }
}
