import ClientProtocol
import Consensus
import Replication
import XCTest

@testable import Server

/// What pages of scans may cost a turn, and make a node hold.
final class StreamBoundsTests: XCTestCase {
  func test_pages_ofManyStreams_areSpreadOverTurns() throws {
    let (bench, clients) = try streams([[1], [2], [3], [4], [5], [6]])
    bench.owner.pageSize = 400_000

    let isMore = bench.traffic.pumpStreams()

    XCTAssertEqual(bench.owner.continued.count, 3, "a turn sends 1 MiB")
    XCTAssertTrue(isMore)
    withExtendedLifetime(clients) {}
  }

  func test_pages_thatAreTiny_areSpreadOverTurns() throws {
    let (bench, clients) = try streams([[1], [2]])
    bench.owner.pageSize = 0

    let isMore = bench.traffic.pumpStreams()

    XCTAssertLessThan(bench.owner.continued.count, 1_024)
    XCTAssertTrue(isMore)
    withExtendedLifetime(clients) {}
  }

  func test_client_withManyStreams_getsNoMoreThanOneWithASingleOne() throws {
    let (bench, clients) = try streams([Array(10..<40), [1]])
    bench.owner.pageSize = 40_000

    for _ in 0..<2 { _ = bench.traffic.pumpStreams() }

    let pages = bench.owner.continued.count
    let modest = bench.owner.continued.count { $0 == .next(cursor: 1) }
    XCTAssertGreaterThanOrEqual(modest, pages / 2)
    let greedy = Set(bench.owner.continued.map { "\($0)" }).count - 1
    XCTAssertEqual(greedy, min(30, pages - modest), "each of its streams has its turn")
    withExtendedLifetime(clients) {}
  }

  func test_pages_thatNobodyTakes_leaveRoomForOtherAnswers() throws {
    let (bench, clients) = try streams((1...12).map { [$0] }) { $0.outSizeMax = 4 << 20 }
    bench.owner.pageSize = 500_000

    while bench.traffic.pumpStreams() {}

    XCTAssertLessThan(bench.traffic.port.outBytes, (3 << 20) + 600_000)
    XCTAssertGreaterThan(bench.traffic.port.outBytes, 2 << 20)
    bench.isPumping = true
    let taking = try clients.map { try Taking($0, count: 3) }
    try bench.turn { taking.allSatisfy(\.isDone) }
    for taken in taking { XCTAssertEqual(taken.finish(), 3, "they go on") }
  }

  func test_reads_beyondTheShareOfAClient_areRefusedWithAHint() throws {
    let bench = try ClientBench { $0.readsPerClientMax = 2 }
    let (greedy, modest) = (try bench.greetedClient(), try bench.greetedClient())
    let read = Request.read(ReadRequest(.linearizable, query: [1]))
    let scan = Request.read(ReadRequest(.linearizable, streamCredit: 1, query: [1]))
    let write = Request.write(
      WriteRequest(session: 1, sequence: 1, answeredThrough: 0, command: [1])
    )

    try greedy.post([read, scan, read, write])
    try modest.post([read])
    try bench.turn { bench.owner.reads.count >= 3 && bench.owner.submitted.count == 1 }
    try bench.settle()
    let refused = try greedy.nextError()
    bench.traffic.answer([.init(.refused(.noLeader), to: bench.owner.reads[0].token)])
    try greedy.post([read])
    try bench.turn { bench.owner.reads.count == 4 }

    XCTAssertEqual(refused.code, .overloaded)
    XCTAssertEqual(refused.outcome, .notApplied)
    XCTAssertGreaterThan(refused.retryAfterMilliseconds, 0)
  }

  func test_scans_withoutStreams_areBoundedWithThem() throws {
    let bench = try ClientBench { $0.streamsPerConnectionMax = 2 }
    var client: BlockingClient? = try bench.greetedClient()
    let range = Query(.kvRange(Place(collection: "kv"), .all, ScanWindow()))

    try ask(range, 11, bench, client)
    try ask(range, 12, bench, client)
    try client?.post([Request.read(ReadRequest(.linearizable, query: range.encoded()))])
    try bench.settle()
    let refused = try XCTUnwrap(client).nextError()
    try ask(Query(.next(cursor: 11)), 21, bench, client)
    try ask(Query(.closeCursor(12)), 0, bench, client)
    try ask(range, 14, bench, client)
    try client?.post([Request.read(ReadRequest(.linearizable, streamCredit: 1, query: [1]))])
    try bench.settle()
    let refusedStream = try XCTUnwrap(client).nextError()
    client = nil
    try bench.turn { bench.traffic.clients.isEmpty }

    XCTAssertEqual([refused.code, refusedStream.code], [.overloaded, .overloaded])
    XCTAssertEqual(bench.owner.continued, [21, 14].map { .closeCursor($0) })
    XCTAssertEqual(bench.traffic.scansCount, 0)
  }

