/// States that must have been reached, or the bounds were too narrow to mean anything.
package enum WorldMark: Int, CaseIterable, Sendable {
  /// A node leads.
  case leader
  /// A deposed leader does not know it yet: two lead, in two terms.
  case twoLeaders
  /// A client's request is committed.
  case requestCommitted
  /// Two clients' requests, or more, are committed.
  case requestsCommitted
  /// Entries were committed in two terms.
  case committedInTwoTerms
  /// Two logs contradict each other.
  case contradiction
  /// The step that led here cut off the end of a log.
  case truncation
  /// The step that led here was the crash of a leader.
  case leaderCrash
  /// The step that led here was a crash that lost records.
  case recordsLost
  /// Nodes are in three different terms.
  case threeTerms

  /// The mark's name in reports.
  package var name: String {
    switch self {
    case .leader: "leader"
    case .twoLeaders: "two_leaders"
    case .requestCommitted: "request_committed"
    case .requestsCommitted: "two_requests_committed"
    case .committedInTwoTerms: "committed_in_two_terms"
    case .contradiction: "contradicting_logs"
    case .truncation: "truncation"
    case .leaderCrash: "leader_crash"
    case .recordsLost: "records_lost"
    case .threeTerms: "three_terms"
    }
  }
}

extension WorldMark {
  /// The marks of a world, apart from those of the step that led to it.
  static func marks(of nodes: [NodeFacts], _ history: WorldHistory) -> [WorldMark] {
    var marks: [WorldMark] = []
    let leaders = nodes.count { $0.isLeader }
    if leaders > 0 { marks.append(.leader) }
    if leaders > 1 { marks.append(.twoLeaders) }
    let indexes = 1..<history.committed.count + 1
    let requests = indexes.count { PackedLog.isRequest(history.committed[$0]) }
    if requests > 0 { marks.append(.requestCommitted) }
    if requests > 1 { marks.append(.requestsCommitted) }
    let terms = indexes.map { history.commitTerm(at: $0) }
    if terms.first != terms.last { marks.append(.committedInTwoTerms) }
    let logs = nodes.map(\.log)
    if isContradiction(logs[0], logs[1]) || isContradiction(logs[1], logs[2])
      || isContradiction(logs[0], logs[2])
    {
      marks.append(.contradiction)
    }
    if nodes[0].term != nodes[1].term, nodes[1].term != nodes[2].term,
      nodes[0].term != nodes[2].term
    {
      marks.append(.threeTerms)
    }
    return marks
  }

  private static func isContradiction(_ log: PackedLog, _ other: PackedLog) -> Bool {
    log.agreement(with: other) < min(log.count, other.count)
  }
}
