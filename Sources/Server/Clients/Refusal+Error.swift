import ClientProtocol
import Consensus

extension Refusal {
  /// The journal looks for space about this often, in milliseconds.
  private static let diskRetryMilliseconds: UInt32 = 1_000

  /// The refusal as clients see it.
  var error: Reply.Refused {
    let (code, message) = codeAndMessage
    return Reply.Refused(
      code,
      message,
      outcome: RequestOutcome(rawValue: outcome.rawValue),
      retryAfterMilliseconds: retryAfterMilliseconds
    )
  }

  private var retryAfterMilliseconds: UInt32 {
    switch self {
    case .overloaded, .transferInProgress, .noLeader, .statesDiffer, .fenced, .changeInProgress,
      .leaderUnsettled:
      ClientTraffic.retryAfterMilliseconds
    case .diskFull: Self.diskRetryMilliseconds
    case .notLeader, .leadershipLost, .sessionExpired, .sequenceAnswered, .sequencePastWindow,
      .sequenceSealed, .tooManySessions, .tooStale, .transferFailed, .deadlinePassed,
      .memberUnknown, .memberExists, .membersOutOfBounds, .quorumWouldBeLost, .learnerBehind,
      .notOfferedByAll:
      0
    }
  }

  private var codeAndMessage: (ErrorCode, String) {
    switch self {
    case .notLeader(let leader?): (.notLeader, "node \(leader.rawValue) leads")
    case .notLeader(nil): (.notLeader, "another node leads")
    case .leadershipLost: (.leadershipLost, "the leader changed before the write was decided")
    case .transferInProgress: (.transferInProgress, "leadership is being handed over")
    case .overloaded: (.overloaded, "more is waiting than the node holds")
    case .diskFull: (.diskFull, "the leader's disk has no room for further writes")
    case .noLeader: (.noLeader, "no leader is known or can be confirmed")
    case .sessionExpired: (.sessionExpired, "the session has expired or was closed")
    case .sequenceAnswered: (.sequenceAnswered, "the client has said it saw this answer")
    case .sequencePastWindow: (.sequencePastWindow, "too many writes are unanswered")
    case .sequenceSealed: (.sequenceSealed, "the write was settled as never applied")
    case .tooManySessions: (.tooManySessions, "every session slot is in use")
    case .tooStale: (.tooStale, "this node has not heard the leader lately enough")
    case .transferFailed: (.transferFailed, "no other member could take over")
    case .statesDiffer:
      (.statesDiffer, "the nodes' states differ, and no majority is known to agree")
    case .fenced: (.nodeFenced, "this node's state differs from that of a majority")
    case .changeInProgress:
      (.changeInProgress, "an earlier change of the members is not through yet")
    case .leaderUnsettled:
      (.leaderUnsettled, "the leader was elected a moment ago and has yet to hear from the others")
    case .memberUnknown: (.memberUnknown, "there is no such member")
    case .memberExists: (.memberExists, "there is a member of that id already")
    case .membersOutOfBounds:
      (
        .membersOutOfBounds,
        "there would be no voter, more than 7 voters or learners, or an address that is none or "
          + "another's"
      )
    case .quorumWouldBeLost:
      (.wouldLoseQuorum, "too few of the remaining voters are up; quorum would be lost")
    case .learnerBehind: (.learnerBehind, "the learner has not caught up yet")
    case .notOfferedByAll:
      (.unsupportedVersion, "not all nodes are of a release yet that can carry out this command")
    case .deadlinePassed: (.deadlineExceeded, "no answer within the deadline")
    }
  }
}
