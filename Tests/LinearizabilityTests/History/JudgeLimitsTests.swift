import Linearizability
import Synchronization
import XCTest

/// What ends early says so.
final class JudgeLimitsTests: XCTestCase {
  func test_judge_whenTheTimeEndsAtAnyInstant_neverCallsItAnOrder() throws {
    var text = ""
    for value in 1...70 {
      text += "\(2 * value) invoke cas - [0,\(value)]\n\(2 * value) info cas -\n"
      text += "\(2 * value + 1) invoke cas - [\(value),1000]\n\(2 * value + 1) info cas -\n"
    }
    for value in [1000, 5000] { text += "0 invoke read -\n0 ok read - \(value)\n" }
    var words: [String] = []

    for calls in 0..<60 {
      var options = Self.options(overAfter: calls)
      options.initial = .integer(0)
      words.append(try judged(.casRegister, text, options: options).word)
    }

    XCTAssertFalse(words.contains("linearizable"), "\(words)")
    XCTAssertTrue(words.contains("unknown"), "\(words)")
    XCTAssertEqual(words.last, "not_linearizable")
  }

  func test_judge_whenManyInsertionsMayHaveHappened_givesUp() throws {
    var text = ""
    for number in 10..<35 {
      text += "\(number) invoke insert k\(number) {\"value\":1}\n\(number) info insert k\(number)\n"
    }
    text += "0 invoke count - {}\n0 ok count - {\"count\":12}\n"

    let verdict = try judged(.document, text)

    XCTAssertEqual(verdict.word, "unknown", "\(verdict)")
  }

  /// A gibibyte of states is remembered, whatever the time.
  func test_search_whenStatesAreLarge_givesUpForWantOfMemory() {
    let operations = (0..<30).map { number in
      RecordedOperation<Int, Int>(input: number, invoked: UInt64(number), ending: .info)
    }
    let read = RecordedOperation<Int, Int>(input: -1, invoked: 40, ending: .ok(-1, at: 41))
    let search = LinearizabilitySearch(LargeStates(), stepsMax: .max)

    guard case .unknown(let steps) = search.judge(operations + [read]) else {
      return XCTFail("it ends by itself")
    }
    XCTAssertLessThan(steps, 2_000)
  }

  /// Each would double the states of the search.
  func test_search_whenManyQuestionsHaveNoAnswer_leavesThemOut() throws {
    let open = (10..<50).map { "\($0) invoke read -\n\($0) info read -\n" }.joined()
    let bank = """
      0 invoke read -
      0 ok read - {"a":5,"b":0}
      0 invoke transfer - {"from":"a","to":"b","amount":2}
      0 ok transfer -
      0 invoke read -
      0 ok read - {"a":5,"b":0}
      """
    let transactions = (10..<50).map { "\($0) invoke txn - [[\"r\",1,null]]\n" }.joined()
    let lists = """
      0 invoke txn - [["append",1,1]]
      0 ok txn - [["append",1,1]]
      0 invoke txn - [["r",1,null]]
      0 ok txn - [["r",1,[]]]
      """
    var options = HistoryOptions()
    options.isSearchOnly = true

    XCTAssertEqual(try judged(.bank, open + bank).word, "not_linearizable")
    let verdict = try judged(.listAppend, transactions + lists, options: options)
    XCTAssertEqual(verdict.word, "not_linearizable")
  }

  /// The contradiction is what counts; where it begins may take as long again many times.
  func test_prefix_whenTheTimeIsOver_isNotLookedFor() throws {
    let lines = "0 invoke write - 1\n0 ok write -\n0 invoke read -\n0 ok read - 2\n"
    let history = try History(historyText(lines), for: .register)
    let judge = HistoryJudge(.register, options: Self.options(overAfter: 0))

    XCTAssertNil(HistoryPrefix(of: history.keys[0].operations, by: judge))
  }

  func test_judge_whenTheTimeEndsWhileInsertionsAreChosen_saysSo() throws {
    var text = ""
    for number in 10..<24 {
      text += "\(number) invoke insert k\(number) {\"value\":1}\n\(number) info insert k\(number)\n"
    }
    text += "0 invoke count - {}\n0 ok count - {\"count\":7}\n"

    let verdict = try judged(.document, text, options: Self.options(overAfter: 2))

    XCTAssertEqual(verdict, .unknown("the time is over"))
  }

  /// Cycles through real time are as long as the history, and are looked for from many places.
  func test_judge_whenTheTimeEndsWhileACycleIsLookedFor_saysSo() throws {
    var text = ""
    for value in 1...600 {
      let appended = "[[\"append\",1,\(value)]]"
      text += "0 invoke txn - \(appended)\n0 ok txn - \(appended)\n"
      guard value % 20 == 0 else { continue }
      let found = "[[\"r\",1,\(Array(1...value))]]"
      text += "1 invoke txn - [[\"r\",1,null]]\n1 ok txn - \(found)\n"
    }
    text += "1 invoke txn - [[\"r\",1,null]]\n1 ok txn - [[\"r\",1,[1]]]\n"
    let history = try History(historyText(text), for: .listAppend)
    let operations = history.keys[0].operations

    let limited = HistoryJudge(.listAppend, options: Self.options(overAfter: 3))
    let verdict = limited.judge(operations)
    let prefix = HistoryPrefix(of: operations, by: limited)
    let whole = HistoryJudge(.listAppend).judge(operations)

    XCTAssertEqual(verdict, .unknown("the time is over"))
    XCTAssertNil(prefix)
    XCTAssertEqual(whole.word, "not_linearizable")
  }

  /// The time is over once it was asked for so often.
  private static func options(overAfter limit: Int) -> HistoryOptions {
    let clock = CallCount()
    var options = HistoryOptions()
    options.isTimeOver = { clock.next() > limit }
    return options
  }
}

/// Counts.
private final class CallCount: Sendable {
  private let count = Atomic(0)

  func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}

/// A set of numbers that says that it takes 4 MiB.
private struct LargeStates: SequentialModel {
  let initial: Set<Int> = []

  func step(_ state: Set<Int>, _ input: Int, _ output: Int?) -> Set<Int>? {
    output == nil ? state.union([input]) : nil
  }

  func size(of state: Set<Int>) -> Int { 4 << 20 }
}
