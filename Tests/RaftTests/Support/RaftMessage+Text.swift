import Wire
import Consensus

@testable import Raft

// How scenarios show what happens.

extension Committed.Payload {
  var text: String {
    switch self {
    case .request(let request), .signed(let request, _):
      String(decoding: request.command.array, as: UTF8.self)
    case .noOp: "noop"
    case .configuration: "config"
    }
  }
}

extension ClusterConfiguration {
  /// `1 2 3`, `1 2 from 1 2 3`, `1 2 3 learns 4`.
  var text: String {
    func ids(_ seats: [Seat]) -> String {
      seats.map { "\($0.member.id.rawValue)" }.joined(separator: " ")
    }
    let leaving = isJoint ? " from \(ids(outgoing))" : ""
    let learning = learners.isEmpty ? "" : " learns \(ids(learners.map(\.seat)))"
    return ids(seats) + leaving + learning
  }
}

extension LogMark {
  var text: String { "\(index)@\(term)" }
}

extension Refusal {
  var text: String {
    if case .notLeader(let leader) = self {
      return "notLeader(\(leader.map(\.description) ?? "-"))"
    }
    return "\(self)"
  }
}

extension Refused {
  var text: String {
    switch self {
    case .request(_, let refusal): "refuses request \(refusal.text)"
    case .read(let id, let refusal): "refuses read \(id.rawValue) \(refusal.text)"
    case .transfer(let refusal): "refuses transfer \(refusal.text)"
    case .reconfiguration(let refusal): "refuses change \(refusal.text)"
    }
  }
}

extension RaftMessage {
  var text: String {
    switch self {
    case .requestPreVote(let term, let last): "requestPreVote t\(term) last \(last.text)"
    case .preVoteAnswer(let term, let granted): "preVote \(granted ? "yes" : "no") t\(term)"
    case .requestVote(let term, let last, let isTransfer):
      "requestVote t\(term) last \(last.text)\(isTransfer ? " transfer" : "")"
    case .voteAnswer(let term, let granted): "vote \(granted ? "yes" : "no") t\(term)"
    case .appendEntries(let append): append.text
    case .appendAccepted(let term, let match, let hasRoom):
      "appendAccepted t\(term) match \(match)\(hasRoom ? "" : " full")"
    case .appendRejected(let term, let previous, let hint):
      "appendRejected t\(term) at \(previous) hint \(hint.text)"
    case .heartbeat(let term, let round, let commit):
      "heartbeat t\(term) round \(round) commit \(commit)"
    case .heartbeatAnswer(let term, let round, let verified, let hasRoom):
      "heartbeatAnswer t\(term) round \(round) verified \(verified)\(hasRoom ? "" : " full")"
    case .commitAdvanced(let term, let commit): "commitAdvanced t\(term) commit \(commit)"
    case .timeoutNow(let term): "timeoutNow t\(term)"
    case .requestReadIndex(let term, let request):
      "requestReadIndex t\(term) boot \(request.boot) counter \(request.counter)"
    case .readIndexAnswer(let term, let request, let index):
      "readIndex t\(term) counter \(request.counter) index \(index)"
    case .termPassed(let term): "termPassed t\(term)"
    case .removed(let term, let index): "removed t\(term) by \(index)"
    case .installSnapshot(let install):
      "installSnapshot t\(install.term) \(install.mark.text) at \(install.part.place.offset)"
    case .snapshotWanted(let term, let place):
      "snapshotWanted t\(term) \(place.index) at \(place.offset)"
    case .appendStored(let term, let index): "appendStored t\(term) through \(index)"
    case .replaceMe(let term): "replaceMe t\(term)"
    case .replaced(let term): "replaced t\(term)"
    case .present(let presence):
      "present boot \(presence.showing.boot) from \(presence.showing.start)"
    case .remembered(_, let start, let isMore):
      "remembered boot \(start.boot)\(isMore ? " as more" : "")"
    case .askEnd: "askEnd"
    case .logEnds(let ends):
      "logEnds \(ends.mark.text)\(ends.isLeader ? " as leader" : "")"
    case .configurationCommitted(_, _, let index): "configurationCommitted \(index)"
    case .wantEntries(_, _, let mark): "wantEntries ending \(mark.text)"
    case .entriesEnding(let ending):
      "entriesEnding \(ending.mark.text), \(ending.entries.count) of them"
    }
  }
}

extension RaftMessage.AppendEntries {
  fileprivate var text: String {
    let list = entries.map { "\($0.term)" }.joined(separator: " ")
    return "appendEntries t\(term) after \(previous.text) [\(list)] commit \(commitIndex)"
  }
}
