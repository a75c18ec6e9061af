import Wire
import ClientProtocol
import Consensus
import Replication
import XCTest

@testable import Server

final class ClientTrafficTests: XCTestCase {
  private let read = Request.read(ReadRequest(.linearizable, query: [1]))
  private let scan = Request.read(ReadRequest(.linearizable, streamCredit: 1, query: [1]))
  private let write = Request.write(
    WriteRequest(session: 1, sequence: 1, answeredThrough: 0, command: [1])
  )

  // MARK: Admission

  func test_requests_beyondTheLimitOfAConnection_areRefusedWithAHint() throws {
    let bench = try ClientBench { $0.requestsPerConnectionMax = 2 }
    let client = try bench.greetedClient()

    try client.post([read, write, read])
    try bench.turn { bench.owner.reads.count == 1 && bench.owner.submitted.count == 1 }
    try bench.settle()
    let refused = try client.nextError()

    XCTAssertEqual(refused.code, .overloaded)
    XCTAssertEqual(refused.outcome, .notApplied)
    XCTAssertGreaterThan(refused.retryAfterMilliseconds, 0)
    XCTAssertEqual(bench.traffic.tokens.count, 2)
  }

  func test_requests_beyondTheBytesOfAConnection_areRefusedUntilAnswered() throws {
    let bench = try ClientBench { $0.pendingPerConnectionSizeMax = 10_000 }
    let client = try bench.greetedClient()
    let large = writeOf(bytes: 9_000, 1)

    try client.post([large, writeOf(bytes: 9_000, 2)])
    try bench.turn { bench.owner.submitted.count == 1 }
    try bench.settle()
    let refused = try client.nextError()
    bench.traffic.answer([.init(.refused(.noLeader), to: bench.owner.submitted[0].token)])
    try client.post([large])
    try bench.turn { bench.owner.submitted.count == 2 }

    XCTAssertEqual(refused.code, .overloaded)
    XCTAssertLessThan(bench.traffic.tokens.size, 10_000)
  }

  func test_requests_beyondTheBytesOfTheNode_areRefusedWhoeverSendsThem() throws {
    let bench = try ClientBench { $0.pendingSizeMax = 10_000 }
    let first = try bench.greetedClient()
    let second = try bench.greetedClient()

    try first.post([writeOf(bytes: 9_000, 1)])
    try bench.turn { bench.owner.submitted.count == 1 }
    try second.post([writeOf(bytes: 9_000, 1)])
    try bench.settle()

    XCTAssertEqual(try second.nextError().code, .overloaded)
  }

  func test_query_ofNoUse_isRefusedBeforeItIsKept() throws {
    let bench = try ClientBench()
    let client = try bench.greetedClient()

    try client.post([.read(ReadRequest(.linearizable, query: [UInt8](repeating: 0, count: 9_000)))])
    try bench.settle()

    XCTAssertEqual(try client.nextError().code, .tooLarge)
    XCTAssertTrue(bench.owner.reads.isEmpty)
  }

  func test_request_whoseDeadlineHasPassed_isDroppedBeforeItIsProposed() throws {
    let bench = try ClientBench()
    let client = try bench.greetedClient()

    try client.post(write, deadlineMilliseconds: 0)
    try bench.settle()
    let refused = try client.nextError()

    XCTAssertEqual(refused.code, .deadlineExceeded)
    XCTAssertEqual(refused.outcome, .notApplied)
    XCTAssertTrue(bench.owner.submitted.isEmpty)
  }

  func test_read_withADeadlineOfDays_isKeptForAMinute() throws {
    let bench = try ClientBench()
    let client = try bench.greetedClient()

    try client.post(read, deadlineMilliseconds: .max)
    try bench.turn { !bench.owner.reads.isEmpty }

    XCTAssertLessThanOrEqual(bench.owner.reads[0].deadline, bench.loop.turnStart + 60_000_000)
  }

