import ClientProtocol
import Foundation
import XCTest

@testable import Server

/// Snapshots of real servers: the log is trimmed, and whoever lacks what is gone gets the state.
final class SnapshotTests: ServerTestCase {
  func test_options_whenSnapshotsAreWantedOften_keepLessOfTheLogBehindThem() {
    var options = ServerOptions()
    let usual = (options.replica.snapshotLogSizeMin, options.raft.trailingSizeMax)

    options.planSnapshots(after: usual.0)
    XCTAssertEqual(options.raft.trailingSizeMax, usual.1)
    options.planSnapshots(after: 64 << 10)

    XCTAssertEqual(options.replica.snapshotLogSizeMin, 64 << 10)
    XCTAssertEqual(options.raft.trailingSizeMax, 16 << 10)
  }

  func test_log_whenSnapshotsAreTaken_isTrimmedAndTheNodeRestartsFromThem() throws {
    try withSmallCluster { cluster in
      let client = try leaderClient(of: cluster)
      let session = try openSession(client)

      try put(client, session, 1...4_000, size: 100)

      for node in cluster.nodes {
        wait(for: "a trimmed journal") {
          node.log.contain("snapshot.taken") && files(node, "journal-0").count < 8
        }
        XCTAssertLessThanOrEqual(files(node, "snapshot-").count, 3)
      }
      for node in cluster.nodes { cluster.stop(node.id) }
      try cluster.startAll()
      let again = try leaderClient(of: cluster)
      try expect(4_000, size: 100, again)
      let other = try openSession(again, nonce: 43)
      try put(again, other, 1...200, size: 100)
    }
  }

  func test_follower_whenItLacksWhatIsTrimmed_isSentASnapshot() throws {
    try withSmallCluster { cluster in
      let client = try leaderClient(of: cluster)
      let session = try openSession(client)
      let leader = try XCTUnwrap(client.ack?.node.id)
      let follower = try XCTUnwrap(cluster.nodes.first { $0.id != leader })
      try put(client, session, 1...50, size: 100)
      cluster.stop(follower.id)
      try put(client, session, 51...4_000, size: 100)
      wait(for: "a trimmed log") {
        files(cluster.nodes[Int(leader) - 1], "journal-0").count < 8
      }

      try cluster.start(follower.id)

      try expectEqualStates(cluster, client, follower)
      XCTAssertTrue(follower.log.contain("snapshot.received"))
      try put(client, session, 4_001...4_500, size: 100)
      try expectEqualStates(cluster, client, follower)
    }
  }

  func test_follower_whenItEndsInTheMiddleOfASnapshot_getsAllOfItLater() throws {
    try withSmallCluster(segmentSizeBytes: 4 << 20) { cluster in
      let client = try leaderClient(of: cluster)
      let session = try openSession(client)
      let leader = try XCTUnwrap(client.ack?.node.id)
      let follower = try XCTUnwrap(cluster.nodes.first { $0.id != leader })
      cluster.stop(follower.id)
      // Many keys of 100 kB: some eighty parts.
      try put(client, session, 1...200, size: 100_000)
      // The first ones are of the first few, and then the follower would need entries only.
      wait(for: "a snapshot of many") {
        cluster.nodes[Int(leader) - 1].log.all.contains { indexOfSnapshot(in: $0) >= 50 }
      }
      try cluster.start(follower.id)
      // All of it, if this thread is kept from looking.
      wait(for: "half a snapshot") {
        !files(follower, "snapshot-install").isEmpty || follower.log.contain("snapshot.received")
      }

      cluster.stop(follower.id)
      try cluster.start(follower.id)

      try expectEqualStates(cluster, client, follower)
      XCTAssertTrue(files(follower, "snapshot-install").isEmpty)
    }
  }

  func test_status_whenFormerFilesStandInTheDirectory_countsThemAlso() throws {
    try withSmallCluster { cluster in
      let client = try leaderClient(of: cluster)
      let session = try openSession(client)
      try put(client, session, 1...4_000, size: 100)
      let node = cluster.nodes[0]
      wait(for: "two snapshots") { files(node, "snapshot-0").count >= 2 }
      cluster.stop(node.id)
      let former = node.folder + "/refused-1-snapshot-0000000000000007.snap"
      try Data(repeating: 7, count: 3_000_000).write(to: URL(fileURLWithPath: former))

      try cluster.start(node.id)
      let own = try self.client(of: cluster, node.id)

      try wait(for: "the size of all files") {
        try status(of: own).diskBytes == sizes(node)
      }
      XCTAssertGreaterThan(try status(of: own).diskBytes, 3_000_000)
      try FileManager.default.removeItem(atPath: former)
      let later = try openSession(try leaderClient(of: cluster), nonce: 43)
      try put(try leaderClient(of: cluster), later, 1...4_000, size: 100)
      try wait(for: "what was removed to be noticed with the next snapshot") {
        try status(of: own).diskBytes == sizes(node)
      }
    }
  }

