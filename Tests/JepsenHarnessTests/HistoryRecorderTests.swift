import Linearizability
import XCTest

@testable import JepsenHarness

final class HistoryRecorderTests: XCTestCase {
  private var folder = ""

  override func setUp() async throws { folder = try Folder.makeTemporary("lockstep-test") }

  override func tearDown() async throws { Folder.remove(folder) }

  func test_recorder_whenCallsEnd_writesWhatTheJudgeReads() throws {
    let recorder = try HistoryRecorder(folder + "/h.ndjson")
    let write = WorkloadCall("write", "k0", .integer(7))
    let lost = WorkloadCall("write", "k0", .integer(8))
    let read = WorkloadCall(reading: "read", "k0")

    let first = recorder.begin(write, by: 0)
    let second = recorder.begin(lost, by: 1)
    recorder.end(write, by: 0, .ok(.integer(7)), since: first)
    recorder.end(lost, by: 1, .info("deadline_exceeded"), since: second)
    recorder.fault("kill", HistoryValue("n1"))
    let third = recorder.begin(read, by: 0)
    XCTAssertEqual(recorder.openCount, 1)
    recorder.end(read, by: 0, .ok(.integer(7)), since: third)
    try recorder.finish()

    let verdict = try RunVerdict(recorder.path, by: .model(.register))
    XCTAssertEqual(verdict.word, "linearizable")
    XCTAssertEqual(verdict.operations, 3)
    XCTAssertEqual(verdict.unknownOutcomes, 1)
    XCTAssertEqual(recorder.samples.map(\.ending), [.ok, .info, .ok])
  }

  func test_verdict_whenAnAcknowledgedWriteIsLost_isBadAndNamesTheKey() throws {
    let recorder = try HistoryRecorder(folder + "/h.ndjson")
    let write = WorkloadCall("write", "k0", .integer(7))
    let read = WorkloadCall(reading: "read", "k0")

    recorder.end(write, by: 0, .ok(.integer(7)), since: recorder.begin(write, by: 0))
    recorder.end(read, by: 1, .ok(.null), since: recorder.begin(read, by: 1))
    try recorder.finish()

    let verdict = try RunVerdict(recorder.path, by: .model(.register))
    XCTAssertTrue(verdict.isBad)
    XCTAssertEqual(verdict.findings.map(\.key), ["\"k0\""])
  }
}
