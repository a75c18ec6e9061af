import ClientProtocol
import Consensus
import Wire
import XCTest

@testable import Simulation

/// The judges themselves: what is right passes, each kind of lie is found.
final class HistoryTests: XCTestCase {
  func test_history_whenAllIsRight_passes() throws {
    let run = try Run { try $0.put("k10", "a") }

    try run.judge()
  }

  func test_history_whenAReadMissesAWrite_isRefused() throws {
    let run = try Run {
      try $0.put("k10", "a")
      $0.get("k10", nil, at: 1)
    }

    XCTAssertThrowsError(try run.judge())
  }

  func test_history_whenAReadIsOlderThanAnEarlierAnswer_isRefused() throws {
    let run = try Run {
      try $0.put("k10", "a")
      try $0.put("k11", "b")
      $0.get("k10", "a", revision: 1, at: 1)
    }

    XCTAssertThrowsError(try run.judge()) { error in
      XCTAssertEqual((error as? Violation)?.promise, "R1")
    }
  }

  func test_history_whenARefusedWriteTookEffect_isRefused() throws {
    let run = try Run {
      try $0.put("k10", "a")
      $0.failLast()
    }

    XCTAssertThrowsError(try run.judge()) { error in
      XCTAssertEqual((error as? Violation)?.promise, "R3")
    }
  }

  func test_ledger_whenASequenceTakesEffectTwice_isRefused() throws {
    XCTAssertThrowsError(
      try Run {
        try $0.put("k10", "a", sequence: 9)
        try $0.put("k10", "a", sequence: 9)
      }
    ) { error in
      XCTAssertEqual((error as? Violation)?.promise, "R4")
    }
  }

  func test_keys_whenAReadIsStale_areNotLinearizable() throws {
    let run = try Run {
      try $0.put("k10", "a")
      try $0.put("k10", "b")
      $0.get("k10", "a", revision: 1, at: 2)
    }

    XCTAssertThrowsError(try KeyHistories(run.history).check()) { error in
      XCTAssertEqual((error as? Violation)?.promise, "R1")
    }
  }
}

/// A history made by hand, one operation after the other.
private struct Run {
  private(set) var history = OperationHistory()
  private var applied = AppliedLedger()
  private var cursor = AppliedLedger.Cursor()
  private var store = ReferenceStore()
  private var index: UInt64 = 0

  init(_ body: (inout Run) throws -> Void) throws {
    try body(&self)
  }

  func judge() throws {
    var replay = HistoryReplay(history, applied)
    try replay.check()
    try KeyHistories(history).check()
  }

  mutating func put(_ key: String, _ value: String, sequence: UInt64? = nil) throws {
    index += 1
    let command = Command(
      place: ClientWorkload.texts,
      operation: .kvPut(key: Array(key.utf8), value: Array(value.utf8))
    )
    let reply = store.apply(command, at: index)
    let request = ClientRequest(
      .write,
      session: 1,
      sequence: sequence ?? index,
      command: Bytes(command.encoded())
    )
    let entry = Committed(
      index: LogIndex(index),
      term: Term(1),
      logTimeMicroseconds: 0,
      wallMilliseconds: 0,
      payload: .request(request)
    )
    let number = history.begin(.command(command), by: 0, key: request.key)
    history.end(number, .applied(LogIndex(index), reply))
    let application = ObservedStore.Application(
      index: LogIndex(index),
      command: request.command,
      reply: reply.encoded()
    )
    try applied.applied(application, from: entry, &cursor)
  }

  mutating func get(_ key: String, _ value: String?, revision: UInt64 = 0, at index: UInt64) {
    let question = Query.Question.kvGet(ClientWorkload.texts, key: Array(key.utf8))
    let item = value.map { QueryReply.Item(revision: revision, bytes: Bytes(Array($0.utf8))) }
    let number = history.begin(.query(question, isLinearizable: true), by: 0)
    history.end(number, .answered(LogIndex(index), .item(item)))
  }

  mutating func failLast() {
    let last = history.operations.count - 1
    history.end(last, .failed)
  }
}
