import Consensus
import PBFT
import Replication
import Simulation
import SymbolicCrypto
import Wire

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
    checkReceipts()
    if let contradiction = history.judge() { checker.fail("I14", contradiction) }
  }

  /// I10: what honest replicas sign of a write that they remember is one fact, whatever became of
  /// them since, and a receipt.
  private func checkReceipts() {
    for (client, key) in checker.newestWrites {
      var gathering = ReceiptGathering(of: key, by: forge.authority)
      var facts: [ReceiptWord.Fact] = []
      let owner = forge.clientSigner(forge.place(of: client)).publicKey
      for node in honest {
        guard let replica = node.life?.replica, let known = replica.remembered(key, of: client),
          let part = replica.core.core.receipt(
            for: key,
            of: owner,
            at: known.index,
            result: known.result
          )
        else { continue }
        facts += part.words.map(\.fact)
        gathering.add(part.encoded())
      }
      guard facts.count > forge.authority.faultsMax else { continue }
      marks.reach(.receiptGathered)
      let flaw = gathering.receipt.map { forge.authority.flaw(in: $0) }
      guard facts.allSatisfy({ $0 == facts[0] }), flaw == .some(nil) else {
        return checker.fail("I10", "\(key) has no receipt, or two: \(facts)")
      }
    }
  }
}
