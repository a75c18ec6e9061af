import Accountability
import Consensus
import PBFT
import XCTest

/// Two histories that contradict each other prove who made both.
final class ForensicsTests: XCTestCase {
  func test_audit_whenOneViewCommittedTwoBlocks_convictsWhoeverCommittedBoth() throws {
    let notary = try Notary()
    let (one, other) = blocks(notary, view: 0)

    let culprits = try culprits(
      notary,
      [.committed(committed(notary, one, by: [0, 1, 2]))],
      [.committed(committed(notary, other, by: [1, 2, 3]))]
    )

    XCTAssertEqual(culprits, [.replica(ReplicaNumber(1)), .replica(ReplicaNumber(2))])
  }

  func test_audit_whenAViewChangeHidTheBlock_convictsWhoeverHidIt() throws {
    let notary = try Notary()
    let one = notary.block().header
    let other = notary.block(view: 1, body: [notary.envelope("b")]).header
    // Replica 3 has committed nothing; the others hid what they had.
    let changes = [1, 2, 3].map { notary.viewChange(by: $0) }

    let culprits = try culprits(
      notary,
      [.committed(committed(notary, one, by: [0, 1, 2]))],
      [
        .newView(notary.newView(of: changes)),
        .committed(committed(notary, other, by: [0, 1, 3])),
      ]
    )

    XCTAssertEqual(culprits, [.replica(ReplicaNumber(1)), .replica(ReplicaNumber(2))])
  }

  func test_audit_whenHistoriesAgree_convictsNobody() throws {
    let notary = try Notary()
    let (one, _) = blocks(notary, view: 0)

    let culprits = try culprits(
      notary,
      [.committed(committed(notary, one, by: [0, 1, 2]))],
      [.committed(committed(notary, one, by: [1, 2, 3]))]
    )

    XCTAssertEqual(culprits, [])
  }

  private func culprits(
    _ notary: Notary,
    _ first: [PBFTRecord],
    _ second: [PBFTRecord]
  ) throws -> [Culprit] {
    var audit = ChainAudit(by: notary.authority)
    for records in [first, second] {
      var own = ChainAudit(by: notary.authority)
      for (position, record) in records.enumerated() { own.add(record, at: UInt64(position)) }
      XCTAssertEqual(own.faults, [])
      audit.join(own)
    }
    return audit.convictions().compactMap { notary.authority.culprit(of: $0) }
  }

  private func blocks(_ notary: Notary, view: UInt64) -> (BlockHeader, BlockHeader) {
    (notary.block().header, notary.block(body: [notary.envelope("b")]).header)
  }

  private func committed(
    _ notary: Notary,
    _ header: BlockHeader,
    by replicas: [Int]
  ) -> CommitCertificate {
    CommitCertificate(
      header: header,
      replicas: replicas.map { Endorsement(notary.vote(.commit, header, by: $0, counter: 3)) }
    )
  }
}
