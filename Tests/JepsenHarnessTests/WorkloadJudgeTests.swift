import Linearizability
import XCTest

@testable import JepsenHarness

final class WorkloadJudgeTests: XCTestCase {
  private var folder = ""

  override func setUp() async throws { folder = try Folder.makeTemporary("lockstep-test") }

  override func tearDown() async throws { Folder.remove(folder) }

  /// A history of calls that follow each other: who, what, what for, and what came of it.
  private func verdict(
    on calls: [(Int, WorkloadCall, CallEnding)],
    by judge: WorkloadJudge
  ) throws -> RunVerdict {
    let recorder = try HistoryRecorder("\(folder)/\(UInt32.random(in: .min ... .max)).ndjson")
    for (process, call, ending) in calls {
      let began = recorder.begin(call, by: process)
      recorder.end(call, by: process, ending, since: began)
    }
    try recorder.finish()
    return try RunVerdict(recorder.path, by: judge)
  }

  private func pair(_ first: Int64, _ second: Int64) -> WorkloadCall {
    WorkloadCall("pair", "s", .list([.integer(first), .integer(second)]))
  }

  private func sums(_ first: [Int64], _ second: [Int64]) -> CallEnding {
    .ok(.list([first, second].map { .list($0.map { .integer($0) }) }))
  }

  func test_sessions_whenWritesAreAppliedOnce_areFineInEitherOrder() throws {
    let read = WorkloadCall(reading: "get", "s")
    let table: [(String, [(Int, WorkloadCall, CallEnding)], Bool)] = [
      ("in order", [(0, pair(1, 2), sums([1], [3, 3]))], true),
      ("swapped", [(0, pair(1, 2), sums([3], [2]))], true),
      ("applied twice", [(0, pair(1, 2), sums([2], [4]))], false),
      ("another answer the second time", [(0, pair(1, 2), sums([1, 4], [3]))], false),
      (
        "half of an unknown pair",
        [(0, pair(1, 2), .info("timeout")), (0, read, .ok(.integer(2)))], true
      ),
      (
        "an unknown pair twice",
        [(0, pair(1, 2), .info("timeout")), (0, read, .ok(.integer(6)))], false
      ),
      ("text", [(0, read, .ok(HistoryValue("0x")))], false),
      ("half answered", [(0, pair(1, 2), sums([1], [])), (0, read, .ok(.integer(1)))], true),
      ("both, half answered", [(0, pair(1, 2), sums([3], [])), (0, read, .ok(.integer(3)))], true),
      ("half answered twice", [(0, pair(1, 2), sums([1, 4], []))], false),
      (
        "half answered and lost", [(0, pair(1, 2), sums([1], [])), (0, read, .ok(.integer(2)))],
        false
      ),
    ]

    for (name, calls, isFine) in table {
      let found = try verdict(on: calls, by: SessionsWorkload.judge)
      XCTAssertEqual(!found.isBad, isFine, name)
    }
  }

  func test_counter_whenAnIncrementCountsTwice_isBad() throws {
    let add = WorkloadCall("add", "c", .integer(5))

    let once = try verdict(on: [(0, add, .ok(.integer(5)))], by: CounterWorkload.judge)
    let twice = try verdict(
      on: [(0, add, .ok(.integer(5))), (1, add, .ok(.integer(15)))],
      by: CounterWorkload.judge
    )

    XCTAssertEqual(once.word, "linearizable")
    XCTAssertTrue(twice.isBad)
    XCTAssertFalse(twice.findings[0].lines.isEmpty)
  }

  func test_counter_whenAThousandIncrementsAreNotEnough_saysSoSoonAndShowsTheLast() throws {
    let add = WorkloadCall("add", "c", .integer(1))
    let read = WorkloadCall(reading: "read", "c")
    let calls = Array(repeating: (0, add, CallEnding.ok(.integer(0))), count: 1_000)
    let adds = calls.enumerated().map { ($1.0, $1.1, CallEnding.ok(.integer(Int64($0) + 1))) }

    let began = ContinuousClock.now
    let found = try verdict(
      on: adds.dropLast() + [(0, read, .ok(.integer(1_000)))],
      by: CounterWorkload.judge
    )

    XCTAssertTrue(found.isBad)
    XCTAssertLessThan(ContinuousClock.now - began, .seconds(60))
    XCTAssertEqual(found.findings[0].lines.count, 201)
    XCTAssertTrue(found.findings[0].lines[0].hasSuffix("operations before these"))
  }

