import Consensus
import XCTest

@testable import Simulation

final class ReadWatchTests: XCTestCase {
  func test_read_whenItsIndexCoversWhatWasCommitted_mayGo() {
    var watch = ReadWatch()
    watch.asked([ReadID(1)], committedCount: 7)

    XCTAssertNil(watch.turnEnded([Readable(id: ReadID(1), index: LogIndex(7))], []))
  }

  func test_read_whenItsIndexIsOlderThanItsQuestion_isAViolation() {
    var watch = ReadWatch()
    watch.asked([ReadID(1)], committedCount: 6)
    watch.asked([ReadID(2)], committedCount: 7)

    let first = watch.turnEnded([Readable(id: ReadID(1), index: LogIndex(6))], [])
    let second = watch.turnEnded([Readable(id: ReadID(2), index: LogIndex(6))], [])

    XCTAssertNil(first)
    XCTAssertEqual(second, "lets a read go at 6, and 7 was committed when it was asked")
  }

  func test_read_whenItWasRefused_mustNotGo() {
    var watch = ReadWatch()
    watch.asked([ReadID(1)], committedCount: 0)
    _ = watch.turnEnded([], [.read(ReadID(1), .noLeader)])

    let reason = watch.turnEnded([Readable(id: ReadID(1), index: LogIndex(1))], [])

    XCTAssertEqual(reason, "lets a read go that nobody asks for")
  }
}
