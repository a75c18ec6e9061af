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

    XCTAssertThrowsError(try run.judgeKeys()) { error in
      XCTAssertEqual((error as? Violation)?.promise, "R1")
    }
  }

  func test_keys_whenManyIncrementsAreUnanswered_areDecidedByTheirFates() throws {
    let run = try Run { try $0.countUnanswered("k10") }

    let keysNeedingFates = try run.judgeKeys(stepsMax: 10_000)

    XCTAssertEqual(keysNeedingFates, 1)
  }

  func test_keys_whenAReadIsStaleAmongUnansweredIncrements_areNotLinearizable() throws {
    let run = try Run {
      let first = try $0.countUnanswered("k10")[0]
      $0.get("k10", "\(first.sum)", revision: first.revision, at: first.revision)
    }

    XCTAssertThrowsError(try run.judgeKeys(stepsMax: 10_000)) { error in
      let reason = (error as? Violation)?.reason ?? ""
      XCTAssertTrue(reason.hasPrefix("kv k10 is not linearizable by what the ledger"), reason)
    }
  }

  func test_keys_whenAReadSeesAnUnansweredIncrementBeforeItIsAsked_areNotLinearizable() throws {
    let run = try Run {
      let last = try $0.countUnanswered("k10")[2]
      $0.get("k10", "\(last.sum + (1 << 50))", revision: 31, at: 31)
      let late = $0.beginIncrement("k10", by: 1 << 50)
      try $0.takeEffect(late)
    }

    XCTAssertThrowsError(try run.judgeKeys(stepsMax: 10_000)) { error in
      let reason = (error as? Violation)?.reason ?? ""
      XCTAssertTrue(reason.hasPrefix("kv k10 is not linearizable by what the ledger"), reason)
    }
  }

  func test_keys_whenNoSearchDecides_areAFailure() throws {
    let run = try Run { try $0.countUnanswered("k10") }

    XCTAssertThrowsError(try run.judgeKeys(stepsMax: 10)) { error in
      let reason = (error as? Violation)?.reason ?? ""
      XCTAssertTrue(reason.hasPrefix("no verdict on kv k10, twice"), reason)
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
    XCTAssertEqual(try judgeKeys(), 0)
  }

  func judgeKeys(stepsMax: Int = 1_000_000) throws -> Int {
    try KeyHistories(history, applied, stepsMax: stepsMax).check()
  }

  mutating func put(_ key: String, _ value: String, sequence: UInt64? = nil) throws {
    let number = begin(
      .kvPut(key: Array(key.utf8), value: Array(value.utf8)),
      sequence: sequence ?? index + 1
    )
    let reply = try takeEffect(number)
    history.end(number, .applied(LogIndex(index), reply))
  }

  /// Forty increments at once of which nobody sees an answer and each fourth comes to nothing;
  /// they take effect in the opposite order, and each tenth effect is read.
  ///
  /// - Returns: What the reads saw.
  @discardableResult
  mutating func countUnanswered(_ key: String) throws -> [(sum: Int64, revision: UInt64)] {
    var reads: [(sum: Int64, revision: UInt64)] = []
    let numbers = (0..<40).map { beginIncrement(key, by: 1 << $0) }
    for number in numbers.reversed() where number % 4 > 0 {
      guard case .incremented(let revision, let sum) = try takeEffect(number) else { continue }
      guard index % 10 == 0 else { continue }
      reads.append((sum, revision))
      get(key, "\(sum)", revision: revision, at: revision)
    }
    for number in numbers { history.end(number, .unknown) }
    return reads
  }

  mutating func beginIncrement(_ key: String, by amount: Int64) -> Int {
    begin(
      .kvIncrement(key: Array(key.utf8), by: amount),
      sequence: UInt64(history.operations.count + 1)
    )
  }

  private mutating func begin(_ operation: Command.Operation, sequence: UInt64) -> Int {
    history.begin(
      .command(Command(place: ClientWorkload.texts, operation: operation)),
      by: 0,
      key: RequestKey(kind: .write, session: 1, sequence: sequence)
    )
  }

  /// An operation takes effect, whether its client learns of it or not.
  @discardableResult
  mutating func takeEffect(_ number: Int) throws -> CommandReply {
    index += 1
    let operation = history.operations[number]
    guard case .command(let command) = operation.question else {
      throw Violation.safety("R3", "only commands take effect")
    }
    let request = ClientRequest(
      .write,
      session: 1,
      sequence: try XCTUnwrap(operation.key).sequence,
      command: Bytes(command.encoded())
    )
    let entry = Committed(
      index: LogIndex(index),
      term: Term(1),
      logTimeMicroseconds: 0,
      wallMilliseconds: 0,
      payload: .request(request)
    )
    let place = LogPlace(index: LogIndex(index), logTimeMicroseconds: 0, wallMilliseconds: 0)
    let reply = store.apply(command, at: place)
    let application = ObservedStore.Application(
      index: LogIndex(index),
      command: request.command,
      reply: reply.encoded()
    )
    try applied.applied(application, from: entry, &cursor)
    return reply
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
