import Consensus
import Replication

// What is shown where a promise was broken.
extension SimulatedCluster {
  /// The last events, and how every node stands after them.
  var aftermath: SimulationReport.Aftermath {
    let standings = nodes.indices.map { node in
      let name = "n\(node + 1)"
      let durable = checker.ledgers[node].durable
      let disk = "on disk: term \(durable.term), \(durable.log.count) entries"
      guard let process = nodes[node].process else { return "\(name) is down; \(disk)" }
      let status = process.replica.core.status
      let pause = nodes[node].isPaused ? ", paused" : ""
      return "\(name) \(status.role.rawValue)\(pause), term \(status.term), commit "
        + "\(status.commitIndex), applied \(process.replica.lastApplied), last "
        + "\(status.lastIndex)\(status.repair.map(describe) ?? ""); \(disk)"
    }
    return SimulationReport.Aftermath(microseconds: now, trace: trace.lines, standings: standings)
  }

  private func describe(_ repair: RepairStatus) -> String {
    let target = repair.target.map { "through \($0)" } ?? "nobody knows how far"
    let unheard = repair.unheard.isEmpty ? "" : ", waits for \(repair.unheard)"
    return ", lacks \(repair.firstMissing) and more, \(target)\(unheard)"
  }
}
