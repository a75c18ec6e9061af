import Linearizability
import Synchronization
import XCTest

final class HistoryWindowTests: XCTestCase {
  func test_window_whenAReadIsStale_isTheReadAndTheWritesThatForbidIt() throws {
    let operations = Self.operations(
      (.write, 1, nil),
      (.write, 2, nil),
      (.read, nil, 2),
      (.write, 3, nil),
      (.read, nil, 3),
      (.read, nil, 2),
      (.write, 4, nil)
    )

    let window = HistoryWindow(of: operations, by: HistoryJudge(.register))

    XCTAssertEqual(window?.prefix.stuck, 5)
    XCTAssertEqual(window?.operations, [1, 3, 5])
    XCTAssertEqual(window?.possible, [.integer(3)])
    XCTAssertEqual(window?.isMinimal, true)
  }

  /// What a condition names may be known from an answer that is given up: so is the condition.
  func test_window_whenAConditionNamesARevision_keepsWhoeverForbidsTheAnswer() throws {
    let text = """
      0 invoke put k {"value":"a"}
      0 ok put k {"revision":5}
      0 invoke replace k {"value":"b","ifRevision":5}
      0 ok replace k {"revision":9}
      0 invoke put k {"value":"c"}
      0 ok put k {"revision":12}
      0 invoke get k
      0 ok get k {"value":"b","revision":9}
      """
    let operations = try History(historyText(text), for: .document).keys[0].operations

    let window = HistoryWindow(of: operations, by: HistoryJudge(.document))

    XCTAssertEqual(window?.operations, [2, 3])
    XCTAssertEqual(window?.isMinimal, true)
    XCTAssertEqual(window?.sentence.contains("absent"), false, window?.sentence ?? "")
    let without = operations.enumerated().filter { $0.offset != 2 }.map(\.element)
    XCTAssertEqual(HistoryJudge(.document).judge(without), .linearizable)
  }

  func test_sentence_whenAWriteOfUnknownOutcomeMayBeFound_saysSo() throws {
    let text = """
      0 invoke put k {"value":1}
      0 info put k
      1 invoke get k
      1 ok get k {"value":2,"revision":3}
      """

    guard case .notLinearizable(let finding) = try judged(.document, text) else {
      return XCTFail("it has an order")
    }
    XCTAssertTrue(finding.sentence.contains("unknown outcome"), finding.sentence)
  }

  func test_window_whenAnAnswerIsUnknown_promisesNothing() {
    let operations = Self.operations(
      (.write, 1, nil),
      (.write, 2, nil),
      (.write, 3, nil),
      (.read, nil, 2),
      (.write, 4, nil),
      (.read, nil, 1)
    )
    let judge = HistoryJudge(.register)

    for number in 1...30 {
      var options = HistoryOptions()
      let asked = Questions()
      // The first question is whether what the judge shows is enough.
      options.isTimeOver = { [1, number].contains(asked.next()) }
      let window = HistoryWindow(of: operations, by: HistoryJudge(.register, options: options))
      guard let window, window.isMinimal else { continue }
      for member in window.operations {
        let fewer = window.operations.filter { $0 != member }
        let relaxed = HistoryWindow.relaxed(operations, but: fewer)
        XCTAssertEqual(judge.judge(relaxed), .linearizable, "\(number): \(window.operations)")
      }
    }
  }

  func test_window_whenThereIsAnOrder_isNone() {
    let operations = Self.operations((.write, 1, nil), (.read, nil, 1))

    XCTAssertNil(HistoryWindow(of: operations, by: HistoryJudge(.register)))
  }

  func test_window_whenHistoriesAreRandom_cannotBeMadeSmaller() {
    for model in [HistoryModel.register, .casRegister, .append, .set] {
      var histories = RandomOperations(model, seed: 23)
      let judge = HistoryJudge(model)
      for _ in 0..<600 {
        let operations = histories.next(countMax: 8)
        guard let window = HistoryWindow(of: operations, by: judge) else { continue }
        let known = HistoryWindow.relaxed(operations, but: window.operations)
        XCTAssertTrue(judge.judge(known).isNotLinearizable, "\(model)")
        for member in window.operations {
          let fewer = window.operations.filter { $0 != member }
          let relaxed = HistoryWindow.relaxed(operations, but: fewer)
          XCTAssertEqual(judge.judge(relaxed), .linearizable, "\(model)")
        }
      }
    }
  }

  /// Operations that follow each other.
  private static func operations(
    _ calls: (HistoryFunction, Int64?, Int64?)...
  ) -> [HistoryOperation] {
    calls.enumerated().map { place, call in
      let argument = call.1.map { HistoryValue.integer($0) } ?? .null
      var operation = HistoryOperation(call.0, argument, by: 0, start: place * 2)
      operation.ending = .ok
      operation.end = place * 2 + 1
      operation.result = call.2.map { .integer($0) } ?? argument
      return operation
    }
  }
}

/// How often something was asked for.
private final class Questions: Sendable {
  private let count = Atomic(0)

  func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}
