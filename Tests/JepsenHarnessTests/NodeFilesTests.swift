import Consensus
import Foundation
import XCTest

@testable import JepsenHarness

final class NodeFilesTests: XCTestCase {
  private var folder = ""
  private var files: NodeFiles { NodeFiles(folder: folder) }

  override func setUpWithError() throws {
    folder = try Folder.makeTemporary("lockstep-test")
  }

  override func tearDown() {
    Folder.remove(folder)
  }

  private func put(_ bytes: [UInt8], _ name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name))
  }

  private func bytes(of name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)))
  }

  func test_newestSegment_isTheLastWithSomethingInIt() throws {
    try put([1, 2, 3], "journal-0001.seg")
    try put([4, 5, 0, 6] + [UInt8](repeating: 0, count: 5_000), "journal-0002.seg")
    try put([UInt8](repeating: 0, count: 100), "journal-0003.seg")
    try put([7, 7, 7], "journal-spare-0004.seg")

    let newest = try XCTUnwrap(files.newestSegment())
    try files.truncate(newest.name, to: newest.size - 2)

    XCTAssertEqual(newest.name, "journal-0002.seg")
    XCTAssertEqual(newest.size, 4)
    XCTAssertEqual(try bytes(of: "journal-0002.seg"), [4, 5])
  }

  func test_corruption_strikesWholeBlocksThatAreInUse_andTheSameForTheSameSeed() throws {
    let good = [UInt8](repeating: 1, count: 3_000)
    var found: [[UInt8]] = []

    for _ in 0..<2 {
      try put(good + [UInt8](repeating: 0, count: 9_000), "journal-0001.seg")
      try put([9], "lock")
      var random = RandomSource(seed: 4)
      let places = try files.corrupt(blocks: 2, &random)
      XCTAssertEqual(places.count, 2)
      found.append(try bytes(of: "journal-0001.seg"))
    }

    XCTAssertEqual(found[0], found[1])
    XCTAssertNotEqual(Array(found[0].prefix(3_000)), good)
    XCTAssertEqual(found[0].suffix(9_000), [UInt8](repeating: 0, count: 9_000)[...])
    XCTAssertEqual(try bytes(of: "lock"), [9])
  }

  func test_newestSegment_whenItWasUsedBefore_endsWithItsOwnRecords() throws {
    func integer(_ value: Int, _ size: Int) -> [UInt8] {
      (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    func record(_ segment: Int, payload size: Int) -> [UInt8] {
      let head = integer(1, 8) + integer(size, 4) + integer(1, 4) + integer(9, 8)
      let padding = [UInt8](repeating: 0, count: (8 - size % 8) % 8)
      return head + integer(segment, 8) + integer(9, 8) + [UInt8](repeating: 5, count: size)
        + padding
    }
    let magic = Array("LKSTPJNL".utf8)
    let header = magic + [UInt8](repeating: 0, count: 40) + integer(7, 8)
    let stale = Array(repeatElement(record(6, payload: 900), count: 9).joined())
    try put(
      header + [UInt8](repeating: 1, count: 4_096 - header.count) + record(7, payload: 11)
        + record(7, payload: 80) + stale,
      "journal-0007.seg"
    )

    XCTAssertEqual(try files.newestSegment()?.size, 4_096 + 56 + 120)
  }

  func test_wiping_leavesTheFolderAlone() throws {
    try put([1], "a")
    try put([2], "b")

    files.wipe()

    XCTAssertEqual(files.names, [])
    XCTAssertTrue(Folder.exists(folder))
  }

  func test_lines_areCounted_andWordsWritten() throws {
    let path = folder + "/x"

    try Folder.write("+12", to: path)
    XCTAssertEqual(Folder.firstLine(of: path), "+12")
    try Folder.write("-3", to: path)

    XCTAssertEqual(Folder.firstLine(of: path), "-3")
    XCTAssertEqual(Folder.lines(in: path), 1)
    XCTAssertEqual(Folder.lines(in: folder + "/none"), 0)
  }
}
