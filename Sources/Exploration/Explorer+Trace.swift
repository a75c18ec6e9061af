import Consensus
import Raft

// The way to a violation, for people.
extension Explorer {
  /// The steps from the beginning to the violation; empty if there is none.
  func trace() -> [String] {
    guard let violation else { return [] }
    var steps = [violation.by]
    var world = number
    while world > 0 {
      steps.append(WorldAction(packed: actions[world]))
      world = Int(parents[world])
    }
    // Every one of these steps was taken before and is only looked up.
    var table = nodes
    var states = (0..<SmallCluster.size).map { $0 }
    var lines: [String] = []
    for (place, action) in steps.reversed().enumerated() {
      let before = states[action.node]
      let step = table.steps[table.step(of: before, action)]
      states[action.node] = step.node
      lines.append("\(place + 1). \(text(of: action))")
      lines += news(from: nodes.nodes[before], to: nodes.nodes[step.node]).map { "     \($0)" }
      for message in step.sent.map({ nodes.sent[$0] }) {
        lines.append("     sends \(text(ofMessage: message))")
      }
    }
    lines.append("broken: \(violation.0.promise): \(violation.0.reason)")
    return lines
  }

  private func text(of action: WorldAction) -> String {
    let id = SmallCluster.members[action.node].id
    switch action.kind {
    case .deliver: return "\(id) receives \(text(ofMessage: action.argument))"
    case .deliverLate:
      return "\(id), without word from its leader, receives \(text(ofMessage: action.argument))"
    case .time: return "\(id) waits until a timer runs out"
    case .sync: return "\(id) learns that \(action.argument) more records are durable"
    case .submit: return "\(id) is asked for request \(action.argument)"
    case .crash: return "\(id) crashes, \(action.argument) unsynced records survive, and restarts"
    }
  }

  private func text(ofMessage number: Int) -> String {
    let item = nodes.messages.items[number]
    let ids = [item.sender, item.recipient].map { SmallCluster.members[$0].id }
    return "\(ids[0])→\(ids[1]) \(item.message.words)"
  }

  private func news(from before: SmallNode, to after: SmallNode) -> [String] {
    var news: [String] = []
    let statuses = (before.core.status, after.core.status)
    if statuses.0.role != statuses.1.role || statuses.0.term != statuses.1.term {
      news.append("is a \(statuses.1.role.rawValue) in term \(statuses.1.term)")
    }
    if before.log != after.log {
      let log = after.log
      let entries = (1..<log.count + 1).map { PackedLog.text(log[$0]) }
      news.append("its log: \(entries.joined(separator: ", "))")
    }
    if after.unsynced.count > before.unsynced.count {
      news.append("\(after.unsynced.count) records wait for its disk")
    }
    if statuses.0.commitIndex < statuses.1.commitIndex {
      news.append("knows that \(statuses.1.commitIndex) entries are committed")
    }
    return news
  }
}

extension RaftMessage {
  /// The message in a line.
  var words: String {
    switch self {
    case .requestPreVote(let term, let last):
      return "requestPreVote for term \(term), last \(last.index)@\(last.term)"
    case .preVoteAnswer(let term, let isGranted):
      return "preVoteAnswer \(isGranted ? "yes" : "no"), term \(term)"
    case .requestVote(let term, let last, _):
      return "requestVote in term \(term), last \(last.index)@\(last.term)"
    case .voteAnswer(let term, let isGranted):
      return "voteAnswer \(isGranted ? "yes" : "no"), term \(term)"
    case .appendEntries(let append):
      let entries = append.entries.map { PackedLog.text(PackedLog.code($0)) }
      return "appendEntries of term \(append.term) behind \(append.previous.index)@"
        + "\(append.previous.term): [\(entries.joined(separator: ", "))], "
        + "committed \(append.commitIndex)"
    case .appendAccepted(let term, let matchIndex, _):
      return "appendAccepted through \(matchIndex), term \(term)"
    case .appendRejected(let term, let previousIndex, let hint):
      return "appendRejected at \(previousIndex), hint \(hint.index)@\(hint.term), term \(term)"
    case .heartbeat(let term, let round, let commitIndex):
      return "heartbeat of term \(term), round \(round), committed \(commitIndex)"
    case .heartbeatAnswer(let term, let round, let verifiedIndex, _):
      return "heartbeatAnswer to round \(round), verified \(verifiedIndex), term \(term)"
    case .commitAdvanced(let term, let commitIndex):
      return "commitAdvanced to \(commitIndex), term \(term)"
    case .timeoutNow(let term): return "timeoutNow, term \(term)"
    case .requestReadIndex(let term, _): return "requestReadIndex, term \(term)"
    case .readIndexAnswer(let term, _, let index): return "readIndex \(index), term \(term)"
    case .termPassed(let term): return "termPassed, term \(term)"
    case .removed(let term, let index): return "removed by \(index), term \(term)"
    case .installSnapshot(let install):
      return "installSnapshot \(install.mark.index)@\(install.mark.term), term \(install.term)"
    case .snapshotWanted(let term, let place):
      return "snapshotWanted \(place.index) at \(place.offset), term \(term)"
    case .appendStored(let term, let index): return "appendStored \(index), term \(term)"
    case .replaceMe(let term): return "replaceMe, term \(term)"
    case .replaced(let term): return "replaced, term \(term)"
    case .present(let presence): return "present, boot \(presence.showing.boot)"
    case .remembered(_, let start, let isMore):
      return "remembered, boot \(start.boot)\(isMore ? ", as more" : "")"
    case .askEnd, .logEnds, .configurationCommitted, .wantEntries, .entriesEnding:
      return "a word about a repair, term \(term)"
    }
  }
}
