import XCTest

@testable import JepsenHarness

final class LastCallsTests: XCTestCase {
  private let calls = ["a", "b", "c", "d"].map { WorkloadCall(reading: "get", $0) }

  /// Makes the calls, a second each, of which those of some keys fail so often first.
  private func ask(failing: [String: Int]) async -> (asked: [String], problem: String?) {
    let quiet = QuietTime()
    var failing = failing
    var time: Int64 = 0
    var asked: [String] = []
    await LastCalls(calls, quiet).ask(now: { time }, pause: {}) { call in
      let key = call.key ?? ""
      time += 1_000_000
      if asked.last != key { asked.append(key) }
      guard let left = failing[key], left > 0 else { return .ok(.null) }
      failing[key] = left - 1
      return .fail("no_leader")
    }
    return (asked, quiet.problem)
  }

  func test_lastCalls_whenOneFailsForAWhile_areRepeated_andAllMade() async {
    let (asked, problem) = await ask(failing: ["a": 9, "c": 9])

    XCTAssertEqual(asked, ["a", "b", "c", "d"])
    XCTAssertNil(problem)
  }

  func test_lastCalls_whenOneNeverSucceeds_stillAskForTheOthers() async {
    let (asked, problem) = await ask(failing: ["b": 1_000])

    XCTAssertEqual(asked, ["a", "b", "c", "d"])
    XCTAssertEqual(problem, "the last get of b ends no_leader")
  }

  func test_lastCalls_whenTwoNeverSucceed_sayHowManyWereNotMade() async {
    let (asked, problem) = await ask(failing: ["a": 1_000, "b": 1_000])

    XCTAssertEqual(asked, ["a", "b"])
    XCTAssertEqual(problem, "the last get of a ends no_leader, and 2 more were not asked")
  }
}
