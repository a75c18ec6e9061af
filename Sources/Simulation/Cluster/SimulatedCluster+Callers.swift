import Consensus
import Replication

// What goes wrong with clients.
extension SimulatedCluster {
  /// A fault of the clients strikes.
  func strikeClients(_ strike: FaultStrike) {
    let client = strikeRandom.number(below: clients.count)
    switch strike.kind {
    case .requestReplay: replayRequest()
    case .clientRestart:
      guard !clients[client].calls.isEmpty else { return }
      faults.count(.clientRestart)
      clients[client].restart(keepingSession: strikeRandom.oneIn(2), at: now, &history)
    case .disconnect: disconnect(client)
    case .idleSession: letSessionsIdle([client], strike)
    case .flood: flood()
    default: invariant(false, "\(strike.kind) is no fault of a client")
    }
  }

  /// Clients keep quiet until their sessions are about to expire; then the leader goes (T4).
  func letSessionsIdle(_ idle: [Int], _ strike: FaultStrike) {
    let timeout = setup.configuration.sessionTimeoutMicroseconds
    guard timeout <= 15_000_000 else { return }
    let until = timeout - 300_000 + strikeRandom.number(in: 0..<600_000)
    for client in idle where clients[client].idle(until: now + until) {
      faults.count(.idleSession)
    }
    guard strikeRandom.chance(percent: 70) else { return }
    follow(strike, .kill, after: until - strikeRandom.number(in: 0..<400_000), .leader)
  }

  /// All clients ask as much as they can for a moment (C4f).
  func flood() {
    faults.count(.flood)
    let until = now + strikeRandom.number(in: 100_000..<300_000)
    for client in clients.indices { clients[client].hurriesUntil = until }
  }

  /// Some frames that clients send are kept, to be sent again much later.
  func remember(_ outgoing: SimulatedClient.Outgoing) {
    guard random.oneIn(8) else { return }
    if oldRequests.count < Self.oldRequestsMax {
      oldRequests.append(outgoing)
    } else {
      oldRequests[random.number(below: Self.oldRequestsMax)] = outgoing
    }
  }

  // MARK: Helpers

  private static let oldRequestsMax = 64

  /// A request of the past arrives at any node, perhaps after its session's end (C2f).
  ///
  /// Not if the client was told that it had no effect: only the network's own duplicates, which
  /// the client is warned of, may make a liar of a node.
  private func replayRequest() {
    guard !oldRequests.isEmpty else { return }
    var request = oldRequests[strikeRandom.number(below: oldRequests.count)]
    if case .write(let operation, _) = request.purpose {
      switch history.operations[operation].ending {
      case .failed: return
      case .open: clients[request.client].requestIsRepeated(of: operation)
      case .applied, .answered, .unknown: break
      }
    }
    faults.count(.requestReplay)
    request.node = strikeRandom.number(below: nodes.count)
    transmit(request, after: strikeRandom.number(in: 100..<10_000))
  }

  /// A client loses its connections in the middle of everything: what it has sent goes on, the
  /// answers are nobody's (C6f).
  private func disconnect(_ client: Int) {
    guard clients[client].isWaiting else { return }
    faults.count(.disconnect)
    for node in nodes.indices {
      guard let process = nodes[node].process else { continue }
      process.replica.abandonReads(process.tokens(of: client))
      process.forget(client)
    }
    clients[client].reconnect(at: now)
  }
}
