import ClientProtocol
import Consensus
import XCTest

@testable import Server

/// Disks that fail, fill up and hang beneath whole servers (D4, D7, D14).
final class DiskFaultTests: ServerTestCase {
  func test_node_whoseSyncFails_stopsWithoutAPromise() throws {
    try withFaultyDisks(of: 1) { cluster, disks in
      let client = try leaderClient(of: cluster)
      let session = try openSession(client)
      disks[0].failSyncs()

      try client.post(.write(request(session, 1, .kvPut(key: [1], value: [1]))))
      let error = try XCTUnwrap(cluster.join(1))

      XCTAssertEqual(try client.readToEnd(), [], "nothing was promised")
      XCTAssertTrue("\(error)".contains("fdatasync"), "\(error)")
      XCTAssertTrue(cluster.nodes[0].log.contain("event=journal.failed"))
      XCTAssertFalse(cluster.nodes[0].log.contain("event=server.stopped"))
    }
  }

  func test_cluster_whenTheLeadersSyncFails_goesOnAndTheNodeComesBack() throws {
    try withFaultyDisks(of: 3) { cluster, disks in
      var client = try leaderClient(of: cluster)
      let session = try openSession(client)
      _ = try write(client, session, 1, .kvIncrement(key: [1], by: 1))
      let old = try XCTUnwrap(client.ack?.node.id)
      disks[Int(old) - 1].failSyncs()
      // Passed on, if another leads by now: that one's entry fails the sync as well.
      try client.post(
        .write(request(session, 2, .kvIncrement(key: [1], by: 1))),
        flags: .mayForward
      )
      XCTAssertNotNil(cluster.join(old))

      client = try leaderClient(of: cluster)
      let retried = try write(client, session, 2, .kvIncrement(key: [1], by: 1))
      cluster.nodes[Int(old) - 1].disk = nil
      try cluster.start(old)
      let back = try self.client(of: cluster, old)
      try wait(for: "the node to catch up") { try readKey([1], back) == readKey([1], client) }

      guard case .incremented(_, 2) = retried else { return XCTFail("once each: \(retried)") }
    }
  }

  func test_writes_whenTheDiskIsFull_areRefusedUntilThereIsSpace() throws {
    try withFaultyDisks(of: 1) { cluster, disks in
      let client = try leaderClient(of: cluster)
      let session = try openSession(client)
      disks[0].fill()

      let (sequence, refused) = try writeUntilRefused(client, session)
      let read = try readKey([0], client)
      disks[0].makeSpace()
      try wait(for: "room again") {
        let put = Command.Operation.kvPut(key: [9], value: [9])
        return try client.ask(.write(request(session, sequence, put))).body.isResult
      }

      for event in ["journal.disk.full", "journal.disk.recovered"] {
        XCTAssertTrue(cluster.nodes[0].log.contain("event=\(event)"), event)
      }
      XCTAssertEqual(refused.code, .diskFull)
      XCTAssertEqual(refused.outcome, .notApplied)
      XCTAssertGreaterThan(refused.retryAfterMilliseconds, 0)
      guard case .item(.some) = read else { return XCTFail("reads go on: \(read)") }
      guard case .item(.some) = try readKey([9], client) else { return XCTFail("written") }
    }
  }

  func test_deletes_whenTheDiskIsFull_areTakenWherePutsAreRefused() throws {
    try withFaultyDisks(of: 1, reserveBytes: 256 << 10) { cluster, disks in
      let client = try leaderClient(of: cluster)
      let session = try openSession(client)
      disks[0].fill()
      let (sequence, refused) = try writeUntilRefused(client, session)

      let delete = Command.Operation.kvDelete(key: [0], ifRevision: 0)
      let deleted = try client.ask(.write(request(session, sequence, delete)))
      let later = try openSession(client, nonce: 43)
      let left = try readKey([0], client)
      let put = Command.Operation.kvPut(key: [9], value: [9])
      let still = try client.ask(.write(request(later, 1, put)))

      XCTAssertEqual(refused.code, .diskFull)
      XCTAssertTrue(deleted.body.isResult, "\(deleted)")
      guard case .item(.none) = left else { return XCTFail("\(left)") }
      guard case .error(let again) = still.body else { return XCTFail("\(still)") }
      XCTAssertEqual(again.code, .diskFull)
    }
  }

