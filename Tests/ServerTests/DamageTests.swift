import ClientProtocol
import Foundation
import XCTest

@testable import Server

/// Rot on the disks of real servers: a node heals by itself or refuses with the file's name, and
/// what was acknowledged is all there when it leads (D8, D9, D10, D11, D17, D21).
final class DamageTests: ServerTestCase {
  private static let count: UInt64 = 6_000

  // MARK: Found at a start

  func test_D9_node_whenAnOldBlockOfItsJournalIsFlipped_healsAndLeadsWithEverything() throws {
    try expectHealing("journal.damaged") { node in
      try self.flip(try self.segments(node)[1], at: 9_000)
    }
  }

  func test_D9_node_whenANewBlockOfItsJournalIsFlipped_healsAndLeadsWithEverything() throws {
    try expectHealing("journal.damaged") { node in
      let last = try XCTUnwrap(self.segments(node).last)
      try self.flip(last, at: 4_200)
    }
  }

  func test_D8_node_whenASectorOfItsJournalCannotBeRead_healsAndLeadsWithEverything() throws {
    try expectHealing("which the disk cannot read") { node in
      let disk = try FaultyDisk(path: node.folder)
      let file = try self.segments(node)[1]
      disk.lose(9_216..<9_728, of: (file as NSString).lastPathComponent)
      node.disk = disk
    }
  }

  func test_D8_node_whenASectorOfItsSnapshotCannotBeRead_healsAndLeadsWithEverything() throws {
    try expectHealing("snapshot.damaged", withSnapshots: true) { node in
      let disk = try FaultyDisk(path: node.folder)
      let file = try XCTUnwrap(self.snapshots(node).last)
      disk.lose(4_096..<4_608, of: (file as NSString).lastPathComponent)
      node.disk = disk
    }
  }

  func test_D17_node_whenASegmentIsMissing_healsAndLeadsWithEverything() throws {
    try expectHealing("it is missing") { node in
      try FileManager.default.removeItem(atPath: self.segments(node)[1])
    }
  }

  func test_D17_node_whenItsFirstSegmentIsMissing_stillKnowsWhomToAskAndHeals() throws {
    try expectHealing("it is missing") { node in
      try FileManager.default.removeItem(atPath: self.segments(node)[0])
    }
  }

  func test_D9_node_whenItsVeryFirstRecordIsFlipped_stillKnowsWhomToAskAndHeals() throws {
    try expectHealing("journal.damaged") { node in
      try self.flip(try self.segments(node)[0], at: 4_100)
    }
  }

  func test_D17_node_whenItsLastSegmentIsMissing_healsAndLeadsWithEverything() throws {
    try expectHealing("it is missing") { node in
      try FileManager.default.removeItem(atPath: try XCTUnwrap(self.segments(node).last))
    }
  }

  func test_D17_node_whenTwoSegmentsAreExchanged_healsAndLeadsWithEverything() throws {
    try expectHealing("its content is journal-") { node in
      let files = try self.segments(node)
      try self.exchange(files[0], files[2])
    }
  }

  func test_D17_node_whenASegmentIsAnotherNodes_healsAndLeadsWithEverything() throws {
    try expectHealing("another node's or cluster's journal") { node, cluster in
      let other = try XCTUnwrap(cluster.nodes.first { $0.id != node.id })
      let mine = try self.segments(node)[1]
      try FileManager.default.removeItem(atPath: mine)
      try FileManager.default.copyItem(atPath: self.segments(other)[1], toPath: mine)
    }
  }

  func test_D11_node_whenItsNewestSnapshotIsFlipped_usesTheOlderAndTakesAnother() throws {
    try expectHealing("snapshot.damaged", withSnapshots: true) { node in
      try self.flip(try XCTUnwrap(self.snapshots(node).last), at: 4_200)
    }
  }

  func test_D11_node_whenBothSnapshotsAreFlipped_isSentOne() throws {
    try expectHealing("snapshot.received", withSnapshots: true) { node in
      for file in try self.snapshots(node) { try self.flip(file, at: 4_200) }
    }
  }

