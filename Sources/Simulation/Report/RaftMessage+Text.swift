import Consensus
import Raft
import Replication

// Messages as people read them in a trace.
extension PeerMessage<RaftMessage> {
  /// The message in one line.
  var text: String {
    switch self {
    case .consensus(let message): message.text
    case .forward(let request): "forward \(request.key.text)"
    case .forwardRefused(let key, let refusal): "forwardRefused \(key.text): \(refusal)"
    case .digests(let report):
      "digests through \(report.marks.last?.index ?? .zero), boot \(report.boot)"
    }
  }
}

extension RaftMessage {
  fileprivate var text: String { "\(name), term \(term)\(details)" }

  var name: String {
    switch self {
    case .requestPreVote: "requestPreVote"
    case .preVoteAnswer(_, let isGranted): isGranted ? "preVote" : "no preVote"
    case .requestVote: "requestVote"
    case .voteAnswer(_, let isGranted): isGranted ? "vote" : "no vote"
    case .appendEntries: "appendEntries"
    case .appendAccepted: "appendAccepted"
    case .appendRejected: "appendRejected"
    case .heartbeat: "heartbeat"
    case .heartbeatAnswer: "heartbeatAnswer"
    case .commitAdvanced: "commitAdvanced"
    case .timeoutNow: "timeoutNow"
    case .requestReadIndex: "requestReadIndex"
    case .readIndexAnswer: "readIndexAnswer"
    case .termPassed: "termPassed"
    case .removed: "removed"
    case .installSnapshot: "installSnapshot"
    case .snapshotWanted: "snapshotWanted"
    case .present: "present"
    case .remembered: "remembered"
    case .appendStored: "appendStored"
    case .askEnd: "askEnd"
    case .logEnds: "logEnds"
    case .configurationCommitted: "configurationCommitted"
    case .wantEntries: "wantEntries"
    case .entriesEnding: "entriesEnding"
    case .replaceMe: "replaceMe"
    case .replaced: "replaced"
    }
  }

  private var details: String {
    switch self {
    case .removed(_, let index): ", by the configuration at \(index)"
    case .preVoteAnswer, .voteAnswer, .timeoutNow, .termPassed, .replaceMe, .replaced: ""
    case .requestPreVote(_, let last), .requestVote(_, let last, isTransfer: false):
      ", last \(last.text)"
    case .requestVote(_, let last, isTransfer: true): ", last \(last.text), as asked to"
    case .appendEntries(let append):
      ", behind \(append.previous.text), \(append.entries.count) entries, commit "
        + "\(append.commitIndex)"
    case .appendAccepted(_, let matchIndex, let hasRoom):
      ", through \(matchIndex)" + (hasRoom ? "" : ", no room")
    case .appendRejected(_, let previousIndex, let hint):
      ", at \(previousIndex), perhaps \(hint.text)"
    case .heartbeat(_, let round, let commitIndex): ", round \(round), commit \(commitIndex)"
    case .heartbeatAnswer(_, let round, let verifiedIndex, let hasRoom):
      ", round \(round), verified \(verifiedIndex)" + (hasRoom ? "" : ", no room")
    case .commitAdvanced(_, let commitIndex): ", commit \(commitIndex)"
    case .requestReadIndex(_, let request): ", request \(request.boot)/\(request.counter)"
    case .readIndexAnswer(_, let request, let index):
      ", request \(request.boot)/\(request.counter), index \(index)"
    case .installSnapshot(let install):
      ", \(install.mark.text) at \(install.part.place.offset), \(install.part.bytes.count) bytes"
        + (install.part.isLast ? ", the last" : "")
    case .snapshotWanted(_, let place): ", \(place.index) at \(place.offset)"
    case .appendStored(_, let index): ", through \(index)"
    case .askEnd(_, let nonce): ", question \(nonce)"
    case .logEnds(let ends):
      ", \(ends.mark.text)" + (ends.isLeader ? ", as leader" : "")
        + (ends.isTermKnown ? "" : ", the term is not certain") + ", question \(ends.nonce)"
    case .configurationCommitted(_, let nonce, let index): ", at \(index), question \(nonce)"
    case .wantEntries(_, _, let mark): ", ending with \(mark.text)"
    case .entriesEnding(let ending): ", \(ending.entries.count) ending with \(ending.mark.text)"
    case .present(let presence):
      ", boot \(presence.showing.boot) from \(presence.showing.start), now at "
        + "\(presence.showing.position)" + (presence.isAsking ? ", asking" : "")
    case .remembered(_, let start, let isMore):
      ", boot \(start.boot) from \(start.position)" + (isMore ? " is less than was shown" : "")
    }
  }
}

extension LogMark {
  /// Index and term.
  fileprivate var text: String { "\(index)/\(term)" }
}

extension RequestKey {
  fileprivate var text: String { "\(kind) \(session)/\(sequence)" }
}