  func test_disk_whenItWasFullForAMoment_isNoticedThoughWritesNeverPause() throws {
    try withFaultyDisks(of: 1) { cluster, disks in
      let client = try leaderClient(of: cluster)
      let session = try openSession(client)
      let value = [UInt8](repeating: 7, count: 64 << 10)
      disks[0].fill()
      var sequence: UInt64 = 1
      while !cluster.nodes[0].log.contain("event=journal.disk.full"), sequence < 30 {
        try put(value, client, session, sequence)
        sequence += 1
      }
      disks[0].makeSpace()

      try wait(for: "space to be noticed") {
        try put([1], client, session, sequence)
        sequence += 1
        return cluster.nodes[0].log.contain("event=journal.disk.recovered") || sequence > 3_000
      }

      XCTAssertTrue(cluster.nodes[0].log.contain("event=journal.disk.recovered"))
    }
  }

  func test_leader_whoseDiskIsFull_handsOverToAMemberWithRoom() throws {
    try withFaultyDisks(of: 3) { cluster, disks in
      var client = try leaderClient(of: cluster)
      let session = try openSession(client)
      let old = try XCTUnwrap(client.ack?.node.id)
      disks[Int(old) - 1].fill()
      let log = cluster.nodes[Int(old) - 1].log
      let value = [UInt8](repeating: 7, count: 64 << 10)
      var sequence: UInt64 = 1
      // Passed on, if another leads by now: it comes to that disk either way.
      try wait(for: "the leader to make way") {
        if (try? put(value, client, session, sequence)) != nil { sequence += 1 }
        return try log.contain("event=journal.disk.full") && status(of: client).role == .follower
      }

      // An election that comes between may give it the office back for a moment.
      var written: Reply.Body?
      try wait(for: "a leader that has room") {
        client = try leaderClient(of: cluster)
        let put = Command.Operation.kvPut(key: [9], value: [9])
        written = try client.ask(.write(request(session, sequence, put))).body
        return written?.isResult == true && client.ack?.node.id != old
      }

      guard case .result(let bytes) = written, case .written = try CommandReply(decoding: bytes)
      else { return XCTFail("\(String(describing: written))") }
    }
  }

  func test_leader_whoseDiskHangs_makesWayWithinItsBudget() throws {
    try withFaultyDisks(of: 3, budgetMicroseconds: 300_000) { cluster, disks in
      var client = try leaderClient(of: cluster)
      let session = try openSession(client)
      let old = try XCTUnwrap(client.ack?.node.id)
      let disk = disks[Int(old) - 1]
      disk.hang()
      defer { disk.release() }
      try client.post(.write(request(session, 1, .kvPut(key: [1], value: [1]))))

      try wait(for: "the leader to make way") { try status(of: client).role == .follower }
      client = try leaderClient(of: cluster)
      let written = try write(client, session, 1, .kvPut(key: [1], value: [1]))

      XCTAssertNotEqual(client.ack?.node.id, old)
      guard case .written = written else { return XCTFail("\(written)") }
    }
  }

  func test_node_whenToldToStopWhileItsDiskHangs_endsWithAWordAboutIt() throws {
    try withFaultyDisks(of: 1) { cluster, disks in
      let client = try leaderClient(of: cluster)
      let session = try openSession(client)
      disks[0].hang()
      defer { disks[0].release() }
      try client.post(.write(request(session, 1, .kvPut(key: [1], value: [1]))))
      guard case .done = try client.ask(.ping).body else { return XCTFail("it is taken up") }

      cluster.nodes[0].orders?.post(.stop)
      let error = try XCTUnwrap(cluster.join(1))

      XCTAssertEqual(error.code, "disk_hung")
      XCTAssertTrue(cluster.nodes[0].log.contain("event=server.failed code=disk_hung"))
      XCTAssertFalse(cluster.nodes[0].log.contain("event=server.stopped"))
      XCTAssertEqual(try client.readToEnd(), [], "nothing was promised")
    }
  }

