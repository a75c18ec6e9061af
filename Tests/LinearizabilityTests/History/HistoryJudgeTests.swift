import Foundation
import Linearizability
import XCTest

final class HistoryJudgeTests: XCTestCase {
  /// How many histories each model is tried on; more with
  /// `LOCKSTEP_HISTORIES=100000 swift test --filter HistoryJudgeTests`.
  private static let rounds =
    ProcessInfo.processInfo.environment["LOCKSTEP_HISTORIES"].flatMap { Int($0) } ?? 4_000

  func test_judge_whenValuesRepeat_agreesWithBruteForce() {
    for model in HistoryModel.allCases where model != .document {
      agree(model) { $0.valuesRepeat = true }
    }
  }

  func test_judge_whenValuesAreUnique_agreesWithBruteForce() {
    for model in HistoryModel.allCases where model != .document {
      agree(model) { $0.valuesRepeat = false }
    }
  }

  func test_judge_whenFailedSwapsConstrain_agreesWithBruteForce() {
    for model in [HistoryModel.casRegister, .kv] {
      for repeats in [false, true] {
        agree(model) {
          $0.valuesRepeat = repeats
          $0.options.failedSwaps = .constrain
          $0.options.initial = .integer(1)
        }
      }
    }
  }

  func test_judge_whenNullReadsSayNothing_agreesWithBruteForce() {
    for model in [HistoryModel.register, .append, .set, .listAppend, .bank] {
      agree(model) { $0.options.nullReads = .any }
    }
  }

  func test_judge_whenTheTimeIsOver_saysSo() {
    var options = HistoryOptions()
    options.isTimeOver = { true }
    var operation = HistoryOperation(.write, .integer(1), by: 0, start: 0)
    (operation.ending, operation.end) = (.ok, 1)
    var again = operation
    (again.start, again.end) = (2, 3)

    let verdict = HistoryJudge(.register, options: options).judge([operation, again])

    XCTAssertEqual(verdict, .unknown("the time is over"))
  }

  private func agree(
    _ model: HistoryModel,
    _ configure: (inout RandomOperations) -> Void
  ) {
    var histories = RandomOperations(model, seed: 11)
    if model == .bank { histories.options.initial = Self.balances }
    configure(&histories)
    let machine = HistoryMachine(model, options: histories.options)
    let brute = BruteForceJudge(model: machine)
    let judge = HistoryJudge(model, options: histories.options)
    var counts = (possible: 0, impossible: 0)

    for round in 0..<Self.rounds {
      let operations = histories.next(countMax: 7)
      let expected = brute.isLinearizable(machine.recorded(operations).operations)
      let verdict = judge.judge(operations)

      if expected { counts.possible += 1 } else { counts.impossible += 1 }
      guard verdict.word == (expected ? "linearizable" : "not_linearizable"),
        (judge.search(operations) == .linearizable) == expected
      else {
        let told = operations.map { "\($0.start)-\($0.end) \($0.ending) \($0.summary)" }
        return XCTFail(
          "\(model), round \(round), expected \(expected): \(verdict)\n"
            + told.joined(separator: "\n")
        )
      }
    }
    XCTAssertGreaterThan(counts.possible, Self.rounds / 10, "\(model)")
    XCTAssertGreaterThan(counts.impossible, Self.rounds / 25, "\(model)")
  }

  private static let balances = HistoryValue.fields(
    ["0", "1", "2"].map { .init(name: Array($0.utf8), value: .integer(4)) }
  )
}
