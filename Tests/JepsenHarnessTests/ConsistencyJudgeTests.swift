import Consensus
import Linearizability
import XCTest

@testable import JepsenHarness

final class ConsistencyJudgeTests: XCTestCase {
  private typealias Done = (Int, WorkloadCall, CallEnding)

  private var folder = ""

  override func setUp() async throws { folder = try Folder.makeTemporary("lockstep-test") }

  override func tearDown() async throws { Folder.remove(folder) }

  private func result(_ value: Int64?, _ revision: Int64, _ time: Int64 = 0) -> CallEnding {
    let value = value.map { HistoryValue.integer($0) } ?? .null
    return .ok(.list([value, .integer(revision), .integer(time), .integer(time + 1)]))
  }

  private func put(_ process: Int, _ value: Int64, _ revision: Int64) -> Done {
    (process, WorkloadCall("put", "k", .integer(value)), result(value, revision))
  }

  private func unknown(_ process: Int, _ value: Int64) -> Done {
    (process, WorkloadCall("put", "k", .integer(value)), .info("timeout"))
  }

  private func get(_ process: Int, _ value: Int64?, _ revision: Int64) -> Done {
    (process, WorkloadCall(reading: "get", "k"), result(value, revision))
  }

  private func sentences(_ calls: [Done], duringFault: Bool = false) throws -> Set<String> {
    let recorder = try HistoryRecorder("\(folder)/\(UInt32.random(in: .min ... .max)).ndjson")
    if duringFault { recorder.fault("begin pause", .null) }
    for (process, call, ending) in calls {
      let began = recorder.begin(call, by: process)
      recorder.end(call, by: process, ending, since: began)
    }
    try recorder.finish()
    let verdict = try RunVerdict(recorder.path, by: ConsistencyWorkload.judge)
    return Set(verdict.findings.map(\.sentence))
  }

  /// Two minutes of one client that writes and one that reads what was so long ago, with the keys
  /// of the workload.
  private func staleReads(bySeconds lag: Int64) -> [Done] {
    var random = RandomSource(seed: 1)
    var workload = ConsistencyWorkload(ClientSeat(number: 0))
    var states: [String: [(time: Int64, value: Int64?, revision: Int64)]] = [:]
    return (1..<2_400).map { tick in
      let time = Int64(tick) * 50_000
      let call = workload.next(in: Int(time / 1_000_000) / RunPlan.roundSeconds, &random)
      let key = call.key ?? ""
      let now = states[key]?.last ?? (0, nil, 0)
      let old = states[key]?.last { $0.time < time - lag * 1_000_000 } ?? (0, nil, 0)
      switch call.function {
      case "get": return (0, call, result(now.value, now.revision, time))
      case "stale-get": return (1, call, result(old.value, old.revision, time))
      default: break
      }
      guard case .integer(let value) = call.value else { return (0, call, .fail("")) }
      states[key, default: []].append((time, value, Int64(tick)))
      return (0, call, result(value, Int64(tick), time))
    }
  }

  /// A newer write that a fault may have held up excuses nobody for one that came after the fault.
  func test_staleReads_whenTheNewestIsExcusedByAFault_areHeldToWhatCameAfterIt() throws {
    let recorder = try HistoryRecorder("\(folder)/fault.ndjson")
    func end(_ call: WorkloadCall, _ process: Int, _ ending: CallEnding) {
      recorder.end(call, by: process, ending, since: recorder.begin(call, by: process))
    }
    end(put(0, 1, 5).1, 0, result(1, 5, 0))
    recorder.fault("begin kill", .null)
    let (_, held, _) = put(2, 2, 8)
    let began = recorder.begin(held, by: 2)
    end(put(3, 3, 10).1, 3, result(3, 10, 2_000))
    recorder.fault("end kill", .null)
    recorder.end(held, by: 2, result(2, 8, 5_000), since: began)
    end(WorkloadCall("stale-get", "k", .integer(1_000)), 1, result(1, 5, 4_000_000))
    try recorder.finish()

    let verdict = try RunVerdict(recorder.path, by: ConsistencyWorkload.judge)

    XCTAssertEqual(
      Set(verdict.findings.map(\.sentence)),
      ["a stale read is staler than it may be"]
    )
  }

