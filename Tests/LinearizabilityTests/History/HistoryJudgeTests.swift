import Linearizability
import XCTest

final class HistoryJudgeTests: XCTestCase {
  func test_judge_whenHistoriesAreSmall_agreesWithBruteForce() {
    for model in [HistoryModel.register, .casRegister, .kv] {
      for repeats in [false, true] {
        agree(model, rounds: 20_000) { $0.valuesRepeat = repeats }
        agree(model, rounds: 20_000) {
          $0.valuesRepeat = repeats
          $0.options.failedSwaps = .constrain
          $0.options.initial = .integer(1)
        }
      }
    }
  }

  private func agree(
    _ model: HistoryModel,
    rounds: Int,
    _ configure: (inout RandomOperations) -> Void
  ) {
    var histories = RandomOperations(model, seed: 11)
    configure(&histories)
    let machine = HistoryMachine(model, options: histories.options)
    let brute = BruteForceJudge(model: machine)
    let judge = HistoryJudge(model, options: histories.options)
    var counts = (possible: 0, impossible: 0)

    for round in 0..<rounds {
      let operations = histories.next()
      let expected = brute.isLinearizable(machine.recorded(operations).operations)
      let verdict = judge.judge(operations)

      if expected { counts.possible += 1 } else { counts.impossible += 1 }
      guard verdict == .linearizable || verdict.isNotLinearizable,
        (verdict == .linearizable) == expected
      else {
        let told = operations.map { "\($0.start)-\($0.end) \($0.ending) \($0.summary)" }
        return XCTFail("\(model) round \(round), expected \(expected): \(verdict)\n"
          + told.joined(separator: "\n"))
      }
    }
    XCTAssertGreaterThan(counts.possible, rounds / 10)
    XCTAssertGreaterThan(counts.impossible, rounds / 20)
  }
}