  // MARK: Helpers

  /// Of everything in a node's folder but the lock and a spare that is not ready.
  private func sizes(_ node: TestNode<LockstepServer>) -> UInt64 {
    files(node, "").filter { $0 != "lock" && $0 != "journal-spare.tmp" }
      .reduce(0) { sum, name in
        let path = node.folder + "/" + name
        let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? UInt64
        return sum + (size ?? 0)
      }
  }

  private func withSmallCluster(
    segmentSizeBytes: Int = 256 << 10,
    _ body: (TestCluster) throws -> Void
  ) throws {
    try withCluster(of: 3, segmentSizeBytes: segmentSizeBytes) {
      $0.replica.snapshotLogSizeMin = 64 << 10
      $0.raft.trailingEntriesMax = 100
      $0.raft.trailingSizeMax = 256 << 10
      Self.keepLeader(&$0)
    } _: {
      try body($0)
    }
  }

  private func put(
    _ client: BlockingClient,
    _ session: UInt64,
    _ numbers: ClosedRange<UInt64>,
    size: Int
  ) throws {
    let batch = max(2, UInt64(5_000 / size))
    for first in stride(from: numbers.lowerBound, through: numbers.upperBound, by: Int(batch)) {
      var open = Array(first...min(first + batch - 1, numbers.upperBound))
      // Large values are refused while the disk has not caught up.
      try wait(for: "the batch of \(first)") {
        let writes = open.map { number in
          let key = number == numbers.upperBound ? 1 : UInt8(number % 200)
          var write = request(session, number, .kvPut(key: [key], value: bytes(number, size)))
          write.answeredThrough = first - 1
          return Request.write(write)
        }
        open = try refused(client, open, writes)
        return open.isEmpty
      }
      guard open.isEmpty else { throw Unexpected(reply: "refused for a minute") }
    }
  }

  private struct Unexpected: Error {
    let reply: String
  }

  /// Sends writes in one piece.
  ///
  /// - Returns: Those for which there is no room yet, or no leader.
  private func refused(
    _ client: BlockingClient,
    _ sequences: [UInt64],
    _ writes: [Request]
  ) throws -> [UInt64] {
    let firstID = try client.post(writes, flags: .mayForward)
    var refused: [UInt64] = []
    for _ in sequences {
      let (reply, id, _) = try client.nextReply()
      switch reply.body {
      case .result: continue
      case .error(let error) where error.code.isRetryable:
        refused.append(sequences[Int(id - firstID)])
      default: throw Unexpected(reply: "\(reply)".prefix(300).description)
      }
    }
    return refused.sorted()
  }

  private func bytes(_ number: UInt64, _ size: Int) -> [UInt8] {
    [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size)
  }

  /// The newest write to key 1 was this one.
  private func expect(_ number: UInt64, size: Int, _ client: BlockingClient) throws {
    guard case .item(let item?) = try readKey([1], client) else { return XCTFail("no key 1") }
    XCTAssertEqual(item.bytes.array, bytes(number, size))
  }

  /// Nodes tell each other what their results came to; whoever differs is fenced.
  private func expectEqualStates(
    _ cluster: TestCluster,
    _ leader: BlockingClient,
    _ follower: TestCluster.Node
  ) throws {
    let own = try client(of: cluster, follower.id)
    // It may have caught up before all have confirmed its start.
    try wait(for: "the follower to catch up") {
      let found = try status(of: own)
      return try found.appliedIndex == status(of: leader).appliedIndex && found.standing == .sound
    }
    // Not shown where it differs: it may be 100 kB.
    XCTAssertTrue(try readKey([1], own) == readKey([1], leader))
  }

  /// The index of the snapshot that a line says has been taken; 0 where it says something else.
  private func indexOfSnapshot(in line: String) -> Int {
    guard line.contains("snapshot.taken") else { return 0 }
    let field = line.split(separator: " ").first { $0.hasPrefix("index=") }
    return field.flatMap { Int($0.dropFirst("index=".count)) } ?? 0
  }

  private func files(_ node: TestCluster.Node, _ prefix: String) -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: node.folder)
    return (names ?? []).filter { $0.hasPrefix(prefix) }
  }
}