  /// What a stale read shows is committed.
  func test_read_whenAnotherClientsStaleReadHasShownMore_isStale() throws {
    let stale = WorkloadCall("stale-get", "k", .integer(1_000))
    let calls = [put(0, 1, 3), unknown(1, 2), (2, stale, result(2, 7)), get(3, 1, 3)]

    XCTAssertEqual(try sentences(calls.map { $0 as Done }).contains("a read is stale"), true)
    XCTAssertEqual(try sentences(calls.dropLast().map { $0 as Done }), [])
  }

  func test_staleReads_whenTheStoreIgnoresTheLag_areFoundWithTheKeysOfTheWorkload() throws {
    let tooStale: Set = ["a stale read is staler than it may be"]

    XCTAssertEqual(try sentences(staleReads(bySeconds: 1)), [])
    XCTAssertEqual(try sentences(staleReads(bySeconds: 4)), tooStale)
    // A fault may hold up what the leader says, and the node counts from when it hears it.
    XCTAssertEqual(try sentences(staleReads(bySeconds: 4), duringFault: true), [])
    XCTAssertEqual(try sentences(staleReads(bySeconds: 15), duringFault: true), tooStale)
  }

  func test_revisions_whenTheyCannotBe_areNotBelieved() throws {
    let table: [(String, [Done], Set<String>)] = [
      ("in order", [put(0, 1, 5), put(1, 2, 6), get(2, 2, 6)], []),
      (
        "one revision, two values",
        [put(0, 1, 5), put(1, 2, 5), get(2, 1, 5), get(2, 2, 5), get(2, 1, 5)],
        [
          "two values are found under one revision",
          "a write comes before what was there when it began",
        ]
      ),
      (
        "a write back in time", [put(0, 1, 9), put(0, 2, 4), get(1, 1, 9)],
        ["a write comes before what was there when it began"]
      ),
      (
        "a write of unknown outcome, applied twice",
        [unknown(0, 1), get(1, 1, 5), put(2, 2, 6), get(1, 2, 6), get(1, 1, 7)],
        ["a value is found under another revision"]
      ),
      (
        "found before it was asked for", [get(1, 7, 3), unknown(0, 7)],
        ["a value is found that nobody can have written"]
      ),
    ]

    for (name, calls, expected) in table {
      XCTAssertEqual(try sentences(calls), expected, name)
    }
  }

  func test_values_whenTheTimeIsOver_areNotSaidToBeKept() throws {
    let recorder = try HistoryRecorder("\(folder)/h.ndjson")
    // Of equal values nobody knows who wrote which: that takes a search.
    let calls = [unknown(0, 1), unknown(1, 1), unknown(2, 2), unknown(3, 2)]
    for (process, call, ending) in calls {
      recorder.end(call, by: process, ending, since: recorder.begin(call, by: process))
    }
    for value in [1, 2, 1] {
      let call = WorkloadCall(reading: "get", "k")
      let found = CallEnding.ok(.list([.integer(Int64(value))]))
      recorder.end(call, by: 9, found, since: recorder.begin(call, by: 9))
    }
    try recorder.finish()

    let inTime = try RunVerdict(recorder.path, by: ConsistencyWorkload.judge)
    let late = try RunVerdict(recorder.path, by: ConsistencyWorkload.judge, withinSeconds: 0)

    XCTAssertEqual(inTime.word, "kept")
    XCTAssertEqual(late.word, "unknown")
    XCTAssertFalse(late.isKnown)
    XCTAssertFalse(late.isBad)
  }

  func test_values_whenAnswersNameNoRevision_areJudgedAsThoseOfARegister() throws {
    let bare = CallEnding.ok(.list([.integer(1)]))
    let read = (2, WorkloadCall(reading: "get", "k"), bare)

    XCTAssertEqual(try sentences([put(0, 1, 5), read]), [])
    XCTAssertFalse(try sentences([put(0, 1, 5), put(1, 2, 6), read]).isEmpty)
  }
}
