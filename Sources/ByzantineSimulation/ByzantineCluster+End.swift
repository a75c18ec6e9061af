import Consensus
import Replication
import Simulation

// What must hold when everything is over.
extension ByzantineCluster {
  func checkEnd() {
    var digests: [(index: LogIndex, digest: UInt64)] = []
    for node in honest {
      guard let replica = node.life?.replica else { continue }
      let digest = replica.stateDigest()
      trace.fold(now, node.number, digest)
      if let other = digests.first(where: { $0.index == replica.lastApplied }),
        other.digest != digest
      {
        return checker.fail("I6", "r\(node.number) ends in another state: \(standing)")
      }
      digests.append((replica.lastApplied, digest))
    }
    if let contradiction = history.judge() { checker.fail("I14", contradiction) }
  }
}
