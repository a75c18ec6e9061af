import ClientProtocol
import XCTest

@testable import Server

/// Nothing is acknowledged that a majority of disks has not synced (W1), on the real threads.
final class DurabilityTests: ServerTestCase {
  func test_writes_whenAcknowledged_haveBeenSyncedByAMajority() throws {
    try withWitnesses { cluster, witnesses, _ in
      let client = try leaderClient(of: cluster)
      let session = try openSession(client)

      let acknowledged = try expectMajorities(client, session, 1...2_000, batch: 40, witnesses)

      XCTAssertEqual(acknowledged, 2_000)
      for witness in witnesses {
        XCTAssertGreaterThan(witness.syncsCount, 0)
        XCTAssertLessThan(witness.syncsCount, 2_000, "writes that arrive together share a sync")
      }
    }
  }

  func test_writes_whenTheLeadersDiskHangs_areAcknowledgedOnlyByTheOtherTwo() throws {
    try withWitnesses { cluster, witnesses, disks in
      let client = try leaderClient(of: cluster)
      let session = try openSession(client)
      let leader = Int(try XCTUnwrap(client.ack?.node.id)) - 1
      disks[leader].hang()
      defer { disks[leader].release() }

      let acknowledged = try expectMajorities(client, session, 1...20, batch: 5, witnesses)

      XCTAssertEqual(acknowledged, 20)
      XCTAssertFalse((1...20).contains { witnesses[leader].holdsDurably($0) })
    }
  }

  func test_write_whenOnlyOneDiskSyncs_isNotAcknowledged() throws {
    try withWitnesses { cluster, witnesses, disks in
      let client = try leaderClient(of: cluster)
      let session = try openSession(client)
      let leader = Int(try XCTUnwrap(client.ack?.node.id)) - 1
      let others = [0, 1, 2].filter { $0 != leader }
      for other in others { disks[other].hang() }
      defer { for other in others { disks[other].release() } }

      let put = Command.Operation.kvPut(key: [1], value: WitnessDisk.mark(1))
      let id = try client.post(
        .write(request(session, 1, put)),
        deadlineMilliseconds: 60_000
      )
      wait(for: "the leader's own sync") { witnesses[leader].holdsDurably(1) }
      let pong = try client.post(.ping)

      XCTAssertEqual(try client.nextReply().requestID, pong, "nothing comes before it")
      for other in others { disks[other].release() }
      XCTAssertEqual(try client.nextReply().requestID, id)
      XCTAssertTrue(others.contains { witnesses[$0].holdsDurably(1) })
    }
  }

  // MARK: Helpers

  private func withWitnesses(
    _ body: (TestCluster, [WitnessDisk], [FaultyDisk]) throws -> Void
  ) throws {
    // The disk that hangs is to stay the leader's.
    let cluster = try TestCluster(count: 3, options: Self.keepLeader)
    defer { cluster.stopAll() }
    let disks = try cluster.nodes.map { try FaultyDisk(path: $0.folder) }
    let witnesses = disks.map { WitnessDisk($0) }
    for (node, witness) in zip(cluster.nodes, witnesses) { node.disk = witness }
    try cluster.startAll()
    try body(cluster, witnesses, disks)
  }

  /// Writes marked values in batches, and looks at the disks as each answer arrives.
  ///
  /// - Returns: How many were acknowledged.
  private func expectMajorities(
    _ client: BlockingClient,
    _ session: UInt64,
    _ numbers: ClosedRange<UInt64>,
    batch: UInt64,
    _ witnesses: [WitnessDisk]
  ) throws -> Int {
    var acknowledged = 0
    for first in stride(from: numbers.lowerBound, through: numbers.upperBound, by: Int(batch)) {
      var open = Array(first..<first + batch)
      // Refused where leaders change, as they do when a machine stops for long: asked again.
      try wait(for: "the batch of \(first)") {
        let refused = try expectMajorities(client, session, open, after: first - 1, witnesses)
        acknowledged += open.count - refused.count
        open = refused
        return open.isEmpty
      }
      guard open.isEmpty else { break }
    }
    return acknowledged
  }

  /// Writes the values of these numbers in one piece.
  ///
  /// - Returns: Those that were refused.
  private func expectMajorities(
    _ client: BlockingClient,
    _ session: UInt64,
    _ numbers: [UInt64],
    after answered: UInt64,
    _ witnesses: [WitnessDisk]
  ) throws -> [UInt64] {
    let writes = numbers.map { number in
      let put = Command.Operation.kvPut(key: [1], value: WitnessDisk.mark(number))
      var write = request(session, number, put)
      write.answeredThrough = answered
      return Request.write(write)
    }
    let firstID = try client.post(writes, flags: .mayForward)
    var refused: [UInt64] = []
    for _ in numbers {
      let (reply, requestID, _) = try client.nextReply()
      let number = numbers[Int(requestID - firstID)]
      switch reply.body {
      case .result:
        let holders = witnesses.count { $0.holdsDurably(number) }
        XCTAssertGreaterThanOrEqual(holders, 2, "write \(number)")
      case .error(let error) where error.code.isRetryable:
        refused.append(number)
      default:
        XCTFail("\(reply)")
        throw BlockingClient.Failure.silent
      }
    }
    return refused.sorted()
  }
}