  // MARK: Slow readers

  func test_client_whoTakesNoAnswers_isNotReadUntilItDoes() throws {
    let bench = try ClientBench { $0.outPausedSize = 1 << 20 }
    let client = try bench.greetedClient()
    try client.post([Request](repeating: read, count: 16))
    try bench.turn { bench.owner.reads.count == 16 }
    let value = [UInt8](repeating: 7, count: 1 << 20)
    for asked in bench.owner.reads {
      bench.traffic.answer([.init(.answer(index: LogIndex(1), bytes: value), to: asked.token)])
    }
    try bench.settle()

    let submitted = try writeBehind(16, of: client, bench)

    XCTAssertEqual(submitted.whileFull, 0)
    XCTAssertEqual(submitted.taken, 16)
  }

  func test_client_whoTakesTooLittle_isNotReadWhenAllTogetherLeaveTooMuch() throws {
    let bench = try ClientBench {
      $0.outPausedSize = 64 << 20
      $0.outSizeMax = 1 << 20
    }
    let client = try bench.greetedClient()
    try client.post([Request](repeating: write, count: 16))
    try bench.turn { bench.owner.submitted.count == 16 }
    let value = CompactBytes([UInt8](repeating: 7, count: 1 << 20))
    for asked in bench.owner.submitted {
      bench.traffic.answer([.init(.applied(index: LogIndex(1), bytes: value), to: asked.token)])
    }
    try bench.settle()

    let submitted = try writeBehind(16, of: client, bench)

    XCTAssertEqual(submitted.whileFull, 16)
    XCTAssertEqual(submitted.taken, 16)
  }

  func test_client_whoLeavesTooManyAnswers_getsRefusalsInstead() throws {
    let bench = try ClientBench { $0.outPerConnectionSizeMax = 1 << 20 }
    let client = try bench.greetedClient()
    try client.post([Request](repeating: read, count: 4))
    try bench.turn { bench.owner.reads.count == 4 }
    let value = [UInt8](repeating: 7, count: 1 << 20)

    for asked in bench.owner.reads {
      bench.traffic.answer([.init(.answer(index: LogIndex(1), bytes: value), to: asked.token)])
    }
    let taking = try Taking(client, count: 4)
    try bench.turn { taking.isDone }

    XCTAssertEqual(taking.finish(), 4, "every request has an answer")
    XCTAssertEqual(taking.refusals, [.overloaded, .overloaded, .overloaded])
  }

  // MARK: Slow writers

  func test_stranger_whoSaysNoHello_isShownOut() throws {
    let bench = try ClientBench()
    let client = try BlockingClient(bench.address)
    try client.send([20])
    try bench.turn { bench.traffic.clients.count == 1 }

    bench.traffic.sweep(at: bench.loop.turnStart + 9_000_000)
    XCTAssertEqual(bench.traffic.clients.count, 1)
    bench.traffic.sweep(at: bench.loop.turnStart + 11_000_000)
    try bench.settle()

    XCTAssertEqual(bench.traffic.clients.count, 0)
    XCTAssertEqual(try client.nextError().code, .deadlineExceeded)
  }

  func test_client_whoNeverEndsAFrame_isShownOut() throws {
    let bench = try ClientBench()
    let client = try bench.greetedClient()
    try client.send([0, 0, 1, 0, 1, 2, 3])
    try bench.turn { bench.traffic.port.partialBytes == 7 }

    bench.traffic.sweep(at: bench.loop.turnStart + 29_000_000)
    XCTAssertEqual(bench.traffic.clients.count, 1)
    bench.traffic.sweep(at: bench.loop.turnStart + 31_000_000)

    XCTAssertEqual(bench.traffic.clients.count, 0)
    XCTAssertEqual(bench.traffic.port.partialBytes, 0)
  }

