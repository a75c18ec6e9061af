import Consensus
import Replication

/// How a run stood when its faults had been over for long enough.
struct QuietMark {
  /// The leader changes until then.
  let leaderChanges: Int
  /// The first operation after that.
  let firstOperation: Int
}

// After the storm: what must happen once nothing goes wrong any more.
extension SimulatedCluster {
  /// Ten election timeouts: by then there is a leader (L1).
  private static let leaderMicroseconds: UInt64 = 3_000_000
  private static let quietMicroseconds: UInt64 = 3_000_000
  /// More than a client's two deadlines, one behind the other.
  private static let answerMicroseconds: UInt64 = 12_000_000
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
    for id in episodes.indices { try endEpisode(id) }
    for node in nodes.indices {
      nodes[node].killMoment = nil
      nodes[node].endsInBatch = nil
      nodes[node].recoversUntilCall = nil
      nodes[node].stormsUntil = 0
      nodes[node].disk.heal()
      queue.schedule(.restart(node: node), at: now + 10_000)
    }
    for client in clients.indices { clients[client].isPatient = true }
    // A sync that hangs already goes on hanging: nothing is well before it is over.
    let settledAt = nodes.reduce(now) { max($0, $1.syncEndsAt) }
    queue.schedule(.quiesce, at: settledAt + Self.leaderMicroseconds)
  }

  /// There must be a leader; a little later the clients stop asking.
  func quiesce() throws(Violation) {
    guard quiet != nil else {
      guard leader != nil else {
        throw .liveness("L1", "no leader \(Self.leaderMicroseconds / 1_000) ms after the faults")
      }
      quiet = QuietMark(
        leaderChanges: checker.leaderChanges,
        firstOperation: history.operations.count
      )
      queue.schedule(.quiesce, at: now + Self.quietMicroseconds)
      return
    }
    let roundsEnd = Self.stormMicrosecondsMax + Self.quietRoundsMax * Self.quietMicroseconds
    if isUnderworked, now < roundsEnd {
      queue.schedule(.quiesce, at: now + Self.quietMicroseconds)
      return
    }
    for client in clients.indices { clients[client].isActive = false }
    queue.schedule(.finish, at: now + Self.answerMicroseconds)
  }

  /// Everybody has been answered and all nodes are equal (L2, L3, L4, W7).
  func finish() throws(Violation) {
    for node in nodes {
      let segments = node.disk.fileNames.count { $0.hasSuffix(".seg") && !$0.contains("spare") }
      coverage.reach(.segmentTurned, if: segments > 1)
    }
    coverage.ends(history, applied)
    if let quiet {
      guard checker.leaderChanges == quiet.leaderChanges else {
        throw .liveness("L2", "the leader changed although nothing was wrong")
      }
      try checkAnswers(from: quiet.firstOperation)
    }
    guard !isUnderworked else {
      throw .liveness("L3", "only \(history.answeredCount) operations were answered")
    }
    let newest = checker.committed.last?.index ?? .zero
    for node in nodes where !node.isOut {
      guard let process = node.process else {
        throw .liveness("L4", "\(node.member.id) does not run")
      }
      guard process.replica.lastApplied == newest else {
        throw .liveness(
          "L4",
          "\(node.member.id) has applied \(process.replica.lastApplied) of \(newest)"
        )
      }
      try applied.compare(process.replica.stateDigest(), at: newest)
    }
  }

  private func checkAnswers(from first: Int) throws(Violation) {
    for client in clients {
      guard let call = client.calls.first else { continue }
      throw .liveness("L3", "client \(client.index) still waits for \(call.purpose)")
    }
    for number in first..<history.operations.count {
      switch history.operations[number].ending {
      case .applied, .answered, .failed: continue
      case .open, .unknown:
        throw .liveness("L3", "operation \(number) was not answered although nothing was wrong")
      }
    }
  }
}
