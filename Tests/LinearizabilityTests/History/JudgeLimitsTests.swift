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

  func test_judge_whenTheTimeEndsWhileInsertionsAreChosen_saysSo() throws {
    var text = ""
    for number in 10..<24 {
      text += "\(number) invoke insert k\(number) {\"value\":1}\n\(number) info insert k\(number)\n"
    }
    text += "0 invoke count - {}\n0 ok count - {\"count\":7}\n"

    let verdict = try judged(.document, text, options: Self.options(overAfter: 2))

    XCTAssertEqual(verdict, .unknown("the time is over"))
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