  func test_D17_node_whenBothSnapshotsAreMissing_isSentOne() throws {
    try expectHealing("snapshot.received", withSnapshots: true) { node in
      for file in try self.snapshots(node) { try FileManager.default.removeItem(atPath: file) }
    }
  }

  func test_D10_node_whenOneCopyOfItsIdentityIsFlipped_doesNotEvenNotice() throws {
    try expectHealing("node.admitted") { node in
      try self.flip(node.folder + "/identity", at: 60)
      try self.flip(node.folder + "/boot", at: 20)
    }
  }

  func test_D17_node_whenTheCountOfItsOpeningsIsLost_goesOnWithWhatItHas() throws {
    try expectHealing("event=boot.lost reason=") { node in
      try FileManager.default.removeItem(atPath: node.folder + "/boot")
    }
    try expectHealing("event=boot.lost reason=") { node in
      for offset: UInt64 in [20, 4_116] { try self.flip(node.folder + "/boot", at: offset) }
    }
  }

  func test_D10_node_whenBothCopiesOfItsIdentityAreFlipped_refusesAndNamesTheFile() throws {
    try withDamagedNode { node, _ in
      for offset: UInt64 in [60, 4_156] { try self.flip(node.folder + "/identity", at: offset) }
    } judge: { cluster, node, _ in
      XCTAssertThrowsError(try cluster.start(node.id)) { error in
        XCTAssertTrue("\(error)".contains("identity is damaged"), "\(error)")
      }
    }
  }

  func test_D9_singleNode_whenItsJournalIsFlipped_refusesAndNamesTheFile() throws {
    try withCluster(of: 1, segmentSizeBytes: 256 << 10) { cluster in
      let client = try leaderClient(of: cluster)
      try put(client, try openSession(client), 1...3_000)
      cluster.stop(1)
      let file = try segments(cluster.nodes[0])[1]
      try flip(file, at: 9_000)

      try cluster.start(1)

      let error = try XCTUnwrap(cluster.join(1))
      XCTAssertEqual(error.code, "journal_corrupt")
      XCTAssertTrue("\(error)".contains((file as NSString).lastPathComponent), "\(error)")
    }
  }

  // MARK: Found while it runs

  func test_D21_node_whenAColdSegmentRots_findsItAndForgetsTheFile() throws {
    try expectScrubbing { node in try self.segments(node)[1] }
  }

  func test_D21_node_whenTheSegmentThatItWritesToRots_goesOnInAnother() throws {
    try expectScrubbing { node in try XCTUnwrap(self.segments(node).last) }
  }

  func test_D21_node_whenItsSnapshotRots_writesAnother() throws {
    try expectScrubbing(withSnapshots: true) { node in
      try XCTUnwrap(self.snapshots(node).last)
    }
  }

  func test_D21_leader_whenItFindsRot_handsOver() throws {
    try withLoadedCluster(scrubPeriod: 500_000) { cluster, client, _ in
      let leader = try XCTUnwrap(client.ack?.node.id)
      let node = cluster.nodes[Int(leader) - 1]

      try flip(try segments(node)[1], at: 9_000)

      wait(for: "the scrubber") { node.log.contain("event=journal.damaged") }
      try wait(for: "another leader") {
        try status(of: client).role == .follower
      }
    }
  }

  func test_D10_node_whenItsIdentityRotsUnderIt_writesItAgain() throws {
    try withLoadedCluster(scrubPeriod: 200_000) { cluster, _, _ in
      let node = cluster.nodes[0]
      for offset: UInt64 in [60, 4_156] { try flip(node.folder + "/identity", at: offset) }

      wait(for: "the scrubber") { node.log.contain("event=file.mended") }

      cluster.stop(1)
      XCTAssertNoThrow(try cluster.start(1))
    }
  }

  // MARK: Helpers