  /// It is hardly ever seen between two frames.
  func test_client_whoEndsFramesAllTheTime_stays() throws {
    let bench = try ClientBench()
    let client = try bench.greetedClient()
    let state = try XCTUnwrap(bench.traffic.clients.values.first)
    let ping = BlockingClient.frame(.ping, 9, [], 4_000)
    try client.send(Array(ping.dropLast(2)))
    try bench.turn { state.partialBytes == ping.count - 2 }
    let before = state.partialSince

    try client.send(ping.suffix(2) + ping.dropLast(1))
    try bench.turn { state.partialBytes == ping.count - 1 }
    bench.traffic.sweep(at: before + 30_000_001)

    XCTAssertEqual(bench.traffic.clients.count, 1)
  }

  func test_client_whoIsNotReadFrom_hasAllTheTimeForItsFrameAfterwards() throws {
    let bench = try ClientBench()
    let client = try bench.greetedClient()
    let state = try XCTUnwrap(bench.traffic.clients.values.first)
    try client.send([0, 0, 1, 0, 1, 2, 3])
    try bench.turn { state.partialBytes == 7 }
    let start = bench.loop.turnStart

    state.connection.pauseReading()
    bench.traffic.sweep(at: start + 35_000_000)
    state.connection.resumeReading()
    bench.traffic.sweep(at: start + 64_000_000)
    let isThere = bench.traffic.clients.count == 1
    bench.traffic.sweep(at: start + 66_000_000)

    XCTAssertTrue(isThere)
    XCTAssertEqual(bench.traffic.clients.count, 0)
  }

  func test_unfinishedFrames_ofManyClients_areBoundedTogether() throws {
    let bench = try ClientBench { $0.partialSizeMax = 100_000 }
    let clients = try (0..<3).map { _ in try bench.greetedClient() }
    let start: [UInt8] = [0, 0, 1, 0] + [UInt8](repeating: 0, count: 40_000)

    for client in clients {
      try client.send(start)
      try bench.settle()
    }

    XCTAssertEqual(bench.traffic.clients.count, 2)
    XCTAssertLessThanOrEqual(bench.traffic.port.partialBytes, 100_000)
    XCTAssertEqual(try clients[2].nextError().code, .overloaded)
  }

  // MARK: Clients that vanish

  func test_client_whoVanishes_leavesNothingBehind() throws {
    let bench = try ClientBench()
    var client: BlockingClient? = try bench.greetedClient()
    try client?.post([read, scan, scan, write])
    try bench.turn { bench.owner.reads.count == 3 && bench.owner.submitted.count == 1 }
    bench.answerRead(1, withCursor: 77)
    XCTAssertEqual(bench.traffic.streams.count, 1)

    client = nil
    try bench.turn { bench.traffic.clients.isEmpty }
    try bench.settle()

    XCTAssertEqual(bench.traffic.tokens.count, 0)
    XCTAssertEqual(bench.traffic.tokens.size, 0)
    XCTAssertEqual(bench.traffic.streams.count, 0)
    XCTAssertEqual(bench.traffic.streamsCount, 0)
    XCTAssertEqual(bench.owner.abandoned.count, 3)
    XCTAssertEqual(bench.owner.continued, [.closeCursor(77)])
  }

  func test_answer_forAClientThatIsGone_letsGoOfItsFrozenState() throws {
    let bench = try ClientBench()
    var client: BlockingClient? = try bench.greetedClient()
    try client?.post([scan])
    try bench.turn { bench.owner.reads.count == 1 }
    client = nil
    try bench.turn { bench.traffic.clients.isEmpty }

    bench.answerRead(0, withCursor: 5)

    XCTAssertEqual(bench.owner.continued, [.closeCursor(5)])
  }

  // MARK: Streams