  /// All that are asked for in one turn are answered before any answer is looked at.
  func test_scans_thatAreAskedForAtOnce_areBoundedBeforeTheyBegin() throws {
    let bench = try ClientBench { $0.streamsPerConnectionMax = 2 }
    var client: BlockingClient? = try bench.greetedClient()
    let range = Query(.kvRange(Place(collection: "kv"), .all, ScanWindow())).encoded()
    let scan = Request.read(ReadRequest(.linearizable, query: range))

    try client?.post([scan, scan, scan])
    try bench.turn { bench.owner.reads.count >= 2 }
    try bench.settle()
    let refused = try XCTUnwrap(client).nextError()
    let tokens = bench.owner.reads.map(\.token)
    bench.traffic.answer(tokens.map { .init(.refused(.noLeader), to: $0) })
    try client?.post([scan, scan])
    try bench.turn { bench.owner.reads.count == 4 }
    client = nil
    try bench.turn { bench.traffic.clients.isEmpty }

    XCTAssertEqual(refused.code, .overloaded)
    XCTAssertEqual(tokens.count, 2)
    XCTAssertEqual(bench.traffic.tokens.beginningsCount, 0)
  }

  func test_scans_thatAreNoLongerHeld_leaveTheirPlaces() throws {
    let bench = try ClientBench { $0.streamsPerConnectionMax = 1 }
    let client = try bench.greetedClient()
    let range = Query(.kvRange(Place(collection: "kv"), .all, ScanWindow()))
    XCTAssertNil(try ask(range, 11, bench, client))

    bench.traffic.sweep(at: bench.loop.turnStart + Limits.cursorLifeMicroseconds)

    XCTAssertNil(try ask(range, 12, bench, client))
    XCTAssertEqual(bench.traffic.scansCount, 1)
  }

  func test_page_whenThereIsNoRoomForIt_isNotSaidToBeHadLater() throws {
    let bench = try ClientBench { $0.outPerConnectionSizeMax = -1 }
    let client = try bench.greetedClient()
    let range = Query(.kvRange(Place(collection: "kv"), .all, ScanWindow()))

    let first = try ask(range, 11, bench, client)
    let next = try ask(Query(.next(cursor: 11)), 12, bench, client)

    XCTAssertEqual([first?.code, next?.code], [.overloaded, .cursorExpired])
    XCTAssertEqual(bench.owner.continued, [11, 12].map { .closeCursor($0) })
  }

  /// Asks and answers with a page that names a cursor; the refusal, if it is one.
  @discardableResult
  private func ask(
    _ query: Query,
    _ cursor: UInt64,
    _ bench: ClientBench,
    _ client: BlockingClient?
  ) throws -> Reply.Refused? {
    let client = try XCTUnwrap(client)
    let before = bench.owner.reads.count
    try client.post(Request.read(ReadRequest(.linearizable, query: query.encoded())))
    try bench.turn { bench.owner.reads.count > before }
    let reply = ReplicaReply.answer(index: LogIndex(1), bytes: bench.page(cursor: cursor))
    bench.traffic.answer([.init(reply, to: bench.owner.reads[before].token)])
    try bench.settle()
    guard case .error(let refused) = try client.nextReply().0.body else { return nil }
    return refused
  }

  /// Clients with streams of these cursors, none of which has gone on yet.
  private func streams(
    _ cursors: [[UInt64]],
    _ adjust: (inout ClientLimits) -> Void = { _ in }
  ) throws -> (ClientBench, [BlockingClient]) {
    let bench = try ClientBench(adjust)
    bench.isPumping = false
    let clients = try cursors.map { cursors in
      let client = try bench.greetedClient()
      try bench.beginStreams(cursors, of: client)
      return client
    }
    return (bench, clients)
  }
}
