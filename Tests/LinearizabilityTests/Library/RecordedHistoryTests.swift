import Linearizability
import Synchronization
import XCTest

final class RecordedHistoryTests: XCTestCase {
  func test_check_whenAQueueAnswersInOrder_findsNothingWrong() throws {
    let history = try RecordedHistory(Self.text(taken: ["1", "2"]))

    let verdict = history.check(Queue())

    guard case .linearizable = verdict else { return XCTFail("\(verdict)") }
  }

  func test_check_whenAQueueAnswersOutOfOrder_showsNoMoreThanItTakes() throws {
    let noise = #"{"process":9,"type":"invoke","f":"enqueue","value":7}"# + "\n"
    let history = try RecordedHistory(Self.text(taken: ["2"]) + Array(noise.utf8))

    let verdict = history.check(Queue())

    guard case .notLinearizable(let found) = verdict else { return XCTFail("\(verdict)") }
    XCTAssertEqual(
      found.operations.map { "\($0.call.function) \($0.call.result ?? .null)" },
      ["enqueue 1", "dequeue 2"]
    )
    XCTAssertEqual(found.state, "[1, 2]")
    XCTAssertTrue(found.isMinimal)
  }

  func test_check_whenAnOutcomeIsUnknown_allowsBoth() throws {
    let begun = #"{"process":9,"type":"invoke","f":"enqueue","value":7}"# + "\n"
    for taken in ["1", "7"] {
      let history = try RecordedHistory(Array(begun.utf8) + Self.text(taken: [taken]))

      let verdict = history.check(Queue())

      guard case .linearizable = verdict else { return XCTFail("\(taken): \(verdict)") }
    }
  }

  func test_check_whenTheTimeIsOver_saysUnknown() throws {
    let many = (0..<12).map {
      #"{"process":\#($0),"type":"invoke","f":"enqueue","value":\#($0)}"# + "\n"
    }
    let taken =
      #"{"process":99,"type":"invoke","f":"dequeue"}"# + "\n"
      + #"{"process":99,"type":"ok","f":"dequeue","value":100}"# + "\n"
    let history = try RecordedHistory(Array((many.joined() + taken).utf8))

    let verdict = history.check(Queue(), isTimeOver: { true })

    guard case .unknown = verdict else { return XCTFail("\(verdict)") }
  }

  func test_check_whenTheTimeEndsWhileLessIsLookedFor_doesNotPromiseTheLeast() throws {
    let many = (0..<5).map {
      #"{"process":\#($0 + 1),"type":"invoke","f":"enqueue","value":\#($0)}"# + "\n"
    }
    let history = try RecordedHistory(Array(many.joined().utf8) + Self.text(taken: ["100"]))

    // What is over in the second search was not yet over in the first, which is as long.
    for limit in (0..<12).map({ 1 << $0 }) {
      let calls = Asked()
      let verdict = history.check(Queue(), isTimeOver: { calls.next() > limit })
      guard case .notLinearizable(let found) = verdict else { continue }
      XCTAssertFalse(found.isMinimal)
      XCTAssertFalse(found.operations.isEmpty)
      return
    }
    XCTFail("it takes longer")
  }

  func test_check_whenTheTimeEndsWhileLessIsLookedFor_stopsAsking() throws {
    let calls = Asked()
    let steps = Asked()
    let isOver = { @Sendable in calls.next() > 3 }

    let verdict = try Self.wrongCount(after: 2_000).check(
      Counter(steps: steps),
      isExplanationOver: isOver
    )

    guard case .notLinearizable(let found) = verdict else { return XCTFail("\(verdict)") }
    XCTAssertFalse(found.isMinimal)
    XCTAssertEqual(calls.count, 4, "whoever knows that the time is over asks no more")
    // It was 4 million: each of 2,001 operations was asked about, for 1,024 events.
    XCTAssertLessThan(steps.count, 20_000)
  }

  func test_check_whenTheTimeEndsWhileLessIsLookedFor_showsTheLeastSoFar() throws {
    let many = (0..<5).map {
      #"{"process":\#($0 + 1),"type":"invoke","f":"enqueue","value":\#($0)}"# + "\n"
    }
    let history = try RecordedHistory(Array(many.joined().utf8) + Self.text(taken: ["100"]))

    let sizes = stride(from: 0, to: 400, by: 25).compactMap { limit -> Int? in
      let calls = Asked()
      let verdict = history.check(Queue(), isExplanationOver: { calls.next() > limit })
      guard case .notLinearizable(let found) = verdict else { return nil }
      XCTAssertEqual(found.isMinimal, calls.count <= limit)
      return found.operations.count
    }

    XCTAssertEqual(sizes, sizes.sorted(by: >))
    XCTAssertEqual(Set(sizes), [3, 2, 1])
  }

  func test_history_whenAnOperationEndsAsAnother_namesTheLine() {
    let text =
      #"{"process":0,"type":"invoke","f":"a"}"# + "\n"
      + #"{"process":0,"type":"ok","f":"b"}"# + "\n"

    XCTAssertThrowsError(try RecordedHistory(Array(text.utf8))) { error in
      XCTAssertEqual(
        (error as? HistoryError)?.description,
        #"line 2, column 1: "b" ends what line 1 began as "a""#
      )
    }
  }

  /// Additions one after the other, and then a read of one less than there were.
  private static func wrongCount(after additions: Int) throws -> RecordedHistory {
    let add =
      #"{"process":0,"type":"invoke","f":"add","value":1}"# + "\n"
      + #"{"process":0,"type":"ok","f":"add","value":1}"# + "\n"
    let read =
      #"{"process":0,"type":"invoke","f":"read"}"# + "\n"
      + #"{"process":0,"type":"ok","f":"read","value":\#(additions - 1)}"# + "\n"
    return try RecordedHistory(
      Array((String(repeating: add, count: additions) + read).utf8)
    )
  }

  /// 1 and 2 are put into a queue, one after the other, and then these are taken out.
  private static func text(taken: [String]) -> [UInt8] {
    let calls =
      [("enqueue", "1", "1"), ("enqueue", "2", "2")]
      + taken.map { ("dequeue", "null", $0) }
    let lines = calls.flatMap { function, argument, result in
      [
        #"{"process":0,"type":"invoke","f":"\#(function)","value":\#(argument)}"# + "\n",
        #"{"process":0,"type":"ok","f":"\#(function)","value":\#(result)}"# + "\n",
      ]
    }
    return Array(lines.joined().utf8)
  }
}

/// How often something was asked for.
private final class Asked: Sendable {
  private let number = Atomic(0)

  func next() -> Int { number.add(1, ordering: .relaxed).newValue }

  var count: Int { number.load(ordering: .relaxed) }
}

/// A number that is added to and read, and counts its steps.
private struct Counter: Model {
  let steps: Asked

  var initial: Int64 { 0 }

  func step(_ number: Int64, _ call: ModelCall) -> Int64? {
    _ = steps.next()
    guard call.function == "read" else { return number + 1 }
    return call.allows(.integer(number)) ? number : nil
  }
}

/// A queue; taking from an empty one gives null.
private struct Queue: Model {
  var initial: [HistoryValue] { [] }

  func step(_ queue: [HistoryValue], _ call: ModelCall) -> [HistoryValue]? {
    switch call.function {
    case "enqueue": queue + [call.argument]
    case "dequeue": call.allows(queue.first ?? .null) ? Array(queue.dropFirst()) : nil
    default: nil
    }
  }
}