  func test_stream_whenCancelledBeforeItsFirstPage_neverBegins() throws {
    let bench = try ClientBench()
    let client = try bench.greetedClient()
    let id = try client.post(scan)
    try client.post(.cancel, id: id)
    try bench.turn { bench.owner.abandoned.count == 1 }

    bench.answerRead(0, withCursor: 5)

    XCTAssertEqual(bench.traffic.streams.count, 0)
    XCTAssertEqual(bench.traffic.streamsCount, 0)
    XCTAssertEqual(bench.owner.continued, [.closeCursor(5)])
  }

  func test_streams_beyondTheLimitOfAConnection_areRefused() throws {
    let bench = try ClientBench { $0.streamsPerConnectionMax = 2 }
    let client = try bench.greetedClient()

    try client.post([scan, scan, scan])
    try bench.turn { bench.owner.reads.count == 2 }
    try bench.settle()

    XCTAssertEqual(try client.nextError().code, .overloaded)
  }

  func test_stream_withoutCreditForAMinute_isEndedAndToldSo() throws {
    let bench = try ClientBench()
    let client = try bench.greetedClient()
    try client.post(scan)
    try bench.turn { bench.owner.reads.count == 1 }
    bench.answerRead(0, withCursor: 5)
    try bench.settle()
    _ = try client.nextReply()

    bench.traffic.sweep(at: bench.loop.turnStart + 61_000_000)
    try bench.settle()

    XCTAssertEqual(try client.nextError().code, .cursorExpired)
    XCTAssertEqual(bench.traffic.streams.count, 0)
    XCTAssertEqual(bench.traffic.streamsCount, 0)
    XCTAssertEqual(bench.owner.continued.first, .closeCursor(5))
  }

  func test_stream_withCredit_endsWithItsLastPage() throws {
    let bench = try ClientBench()
    let client = try bench.greetedClient()
    let id = try client.post(scan)
    try bench.turn { bench.owner.reads.count == 1 }
    bench.owner.nextPage = bench.page(cursor: 0)
    bench.answerRead(0, withCursor: 5, at: 9)
    try bench.settle()
    let first = try client.nextReply()

    try client.post(.credit(frames: 1), id: id)
    try bench.turn { bench.traffic.streams.isEmpty }
    try bench.settle()
    let last = try client.nextReply()

    XCTAssertEqual([first.more, last.more], [true, false])
    XCTAssertEqual([first.0.head.revision, last.0.head.revision], [9, 9])
    XCTAssertEqual(bench.owner.continued, [.next(cursor: 5)])
    XCTAssertEqual(bench.traffic.streamsCount, 0)
  }

  /// It may have lain unread behind answers that nobody took.
  func test_credit_howeverOld_isGiven() throws {
    let bench = try ClientBench()
    let client = try bench.greetedClient()
    let id = try client.post(scan)
    try bench.turn { bench.owner.reads.count == 1 }
    bench.answerRead(0, withCursor: 5, at: 9)
    try bench.settle()

    try client.post(.credit(frames: 1), id: id, deadlineMilliseconds: 0)
    try bench.settle()

    XCTAssertEqual(bench.owner.continued, [.next(cursor: 5)])
  }

  /// Posts a write behind answers that nobody takes, then takes them: how many writes had been
  /// submitted before that, and how many answers there were.
  private func writeBehind(
    _ answers: Int,
    of client: BlockingClient,
    _ bench: ClientBench
  ) throws -> (whileFull: Int, taken: Int) {
    try client.post([write])
    try bench.settle()
    let submittedWhileFull = bench.owner.submitted.count
    // A client on the loop's own thread: it takes what is there, the loop brings more.
    let taking = try Taking(client, count: answers)
    try bench.turn { taking.isDone }
    try bench.turn { bench.owner.submitted.count == submittedWhileFull + 1 }
    return (submittedWhileFull, taking.finish())
  }

  private func writeOf(bytes: Int, _ sequence: UInt64) -> Request {
    let command = [UInt8](repeating: 0, count: bytes)
    return .write(
      WriteRequest(session: 1, sequence: sequence, answeredThrough: 0, command: Bytes(command))
    )
  }
}
