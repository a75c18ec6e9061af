import XCTest

@testable import Transport

final class TimerQueueTests: XCTestCase {
  private func drain(_ queue: inout TimerQueue<Int>, at now: UInt64) -> [Int] {
    var fired: [Int] = []
    while let payload = queue.popDue(at: now) { fired.append(payload) }
    return fired
  }

  func test_timerQueue_whenSeveralAreDue_firesThemByDeadlineThenByOrder() {
    var queue = TimerQueue<Int>()
    for (payload, deadline) in [30, 10, 20, 10, 30, 0].enumerated() {
      _ = queue.schedule(at: UInt64(deadline), payload)
    }

    XCTAssertEqual(drain(&queue, at: 20), [5, 1, 3, 2])
    XCTAssertEqual(queue.earliest, 30)
    XCTAssertEqual(drain(&queue, at: 29), [])
    XCTAssertEqual(drain(&queue, at: 30), [0, 4])
  }

  func test_timerQueue_whenATimerIsCancelled_neverFiresIt() {
    var queue = TimerQueue<Int>()
    let ids = (0..<5).map { queue.schedule(at: UInt64($0), $0) }

    queue.cancel(ids[0])
    queue.cancel(ids[3])
    queue.cancel(ids[3])

    XCTAssertEqual(drain(&queue, at: 100), [1, 2, 4])
  }

  func test_timerQueue_whenAnOldNameIsCancelled_leavesTheSlotsNewTimer() {
    var queue = TimerQueue<Int>()
    let old = queue.schedule(at: 1, 1)
    XCTAssertEqual(drain(&queue, at: 1), [1])
    _ = queue.schedule(at: 2, 2)

    queue.cancel(old)

    XCTAssertEqual(drain(&queue, at: 2), [2])
  }

  func test_timerQueue_whenTimersComeAndGoAtRandom_agreesWithASortedList() {
    var queue = TimerQueue<Int>()
    var model: [(deadline: UInt64, payload: Int, id: TimerID)] = []
    var random = Repeatable(state: 42)

    for payload in 0..<5_000 {
      let deadline = UInt64.random(in: 0..<1_000, using: &random)
      model.append((deadline, payload, queue.schedule(at: deadline, payload)))
      guard payload % 3 == 0 else { continue }
      let victim = model.remove(at: Int.random(in: 0..<model.count, using: &random))
      queue.cancel(victim.id)
    }

    let expected = model.sorted { ($0.deadline, $0.payload) < ($1.deadline, $1.payload) }
    XCTAssertEqual(drain(&queue, at: 1_000), expected.map(\.payload))
    XCTAssertEqual(queue.count, 0)
  }

  func test_loop_whenTimersAreDue_firesThemInOrderAndNoneEarly() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let start = MonotonicClock.now()
    _ = fixture.loop.schedule(at: start + 9_000, token: 3)
    _ = fixture.loop.schedule(at: start + 3_000, token: 1)
    let cancelled = fixture.loop.schedule(at: start + 4_000, token: 99)
    _ = fixture.loop.schedule(at: start + 6_000, token: 2)
    fixture.loop.cancel(cancelled)

    try fixture.run(until: { fixture.firedTokens.count == 3 })

    XCTAssertEqual(fixture.firedTokens, [1, 2, 3])
    XCTAssertGreaterThanOrEqual(fixture.loop.turnStart, start + 9_000)
  }

  func test_loop_whenATimerSetsItselfAnew_firesItOncePerTurn() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    for token in 0..<3 { _ = fixture.loop.schedule(at: 0, token: UInt64(token)) }
    fixture.onTimer = { token in _ = fixture.loop.schedule(at: 0, token: token) }

    try fixture.run(until: { fixture.firedTokens.count >= 3 })

    XCTAssertEqual(fixture.firedTokens, [0, 1, 2])
  }

  func test_loop_whenATurnBeginsLate_tellsByHowMuch() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let deadline = MonotonicClock.now() + 1
    _ = fixture.loop.schedule(at: deadline, token: 1)
    while MonotonicClock.now() < deadline + 3_000 {}

    try fixture.loop.turn(fixture)

    XCTAssertGreaterThanOrEqual(fixture.loop.turnLateness, 3_000)
    XCTAssertEqual(fixture.firedTokens, [1])
  }

  func test_loop_whenASocketAndATimerAreReady_readsTheSocketFirst() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let server = Recorder()
    let pair = try fixture.pair(client: Recorder(), server: server)
    var firedBeforeBytes = false
    server.onReceive = { _, _, range in
      firedBeforeBytes = !fixture.firedTokens.isEmpty
      return range.count
    }
    try pair.client.send([1])
    fixture.loop.flush(pair.client)
    _ = fixture.loop.schedule(at: MonotonicClock.now(), token: 1)

    try fixture.run(until: { server.receivedCount == 1 && fixture.firedTokens == [1] })

    XCTAssertFalse(firedBeforeBytes)
  }
}

private struct Repeatable: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
