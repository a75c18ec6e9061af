import Linearizability
import XCTest

final class LinearizabilitySearchTests: XCTestCase {
  private typealias Register = RevisionedRegister
  private typealias RegisterOperation = RecordedOperation<Register.Input, Register.Output>

  private let search = LinearizabilitySearch(RevisionedRegister(), stepsMax: 100_000)

  func test_search_whenHistoriesAreSmall_agreesWithBruteForce() {
    var histories = RandomHistory(seed: 7)
    let brute = BruteForceJudge(model: Register())
    var counts = (possible: 0, impossible: 0)

    for round in 0..<12_000 {
      let operations = histories.next()
      let expected = brute.isLinearizable(operations)
      let verdict = search.judge(operations)

      if expected { counts.possible += 1 } else { counts.impossible += 1 }
      XCTAssertEqual(verdict == .linearizable, expected, "round \(round): \(operations)")
    }
    XCTAssertGreaterThan(counts.possible, 2_000)
    XCTAssertGreaterThan(counts.impossible, 2_000)
  }

  func test_search_whenAReadMissesAnAcknowledgedWrite_namesTheRead() {
    let operations = [
      write("a", from: 1, to: 2, revision: 1),
      write("b", from: 3, to: 4, revision: 2),
      read("a", from: 5, to: 6, revision: 1),
    ]

    let verdict = search.judge(operations)

    XCTAssertEqual(
      verdict,
      .notLinearizable(Contradiction(longestOrder: [0, 1], stuck: 2))
    )
  }

  func test_search_whenAReadOverlapsTheWrite_mayMissIt() {
    let operations = [
      write("a", from: 1, to: 2, revision: 1),
      write("b", from: 3, to: 9, revision: 2),
      read("a", from: 5, to: 6, revision: 1),
    ]

    XCTAssertEqual(search.judge(operations), .linearizable)
  }

  func test_search_whenAnUnansweredWriteIsSeenLate_explainsItOnce() {
    let operations = [
      RegisterOperation(input: .put(Array("a".utf8)), invoked: 1, ending: .info),
      write("b", from: 2, to: 3, revision: 4),
      read("a", from: 8, to: 9, revision: 6),
      read("b", from: 10, to: 11, revision: 4),
    ]

    XCTAssertEqual(search.judge(Array(operations.prefix(3))), .linearizable)
    XCTAssertNotEqual(search.judge(operations), .linearizable)
  }

  func test_search_whenAFailedWriteIsRead_refusesTheHistory() {
    let operations = [
      RegisterOperation(input: .put(Array("a".utf8)), invoked: 1, ending: .fail),
      read("a", from: 2, to: 3, revision: 1),
    ]

    XCTAssertEqual(
      search.judge(operations),
      .notLinearizable(Contradiction(longestOrder: [], stuck: 1))
    )
  }

  func test_search_whenStepsRunOut_saysUnknown() {
    let hasty = LinearizabilitySearch(RevisionedRegister(), stepsMax: 3)
    let operations = (0..<8).map { place in
      write("\(place)", from: UInt64(place), to: 100, revision: UInt64(place + 1))
    }

    XCTAssertEqual(hasty.judge(operations), .unknown(steps: 3))
  }

  func test_search_whenThereIsNothing_findsNothingWrong() {
    XCTAssertEqual(search.judge([]), .linearizable)
  }

  func test_search_whenAnIncrementIsAppliedTwice_refusesTheHistory() {
    let increment = RegisterOperation(
      input: .increment(by: 1),
      invoked: 1,
      ending: .ok(.counted(1, revision: 3), at: 2)
    )
    let operations = [increment, read("2", from: 3, to: 4, revision: 4)]

    XCTAssertNotEqual(search.judge(operations), .linearizable)
  }

  private func write(
    _ value: String,
    from invoked: UInt64,
    to returned: UInt64,
    revision: UInt64
  ) -> RegisterOperation {
    RegisterOperation(
      input: .put(Array(value.utf8)),
      invoked: invoked,
      ending: .ok(.changed(revision: revision), at: returned)
    )
  }

  private func read(
    _ value: String,
    from invoked: UInt64,
    to returned: UInt64,
    revision: UInt64
  ) -> RegisterOperation {
    RegisterOperation(
      input: .get,
      invoked: invoked,
      ending: .ok(.found(value: Array(value.utf8), revision: revision), at: returned)
    )
  }
}
