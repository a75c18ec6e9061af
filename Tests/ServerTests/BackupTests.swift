import ClientProtocol
import Consensus
import Documents
import Foundation
import Storage
import Wire
import XCTest

@testable import Server

/// A backup of a running cluster, read back, and another cluster that begins with it.
final class BackupTests: ServerTestCase {
  private let file = "monday.backup"

  func test_backup_whenRestoredByAllMembers_isWhatTheNewClusterBeginsWith() throws {
    try withCluster(of: 3) { cluster in
      let client = try leaderClient(of: cluster)
      let session = try openSession(client)
      for number in 1...30 as ClosedRange<UInt64> {
        let value = [UInt8](repeating: UInt8(number), count: 20_000)
        _ = try write(client, session, number, .kvPut(key: [UInt8(number)], value: value))
      }
      let disk = try PosixDisk(path: cluster.root)
      let revision = try writeBackup(from: client, on: disk)
      for node in cluster.nodes { cluster.stop(node.id) }

      let backup = try Backup(reading: file, on: disk)
      var start: UInt64 = 0
      for node in cluster.nodes {
        try FileManager.default.removeItem(atPath: node.folder)
        let beginning = try restore(backup, node, of: cluster)
        XCTAssertGreaterThanOrEqual(
          beginning.revision.rawValue,
          revision + NodeDirectory.revisionJump
        )
        start = beginning.revision.rawValue
      }
      try cluster.startAll()

      XCTAssertEqual(backup.revision, revision)
      XCTAssertEqual(backup.itemsCount, 30)
      let other = try leaderClient(of: cluster)
      guard case .item(let item?) = try readKey([30], other) else { return XCTFail("no key 30") }
      XCTAssertEqual(item.bytes.array, [UInt8](repeating: 30, count: 20_000))
      XCTAssertLessThanOrEqual(item.revision, revision)
      try disk.remove(file)
      XCTAssertEqual(try writeBackup(from: other, on: disk), start, "nothing was written since")
      let newSession = try openSession(other)
      let reply = try write(other, newSession, 1, .kvPut(key: [30], value: [1]))
      guard case .written(let written, true, _) = reply else { return XCTFail("\(reply)") }
      XCTAssertGreaterThan(written, start)
      let old = try other.ask(.write(request(session, 31, .kvPut(key: [30], value: [2]))))
      guard case .error(let refused) = old.body else { return XCTFail("\(old)") }
      XCTAssertEqual(refused.code, .sessionExpired)
    }
  }

  /// Each would vouch for entries that it never had, were they members of one cluster.
  func test_members_whenNotAllAreMadeOfOneBackup_areOfDifferentClusters() throws {
    try withCluster(of: 3) { cluster in
      let disk = try PosixDisk(path: cluster.root, creating: true)
      try writeSmallBackup(on: disk)
      let first = try Backup(reading: file, on: disk)
      try disk.remove(file)
      try writeSmallBackup(on: disk, createdMilliseconds: 2)
      let second = try Backup(reading: file, on: disk)
      for node in cluster.nodes {
        cluster.stop(node.id)
        try? FileManager.default.removeItem(atPath: node.folder)
      }
      let nodes = cluster.nodes

      let beginnings = try [
        restore(first, nodes[0], of: cluster), restore(first, nodes[1], of: cluster),
        restore(second, nodes[2], of: cluster),
      ]

      XCTAssertEqual(beginnings[0], beginnings[1])
      XCTAssertNotEqual(beginnings[0].revision, beginnings[2].revision, "but for 1 in 1,024")
      XCTAssertEqual(Set(beginnings.map(\.cluster) + [ClusterID(high: 70, low: 80)]).count, 3)
      XCTAssertEqual(
        try NodeDirectory(opening: PosixDisk(path: nodes[0].folder)).identity.cluster,
        beginnings[0].cluster
      )
    }
  }