  private func expectHealing(
    _ event: String,
    withSnapshots: Bool = false,
    _ damage: @escaping (TestCluster.Node) throws -> Void
  ) throws {
    try expectHealing(event, withSnapshots: withSnapshots) { node, _ in try damage(node) }
  }

  /// Damages what a stopped follower has on its disk, starts it, and makes it the leader.
  private func expectHealing(
    _ event: String,
    withSnapshots: Bool = false,
    _ damage: (TestCluster.Node, TestCluster) throws -> Void
  ) throws {
    try withDamagedNode(withSnapshots: withSnapshots, damage) { cluster, node, client in
      try cluster.start(node.id)
      XCTAssertNil(node.remains.error.map { "\($0)" })

      try expectEverything(of: node, cluster, client)
      XCTAssertTrue(node.log.contain(event), node.log.all.suffix(20).joined(separator: "\n"))
    }
  }

  private func withDamagedNode(
    withSnapshots: Bool = false,
    _ damage: (TestCluster.Node, TestCluster) throws -> Void,
    judge: (TestCluster, TestCluster.Node, BlockingClient) throws -> Void
  ) throws {
    try withLoadedCluster(withSnapshots: withSnapshots) { cluster, client, node in
      cluster.stop(node.id)
      try damage(node, cluster)

      try judge(cluster, node, client)
    }
  }

  /// Damages a file under a running follower; it has to be gone or another before long.
  private func expectScrubbing(
    withSnapshots: Bool = false,
    _ file: (TestCluster.Node) throws -> String
  ) throws {
    try withLoadedCluster(withSnapshots: withSnapshots, scrubPeriod: 500_000) {
      cluster,
      client,
      node in
      var path = try file(node)
      try flip(path, at: 4_200)
      var damaged = try byte(of: path, at: 4_200)

      try wait(for: "the scrubber") {
        if node.log.contain("event=journal.damaged") || node.log.contain("event=snapshot.damaged") {
          return true
        }
        if !FileManager.default.fileExists(atPath: path) {
          // A newer snapshot was on its way, and took its place before the scrubber came to it.
          path = try file(node)
          try flip(path, at: 4_200)
          damaged = try byte(of: path, at: 4_200)
        }
        return false
      }
      wait(for: "the file to be gone or another") {
        (try? byte(of: path, at: 4_200)) ?? nil != damaged
      }
      XCTAssertTrue(node.log.contain("event=snapshot.taken"))
      cluster.stop(node.id)
      let logged = node.log.all.count
      try cluster.start(node.id)

      try expectEverything(of: node, cluster, client)
      let since = node.log.all.dropFirst(logged).joined(separator: "\n")
      XCTAssertFalse(since.contains("damaged file"), since)
    }
  }

  /// A cluster of three with several segments, and with two snapshots if that is wanted.
  private func withLoadedCluster(
    withSnapshots: Bool = false,
    scrubPeriod: UInt64? = nil,
    _ body: (TestCluster, BlockingClient, TestCluster.Node) throws -> Void
  ) throws {
    try withCluster(of: 3, segmentSizeBytes: 256 << 10) {
      $0.replica.snapshotLogSizeMin = withSnapshots ? 100 << 10 : 64 << 20
      $0.raft.trailingEntriesMax = 100
      $0.raft.trailingSizeMax = 64 << 10
      if let scrubPeriod { $0.scrubPeriodMicroseconds = scrubPeriod }
    } _: { cluster in
      let client = try leaderClient(of: cluster)
      let leader = try XCTUnwrap(client.ack?.node.id)
      let node = try XCTUnwrap(cluster.nodes.first { $0.id != leader })
      try put(client, try openSession(client), 1...Self.count)
      try waitToCatchUp(node, cluster, client)
      if withSnapshots {
        wait(for: "two snapshots") { (try? snapshots(node).count) == 2 }
      }
      try body(cluster, client, node)
    }
  }

