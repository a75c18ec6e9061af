import Consensus
import Foundation
import Raft
import Storage
import XCTest

@testable import Server

/// Directories of which no whole record is left, and what comes of them.
final class LostJournalTests: XCTestCase {
  private var folder = ""

  override func setUpWithError() throws {
    folder = NSTemporaryDirectory() + "lost-journal-\(UUID())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  override func tearDownWithError() throws { try FileManager.default.removeItem(atPath: folder) }

  func test_directory_whenItsJournalIsLostWhole_beginsAnew_andCountsAsRefused() throws {
    for damage in [remove, garble] {
      try make(of: 3)
      try damage()

      let directory = try open(comingBack: true)

      XCTAssertNotNil(directory.journalLost)
      let records = try directory.recovered.records.map { try RaftRecord(decoding: $0.payload) }
      XCTAssertEqual(records.count, 2)
      guard case .entry = records.first, case .admission(let admission) = records.last else {
        return XCTFail("\(records)")
      }
      XCTAssertEqual(admission.progress, .remade)
      try tearDownWithError()
      try setUpWithError()
    }
  }

  func test_directory_whenItsJournalBeganAnewAndIsEmpty_beginsAnewAgain() throws {
    try make(of: 3)
    try remove()
    // As after a crash, or on a disk that was full, before the first record was there.
    try DataDirectory.open(on: PosixDisk(path: folder)).beginJournalAnew(
      with: [],
      options: JournalOptions(segmentSizeBytes: 1 << 20)
    )

    let directory = try open(comingBack: true)

    XCTAssertNotNil(directory.journalLost)
    XCTAssertEqual(directory.recovered.records.count, 2)
  }

  func test_survivor_whenItsJournalWasLostWhole_isNotTakenForAnEmptyDatabase() throws {
    try make(of: 3)
    try remove()
    _ = try open(comingBack: true)

    XCTAssertThrowsError(try Survivor(reading: PosixDisk(path: folder, readOnly: true))) { error in
      XCTAssertEqual((error as? ServerError)?.code, "journal_incomplete")
    }
  }

  func test_directory_whenItsJournalIsLostWhole_andNobodyMayTakeItBack_isRefusedAsItIs() throws {
    for (nodes, comesBack) in [(3, false), (1, true)] {
      try make(of: nodes)
      try remove()

      XCTAssertThrowsError(try open(comingBack: comesBack)) { error in
        XCTAssertEqual((error as? NodeDirectoryError)?.code, "file_missing")
      }
      XCTAssertEqual(try segments(), [])
      try tearDownWithError()
      try setUpWithError()
    }
  }

  func test_D17_directory_whenItsBootIsLost_countsAnewWhereOthersJudgeIt() throws {
    XCTAssertEqual(DataDirectory.countsAnewFrom, Showing.countedAnewFrom)
    for (nodes, comesBack, counts) in [(3, true, true), (3, false, false), (1, true, false)] {
      try make(of: nodes)
      try FileManager.default.removeItem(atPath: folder + "/boot")

      if counts {
        let directory = try open(comingBack: comesBack)
        XCTAssertEqual(directory.identity.boot, Showing.countedAnewFrom)
        XCTAssertEqual(directory.bootLost?.code, "file_missing")
      } else {
        XCTAssertThrowsError(try open(comingBack: comesBack)) { error in
          XCTAssertEqual((error as? NodeDirectoryError)?.code, "file_missing")
        }
      }
      try tearDownWithError()
      try setUpWithError()
    }
  }

  private func make(of nodes: Int) throws {
    let seats = (1...nodes).map { number in
      ClusterConfiguration.Seat(
        member: Member(id: NodeID(UInt32(number)), incarnation: Incarnation(7)),
        clientAddress: "127.0.0.1:\(number)",
        peerAddress: "127.0.0.1:\(number + 10)"
      )
    }
    try NodeDirectory.create(
      on: PosixDisk(path: folder),
      cluster: ClusterID(high: 1, low: 2),
      configuration: ClusterConfiguration(seats: seats),
      node: NodeID(1),
      journal: JournalOptions(segmentSizeBytes: 1 << 20)
    )
  }

  private func open(comingBack comesBack: Bool) throws -> NodeDirectory {
    try NodeDirectory(
      opening: PosixDisk(path: folder),
      journal: JournalOptions(segmentSizeBytes: 1 << 20),
      comingBack: comesBack
    )
  }

  private func segments() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasPrefix("journal-0") }
  }

  private func remove() throws {
    for name in try segments() { try FileManager.default.removeItem(atPath: "\(folder)/\(name)") }
  }

  /// Nothing of the file can be read as what it was.
  private func garble() throws {
    for name in try segments() {
      let path = "\(folder)/\(name)"
      let size = try Data(contentsOf: URL(fileURLWithPath: path)).count
      try Data(repeating: 0xA5, count: size).write(to: URL(fileURLWithPath: path))
    }
  }
}
