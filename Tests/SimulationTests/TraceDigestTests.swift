import Consensus
import Replication
import Storage
import XCTest

@testable import Simulation

/// The digest of a run's trace: what nodes say and write is in it, not only that they do (X1).
final class TraceDigestTests: XCTestCase {
  func test_reply_whenItIsAnother_makesAnotherDigest() throws {
    let replies: [ReplicaReply] = [
      .answer(index: LogIndex(3), bytes: [1, 2]), .answer(index: LogIndex(3), bytes: [2, 1]),
      .answer(index: LogIndex(4), bytes: [1, 2]), .applied(index: LogIndex(3), bytes: [1, 2]),
      .applied(index: LogIndex(3), bytes: [2, 1]), .objection(bytes: [1, 2]),
      .outcome(.committed(index: LogIndex(3), bytes: [1, 2])), .outcome(.neverCommitted),
      .outcome(.answeredBefore), .outcome(.sessionExpired), .refused(.noLeader),
      .refused(.fenced), .refused(.notLeader(leader: nil)),
      .refused(.notLeader(leader: NodeID(2))), .registered(session: 3), .closed,
      .transferred(to: NodeID(3)), .reconfigured(index: LogIndex(3)),
    ]

    let digests = try replies.map { reply in
      try digest { cluster, process in
        let told = AddressedReply(reply, to: ReplyToken(.max))
        guard let status = process.lastStatus else { return XCTFail("a node has had a turn") }
        try cluster.judge([told], of: process, on: 0, status)
      }
    }

    XCTAssertEqual(Set(digests).count, replies.count)
  }

  func test_batch_whenARecordIsAnother_makesAnotherDigest() throws {
    let payloads: [[[UInt8]]] = [[[1, 2]], [[2, 1]], [[1], [2]]]

    let digests = try payloads.map { payloads in
      try digest { cluster, process in
        let records = payloads.map { JournalRecord(payload: $0) }
        process.isJournalBusy = false
        try cluster.persist(records, of: process, on: 0)
      }
    }

    XCTAssertEqual(Set(digests).count, payloads.count)
  }

  func test_end_whenAStateIsThere_foldsIt() throws {
    let without = try digest { _, _ in }
    let with = try digest { cluster, _ in try? cluster.finish() }

    XCTAssertNotEqual(without, with)
  }

  /// The digest of a cluster's first moments and of something more.
  private func digest(
    of more: (SimulatedCluster, NodeProcess) throws -> Void
  ) throws -> UInt64 {
    let cluster = SimulatedCluster(seed: 5, RunOptions(nodes: 1))
    try cluster.begin()
    while cluster.nodes[0].process?.lastStatus == nil { _ = try cluster.step() }
    let process = try XCTUnwrap(cluster.nodes[0].process)
    try more(cluster, process)
    return cluster.trace.digest
  }
}
