import XCTest

@testable import Exploration

final class PackedLogTests: XCTestCase {
  func test_log_whenEntriesAreAppendedAndCut_isReadByIndex() {
    var log = log(0x01, 0x12, 0x13)

    XCTAssertEqual(log.count, 3)
    XCTAssertEqual((1...3).map { log[$0] }, [0x01, 0x12, 0x13])
    XCTAssertEqual(log.term(at: 3), 1)
    log.truncate(from: 3)
    XCTAssertEqual(log, self.log(0x01, 0x12))
  }

  func test_agreement_whenLogsPart_countsWhatIsEqualBefore() {
    let cases = [
      (log(), log(0x01), 0), (log(0x01), log(0x01), 1), (log(0x01, 0x12), log(0x01, 0x22), 1),
      (log(0x01, 0x12, 0x13), log(0x01, 0x12), 2), (log(0x12), log(0x13), 0),
    ]
    for (left, right, expected) in cases {
      XCTAssertEqual(left.agreement(with: right), expected)
      XCTAssertEqual(right.agreement(with: left), expected)
    }
  }

  func test_prefix_whenTheLogIsFull_isAllOfIt() {
    let full = log(1, 2, 3, 4, 5, 6, 7, 8)

    XCTAssertEqual(full.prefix(8), full)
    XCTAssertEqual(full.prefix(2), log(1, 2))
    XCTAssertTrue(full.begins(with: log(1, 2)))
    XCTAssertFalse(full.begins(with: log(2)))
  }

  private func log(_ entries: UInt8...) -> PackedLog {
    var log = PackedLog()
    for entry in entries { log.append(entry) }
    return log
  }
}
