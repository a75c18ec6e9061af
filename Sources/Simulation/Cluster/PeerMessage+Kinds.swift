import Raft
import Replication

extension PeerMessage<RaftMessage> {
  /// Whether it gives a vote away.
  var isVote: Bool {
    switch self {
    case .consensus(.voteAnswer(_, isGranted: true)), .consensus(.requestVote): true
    case .consensus, .forward, .forwardRefused, .digests: false
    }
  }

  /// Whether it asks the leader for the index of reads.
  var asksForReads: Bool {
    if case .consensus(.requestReadIndex) = self { true } else { false }
  }

  /// Whether it answers that.
  var confirmsReads: Bool {
    if case .consensus(.readIndexAnswer) = self { true } else { false }
  }

  /// Whether it says what is remembered of a node that has started.
  var answersStart: Bool {
    if case .consensus(.remembered) = self { true } else { false }
  }

  /// Whether it tells a node that has lost something what others have.
  var answersLoss: Bool {
    switch self {
    case .consensus(.logEnds), .consensus(.configurationCommitted), .consensus(.entriesEnding): true
    case .consensus, .forward, .forwardRefused, .digests: false
    }
  }

  /// Whether it is seldom sent, and so worth keeping to be delivered again.
  var isRare: Bool {
    switch self {
    case .consensus(.requestVote), .consensus(.voteAnswer), .consensus(.timeoutNow),
      .consensus(.readIndexAnswer), .consensus(.appendRejected):
      true
    case .consensus, .forward, .forwardRefused, .digests: false
    }
  }
}