  func test_uniqueIDs_whenOneIsMadeTwice_nameIt() throws {
    let call = WorkloadCall("generate", nil)

    let found = try verdict(
      on: [
        (0, call, .ok(HistoryValue("a"))), (1, call, .ok(HistoryValue("b"))),
        (2, call, .ok(HistoryValue("a"))),
      ],
      by: UniqueIDsWorkload.judge
    )

    XCTAssertEqual(found.findings.map(\.sentence), ["the id \"a\" was made twice"])
  }

  func test_uniqueIDs_whenOneIsLost_nameIt() throws {
    let call = WorkloadCall("generate", "ids-0")
    let read = WorkloadCall(reading: "read", "ids-0")
    let made: [(Int, WorkloadCall, CallEnding)] = [
      (0, call, .ok(HistoryValue("a"))), (1, call, .info("timeout")),
      (2, call, .ok(HistoryValue("b"))),
      (3, WorkloadCall("generate", "ids-1"), .ok(HistoryValue("d"))),
    ]
    let table: [([String], [String])] = [
      (["b", "a"], []), (["c", "a", "b"], []),
      (["a", "c"], ["of the ids that were acknowledged 1 are lost, \"b\" first"]),
    ]
    for (ids, sentences) in table {
      let answer = CallEnding.ok(.list(ids.map { HistoryValue($0) }))
      let found = try verdict(on: made + [(0, read, answer)], by: UniqueIDsWorkload.judge)

      XCTAssertEqual(found.findings.map(\.sentence), sentences)
    }
  }

  func test_consistency_whenReadsFindLessThanTheirLevelPromises_saysWhich() throws {
    func put(_ value: Int64, _ revision: Int64, _ second: Int64) -> (Int, WorkloadCall, CallEnding)
    {
      (0, WorkloadCall("put", "k", .integer(value)), result(value, revision, second))
    }
    func get(
      _ process: Int,
      _ level: String,
      _ value: Int64?,
      _ revision: Int64,
      _ second: Int64 = 0
    ) -> (Int, WorkloadCall, CallEnding) {
      (process, WorkloadCall(reading: level, "k"), result(value, revision, second))
    }
    func result(_ value: Int64?, _ revision: Int64, _ second: Int64) -> CallEnding {
      .ok(
        .list([
          value.map { .integer($0) } ?? .null, .integer(revision), .integer(second * 1_000_000),
          .integer(second * 1_000_000 + 1),
        ])
      )
    }
    let table: [(String, [(Int, WorkloadCall, CallEnding)], [String])] = [
      ("new", [put(1, 10, 0), get(1, "get", 1, 10)], []),
      ("a stale get", [put(1, 10, 0), get(1, "get", nil, 0)], ["a read is stale"]),
      ("a little stale", [put(1, 10, 0), get(1, "stale-get", nil, 0, 1)], []),
      (
        "too stale", [put(1, 10, 0), get(1, "stale-get", nil, 0, 60)],
        ["a stale read is staler than it may be"]
      ),
      (
        "back in time",
        [put(1, 10, 0), put(2, 11, 0), get(1, "stale-get", 2, 11), get(1, "stale-get", 1, 10)],
        ["a client finds less than it has seen itself"]
      ),
      (
        "out of the blue", [get(1, "stale-get", 7, 3)],
        ["a value is found that nobody can have written"]
      ),
      (
        "another revision", [put(1, 10, 0), get(1, "get", 1, 12)],
        ["a value is found under another revision"]
      ),
    ]

    for (name, calls, sentences) in table {
      let found = try verdict(on: calls, by: ConsistencyWorkload.judge)
      XCTAssertEqual(found.findings.map(\.sentence), sentences, name)
    }
  }
}
