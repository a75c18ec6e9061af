import Consensus
import Raft
import Replication

/// How a run stood when its faults had been over for long enough.
struct QuietMark {
  /// When that was.
  let time: UInt64
  /// Who leads.
  var leader: Int?
  /// The leader changes until then.
  var leaderChanges: Int
  /// The highest term of the core.
  var term: Term
  /// The first operation after that.
  let firstOperation: Int
  /// Whether a node has since found at its start that its term had rotted, and stood one ahead.
  var mayTermRise = false
}

// After the storm: what must happen once nothing goes wrong any more, at least not among the
// nodes of a core. What the others do wrong is left to `SimulatedCluster+Core`.
extension SimulatedCluster {
  /// Ten election timeouts: by then there is a leader (L1).
  private static let leaderMicroseconds: UInt64 = 3_000_000
  private static let quietMicroseconds: UInt64 = 3_000_000
  /// More than a client's two deadlines, one behind the other.
  private static let answerMicroseconds: UInt64 = 12_000_000
  /// At the end of that, when nobody asks any more, messages are counted for so long.
  private static let idleMicroseconds: UInt64 = 2_000_000
  private static let quietRoundsMax: UInt64 = 60

  /// Whether the clients have got too little done; a storm of a given length asks for nothing.
  private var isUnderworked: Bool {
    options.stormMicroseconds == nil && history.answeredCount < Self.operationsMin
  }

  /// The faults stop, unless the clients have not got enough done in them.
  func calmDown() throws(Violation) {
    if isUnderworked, now < Self.stormMicrosecondsMax {
      queue.schedule(.calm, at: now + 5_000_000)
      return
    }
    isCalm = true
    network.calm()
    electionStorm = nil
    for id in episodes.indices { try endEpisode(id) }
    endStrictness()
    for node in nodes.indices {
      endLie(of: node)
      finishUpgrade(of: node)
      nodes[node].recover()
      queue.schedule(.restart(node: node), at: now + 10_000)
    }
    for client in clients.indices { clients[client].isPatient = true }
    let core = drawCore()
    self.core = core
    var patience = Self.leaderMicroseconds
    broken = nodes.indices.filter { !core.contains($0) }
    for node in broken { patience += leaveBroken(node) }
    // A sync that hangs since before ends when it ends.
    let wellAt = core.map { nodes[$0].journalBusyUntil }.max() ?? now
    queue.schedule(.quiesce, at: max(now, wellAt) + patience)
  }

  /// A memory that lies ends with its process; by now the others should have found it out.
  private func endLie(of node: Int) {
    guard nodes[node].lie != nil else { return }
    crash(node, by: .kill, losesPower: false)
    nodes[node].lie = nil
  }

  /// There must be a leader, also when some have broken a little later; then clients stop asking.
  func quiesce() throws(Violation) {
    guard quiet != nil else {
      core = drawMembersCore()
      try checkLeader()
      quiet = QuietMark(
        time: now,
        leader: leader,
        leaderChanges: checker.leaderChanges,
        term: coreTerm,
        firstOperation: history.operations.count
      )
      queue.schedule(.quiesce, at: now + Self.quietMicroseconds)
      return
    }
    if let patience = breakSome() {
      quiet = nil
      queue.schedule(.quiesce, at: now + Self.leaderMicroseconds + patience)
      return
    }
    let roundsEnd = Self.stormMicrosecondsMax + Self.quietRoundsMax * Self.quietMicroseconds
    if isUnderworked, now < roundsEnd {
      queue.schedule(.quiesce, at: now + Self.quietMicroseconds)
      return
    }
    for client in clients.indices { clients[client].isActive = false }
    queue.schedule(.lastRestart, at: now + Self.answerMicroseconds / 2)
    queue.schedule(.idle, at: now + Self.answerMicroseconds - Self.idleMicroseconds)
    queue.schedule(.finish, at: now + Self.answerMicroseconds)
  }

  /// Nobody asks any more: what nodes say from now on is counted.
  func rest() {
    idleSince = (now, sentCount)
  }

  /// When nobody writes any more a follower starts anew: no news may help it to catch up (L4).
  ///
  /// Often its memory lies from now on, and the others have to find it out.
  func restartFollower() {
    guard !options.withoutWeather.contains(.kill) else { return }
    let followers = core.filter { $0 != leader && nodes[$0].process != nil }
    guard let node = followers.first else { return }
    isFollowerRestarted = true
    crash(node, by: .kill, losesPower: false)
    guard core.count > checker.quorum, !hasJoiners, !hasLosses,
      !options.withoutWeather.contains(.lyingMemory), random.oneIn(2)
    else { return }
    nodes[node].lie = PlantedLie(from: LogIndex(1), error: random.next())
  }

  /// Everybody has been answered and all nodes of the core are equal.
  func finish() throws(Violation) {
    foldStates()
    for node in nodes {
      let segments = node.disk.fileNames.count { $0.hasSuffix(".seg") && !$0.contains("spare") }
      coverage.reach(.segmentTurned, if: segments > 1)
    }
    coverage.ends(history, applied)
    if let quiet {
      try checkAnswers(from: quiet.firstOperation)
      try checkLatencies()
      try checkDebts()
    }
    guard !isUnderworked else {
      throw .liveness("L3", "only \(history.answeredCount) operations were answered")
    }
    try checkChatter()
    try checkEquality()
    try checkFences()
    try checkMembers()
    try checkReturns()
    try checkDisks()
  }

  /// What everybody has come to is part of the trace.
  private func foldStates() {
    for node in nodes.indices {
      guard let replica = nodes[node].process?.replica else { continue }
      trace.fold(now, node, replica.stateDigest())
      trace.fold(now, node, replica.resultDigest)
    }
  }
}