  private func waitToCatchUp(
    _ node: TestCluster.Node,
    _ cluster: TestCluster,
    _ leader: BlockingClient
  ) throws {
    let own = try client(of: cluster, node.id)
    try wait(for: "n\(node.id) to catch up") {
      let status = try status(of: own)
      return try status.standing == .sound
        && status.appliedIndex == self.status(of: leader).appliedIndex
    }
  }

  /// Makes the node the leader, and reads every key there.
  private func expectEverything(
    of node: TestCluster.Node,
    _ cluster: TestCluster,
    _ leader: BlockingClient
  ) throws {
    try waitToCatchUp(node, cluster, leader)
    let own = try client(of: cluster, node.id)
    try wait(for: "n\(node.id) to lead") {
      // Whoever leads by now.
      for other in cluster.nodes {
        _ = try client(of: cluster, other.id).ask(.transferLeader(target: node.id))
      }
      return try status(of: own).role == .leader
    }
    for key in 0..<UInt64(200) {
      let newest = (1...Self.count).last { $0 % 200 == key } ?? 0
      var found = try readKey([UInt8(key)], own)
      try wait(for: "a read") {
        if case .item = found { return true }
        found = try readKey([UInt8(key)], own)
        return false
      }
      guard case .item(let item?) = found else { return XCTFail("key \(key): \(found)") }
      // Not shown where it differs: it is long.
      XCTAssertTrue(item.bytes.array == value(newest), "key \(key)")
    }
  }

  private func put(
    _ client: BlockingClient,
    _ session: UInt64,
    _ numbers: ClosedRange<UInt64>
  ) throws {
    for first in stride(from: numbers.lowerBound, through: numbers.upperBound, by: 50) {
      let sequences = first...min(first + 49, numbers.upperBound)
      let requests = sequences.map { number in
        var write = request(
          session,
          number,
          .kvPut(key: [UInt8(number % 200)], value: value(number))
        )
        write.answeredThrough = first - 1
        return Request.write(write)
      }
      let firstID = try client.post(requests, flags: .mayForward)
      var refused: [Request] = []
      for _ in sequences {
        let (reply, id, _) = try client.nextReply()
        if case .result = reply.body { continue }
        refused.append(requests[Int(id - firstID)])
      }
      for request in refused { try repeatWrite(request, client) }
    }
  }

  /// On a slow machine a journal of such small segments is short of room now and then.
  private func repeatWrite(_ request: Request, _ client: BlockingClient) throws {
    try wait(for: "room") {
      if case .result = try client.ask(request, flags: .mayForward).body { true } else { false }
    }
  }

  private func value(_ number: UInt64) -> [UInt8] {
    Array("value \(number) ".utf8) + [UInt8](repeating: UInt8(number % 251), count: 80)
  }

  private func segments(_ node: TestCluster.Node) throws -> [String] {
    try files(node).filter { $0.contains("/journal-0") }
  }

  private func snapshots(_ node: TestCluster.Node) throws -> [String] {
    try files(node).filter { $0.hasSuffix(".snap") }
  }

  private func files(_ node: TestCluster.Node) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: node.folder).sorted()
      .map { node.folder + "/" + $0 }
  }

  private func flip(_ path: String, at offset: UInt64) throws {
    let file = try XCTUnwrap(FileHandle(forUpdatingAtPath: path), path)
    defer { file.closeFile() }
    try file.seek(toOffset: offset)
    let byte = try XCTUnwrap(try file.read(upToCount: 1)?.first)
    try file.seek(toOffset: offset)
    try file.write(contentsOf: Data([byte ^ 0x10]))
  }

  private func byte(of path: String, at offset: UInt64) throws -> UInt8? {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    defer { file.closeFile() }
    try file.seek(toOffset: offset)
    return try file.read(upToCount: 1)?.first
  }

  private func exchange(_ first: String, _ second: String) throws {
    try FileManager.default.moveItem(atPath: first, toPath: first + ".aside")
    try FileManager.default.moveItem(atPath: second, toPath: first)
    try FileManager.default.moveItem(atPath: first + ".aside", toPath: second)
  }
}