  /// Every byte changed and many cuts: an error each, and nothing is restored.
  func test_backup_whenDamaged_isRefused() throws {
    let root = NSTemporaryDirectory() + "lockstep-backup-test-\(UUID().uuidString)"
    let disk = try PosixDisk(path: root, creating: true)
    defer { try? FileManager.default.removeItem(atPath: root) }
    try writeSmallBackup(on: disk)
    let url = URL(fileURLWithPath: root + "/" + file)
    let whole = try Data(contentsOf: url)
    XCTAssertEqual(try Backup(reading: file, on: disk).itemsCount, 1)

    // The header is padded with zeros up to 4 KiB; a few of them stand for all.
    for place in Array(0..<80) + Array(stride(from: 80, to: 4_080, by: 97))
      + whole.indices[4_080...]
    {
      var bytes = whole
      bytes[place] ^= 0x40
      try bytes.write(to: url)
      XCTAssertThrowsError(try Backup(reading: file, on: disk), "byte \(place)") {
        XCTAssertTrue($0 is StorageError)
      }
    }
    for count in stride(from: 0, to: whole.count, by: 41) {
      try whole.prefix(count).write(to: url)
      XCTAssertThrowsError(try Backup(reading: file, on: disk), "\(count) bytes")
    }
    try (whole + [0]).write(to: url)
    XCTAssertThrowsError(try Backup(reading: file, on: disk), "a byte more")
  }

  func test_backup_whenGivenUp_leavesNothing() throws {
    let root = NSTemporaryDirectory() + "lockstep-backup-test-\(UUID().uuidString)"
    let disk = try PosixDisk(path: root, creating: true)
    defer { try? FileManager.default.removeItem(atPath: root) }
    var writer = BackupWriter(named: file, on: disk, createdMilliseconds: 1)
    try writer.append([1, 2, 3], revision: 7)
    XCTAssertEqual(try disk.list(), [file + ".tmp"])

    writer.abandon()

    XCTAssertEqual(try disk.list(), [])
  }

  func test_backup_whenItCannotGetItsName_leavesNothing() throws {
    let root = NSTemporaryDirectory() + "lockstep-backup-test-\(UUID().uuidString)"
    let disk = try PosixDisk(path: root, creating: true)
    defer { try? FileManager.default.removeItem(atPath: root) }
    var writer = BackupWriter(named: file, on: disk, createdMilliseconds: 1)
    try writer.append([1, 2, 3], revision: 7)
    _ = try PosixDisk(path: root + "/" + file, creating: true)

    XCTAssertThrowsError(try writer.finish())
    writer.abandon()

    XCTAssertEqual(try disk.list(), [file])
  }

  // MARK: Helpers

  /// Asks for everything, and begins anew where a change of leaders ends it; returns its revision.
  private func writeBackup(from client: BlockingClient, on disk: any Disk) throws -> UInt64 {
    var revision: UInt64?
    try wait(for: "a whole image") {
      var writer = BackupWriter(named: file, on: disk, createdMilliseconds: 1)
      revision = try writeImage(from: client, into: &writer)
      if revision == nil { writer.abandon() }
      return revision != nil
    }
    return try XCTUnwrap(revision)
  }

  /// Asks for everything, piece by piece; returns its revision, or nil if a piece was refused.
  private func writeImage(
    from client: BlockingClient,
    into writer: inout BackupWriter
  ) throws -> UInt64? {
    var question = Query.Question.image
    var count = 0
    while true {
      let read = ReadRequest(.linearizable, query: Query(question).encoded())
      guard case .result(let bytes) = try client.ask(.read(read)).body,
        case .piece(let piece) = try QueryReply(decoding: bytes)
      else { return nil }
      try writer.append(piece.bytes, revision: piece.atRevision)
      count += 1
      question = .next(cursor: piece.cursor)
      if piece.cursor == 0 { break }
    }
    XCTAssertGreaterThan(count, 1)
    return try XCTUnwrap(try writer.finish()).index
  }

  private func writeSmallBackup(on disk: any Disk, createdMilliseconds: UInt64 = 1) throws {
    var store = DocumentStore(cursorSeed: 1)
    let put = Command(place: Place(collection: "kv"), operation: .kvPut(key: [1], value: [2, 3]))
    let place = LogPlace(index: LogIndex(5), logTimeMicroseconds: 0, wallMilliseconds: 0)
    _ = store.apply(Bytes(put.encoded()), at: place)
    var image = store.freeze()
    var writer = BackupWriter(named: file, on: disk, createdMilliseconds: createdMilliseconds)
    while let piece = image.nextPiece(sizeAim: 1) { try writer.append(piece, revision: 5) }
    _ = try writer.finish()
  }

  private func restore(
    _ backup: Backup,
    _ node: TestCluster.Node,
    of cluster: TestCluster
  ) throws -> NodeDirectory.Beginning {
    try NodeDirectory.restore(
      backup,
      on: PosixDisk(path: node.folder, creating: true),
      cluster: ClusterID(high: 70, low: 80),
      configuration: cluster.configuration,
      node: NodeID(node.id)
    )
  }
}
