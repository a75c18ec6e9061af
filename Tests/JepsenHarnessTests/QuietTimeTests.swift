import XCTest

@testable import JepsenHarness

final class QuietTimeTests: XCTestCase {
  private let write = WorkloadCall("put", "k", .integer(1))

  func test_quietTime_whenNobodyHasWrittenSinceAllWasHealed_waitsForSomeSeconds() {
    let quiet = QuietTime()
    quiet.note(write, .ok(.null), since: 5)
    quiet.begin(at: 10)
    quiet.note(write, .ok(.null), since: 9)
    quiet.note(write, .info("timeout"), since: 11)
    quiet.note(WorkloadCall(reading: "get", "k"), .ok(.null), since: 11)

    XCTAssertTrue(quiet.waitsForWrite(at: 20))
    XCTAssertTrue(quiet.waitsForWrite(at: 20 + QuietTime.patienceMicroseconds - 1))
    XCTAssertFalse(quiet.waitsForWrite(at: 20 + QuietTime.patienceMicroseconds))
    XCTAssertEqual(quiet.problem, "no write was acknowledged when all was healed")
  }

  func test_quietTime_whenAWriteSucceeds_waitsNoLonger() {
    let quiet = QuietTime()
    quiet.begin(at: 10)
    quiet.note(write, .ok(.null), since: 11)

    XCTAssertFalse(quiet.waitsForWrite(at: 20))
    XCTAssertNil(quiet.problem)
  }

  func test_quietTime_whenALastCallFailsForGood_saysWhich() {
    let quiet = QuietTime()
    quiet.giveUp(WorkloadCall(reading: "get", "k1"), .fail("no_leader"))

    XCTAssertEqual(quiet.problem, "the last get of k1 ends no_leader")
  }
}