  func test_node_whoseLastSyncFails_doesNotSayThatAllIsWell() throws {
    try withFaultyDisks(of: 1, farewellMicroseconds: 30_000_000) { cluster, disks in
      let client = try leaderClient(of: cluster)
      let session = try openSession(client)
      disks[0].hang()
      disks[0].failSyncs()
      try client.post(.write(request(session, 1, .kvPut(key: [1], value: [1]))))
      guard case .done = try client.ask(.ping).body else { return XCTFail("it is taken up") }

      cluster.nodes[0].orders?.post(.stop)
      XCTAssertEqual(try client.readToEnd(), [], "nothing was promised, and the loop has ended")
      disks[0].release()
      let error = try XCTUnwrap(cluster.join(1))

      XCTAssertTrue("\(error)".contains("fdatasync"), "\(error)")
      XCTAssertTrue(cluster.nodes[0].log.contain("event=journal.failed"))
      XCTAssertFalse(cluster.nodes[0].log.contain("event=server.stopped"))
    }
  }

  func test_writes_whenAFollowersDiskHangs_areNotHeldUp() throws {
    try withFaultyDisks(of: 3) { cluster, disks in
      let client = try leaderClient(of: cluster)
      let session = try openSession(client)
      let follower = client.ack?.node.id == 1 ? 2 : 1
      let disk = disks[follower - 1]
      disk.hang()
      defer { disk.release() }

      for sequence: UInt64 in 1...20 {
        let written = try write(client, session, sequence, .kvPut(key: [1], value: [1]))
        guard case .written = written else { return XCTFail("\(written)") }
      }
    }
  }

  // MARK: Helpers

  private func withFaultyDisks(
    of count: Int,
    budgetMicroseconds: UInt64? = nil,
    farewellMicroseconds: UInt64 = 300_000,
    reserveBytes: Int = 64 << 10,
    _ body: (TestCluster, [FaultyDisk]) throws -> Void
  ) throws {
    let cluster = try TestCluster(count: count) {
      if count > 1 { Self.keepLeader(&$0) }
      if let budgetMicroseconds { $0.raft.diskBudgetMicroseconds = budgetMicroseconds }
      $0.diskFarewellMicroseconds = farewellMicroseconds
      $0.replica.journalReserveBytes = reserveBytes
    }
    defer { cluster.stopAll() }
    let disks = try cluster.nodes.map { node in
      let disk = try FaultyDisk(path: node.folder)
      node.disk = disk
      return disk
    }
    try cluster.startAll()
    try body(cluster, disks)
  }

  private func put(
    _ value: [UInt8],
    _ client: BlockingClient,
    _ session: UInt64,
    _ sequence: UInt64
  ) throws {
    var write = request(session, sequence, .kvPut(key: [1], value: value))
    write.answeredThrough = sequence - 1
    let reply = try client.ask(.write(write), flags: .mayForward)
    guard reply.body.isResult else { throw Refusal(reply: reply) }
  }

  private struct Refusal: Error {
    let reply: Reply
  }

  /// Writes values of 64 KiB until one is refused for want of room.
  private func writeUntilRefused(
    _ client: BlockingClient,
    _ session: UInt64
  ) throws -> (sequence: UInt64, refused: Reply.Refused) {
    let value = [UInt8](repeating: 7, count: 64 << 10)
    var sequence: UInt64 = 1
    var refused: Reply.Refused?
    try wait(for: "a refusal") {
      let put = Command.Operation.kvPut(key: [UInt8(sequence % 2)], value: value)
      switch try client.ask(.write(request(session, sequence, put))).body {
      case .error(let error) where error.code == .diskFull || !error.code.isRetryable:
        refused = error
      case .error: break  // Another leader, for a moment: the same once more.
      default: sequence += 1
      }
      return refused != nil || sequence > 100
    }
    XCTAssertLessThanOrEqual(sequence, 100, "6 MiB fit into a journal of 2 MiB")
    return (sequence, try XCTUnwrap(refused))
  }
}

extension Reply.Body {
  fileprivate var isResult: Bool {
    if case .result = self { true } else { false }
  }
}
