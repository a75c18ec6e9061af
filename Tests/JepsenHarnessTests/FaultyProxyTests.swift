import XCTest

@testable import JepsenHarness

/// A proxy between the test, which is node 1, and the test, which is node 2.
final class FaultyProxyTests: XCTestCase {
  private static let there = Link(from: 1, to: 2)
  private static let back = Link(from: 2, to: 1)

  /// Both ends of a connection through a proxy.
  private final class Bench {
    let one: ToyPeer
    let two: ToyPeer
    let proxy: FaultyProxy

    init(seed: UInt64 = 1) throws {
      one = try ToyPeer()
      two = try ToyPeer()
      proxy = try FaultyProxy(
        [FaultyProxyTests.there: two.address, FaultyProxyTests.back: one.address],
        seed: seed
      )
    }

    deinit { proxy.stop() }

    func dial(_ link: Link = FaultyProxyTests.there) throws -> ToySocket {
      try ToySocket(dialing: XCTUnwrap(proxy.address(of: link)))
    }

    /// A connection of which both ends are known, and have spoken.
    func connected() throws -> (caller: ToySocket, callee: ToySocket) {
      let caller = try dial()
      let callee = two.accept()
      let greeting = ToyPeer.frame("hello", kind: 7)
      caller.send(greeting)
      XCTAssertEqual(callee.receive(greeting.count), greeting)
      return (caller, callee)
    }

    /// Changes the accidents of the link, in effect for whatever is sent afterwards.
    func use(_ change: (inout LinkFaults) -> Void) throws {
      var faults = LinkFaults()
      change(&faults)
      proxy.use(faults, on: FaultyProxyTests.there)
      // Orders come before bytes: an answer on another link means that this one was obeyed.
      let caller = try dial(FaultyProxyTests.back)
      let callee = one.accept()
      caller.send([1, 2, 3, 4])
      XCTAssertEqual(callee.receive(4), [1, 2, 3, 4])
    }

    func wait(until isTrue: (LinkCounts) -> Bool) {
      let deadline = Date() + 60
      while Date() < deadline {
        if isTrue(proxy.counts[FaultyProxyTests.there] ?? LinkCounts()) { return }
        sched_yield()
      }
      XCTFail("not so after a minute: \(proxy.counts)")
    }
  }

  func test_link_whenAllIsWell_carriesBytesBothWays() throws {
    let bench = try Bench()
    let (caller, callee) = try bench.connected()
    let frame = ToyPeer.frame(String(repeating: "x", count: 200_000))

    caller.send(frame)
    XCTAssertEqual(callee.receive(frame.count), frame)
    callee.send(ToyPeer.frame("welcome", kind: 2))
    XCTAssertEqual(caller.receive(27), ToyPeer.frame("welcome", kind: 2))
    caller.send([9, 0, 0, 0, 1])

    XCTAssertEqual(callee.receive(5), [9, 0, 0, 0, 1], "what is no frame is passed on")
  }

  func test_link_whenItIsCut_holdsFrames_andLetsThemGoOrBreaks() throws {
    var endings = Set<String>()
    for seed in UInt64(1)...8 {
      let bench = try Bench(seed: seed)
      let (caller, callee) = try bench.connected()
      let frame = ToyPeer.frame("late")

      try bench.use { $0.isCut = true }
      caller.send(frame)
      bench.wait { $0.held == 1 }
      try bench.use { _ in }

      let received = callee.receive(frame.count)
      endings.insert(received == frame ? "arrived" : received.isEmpty ? "broken" : "neither")
    }
    XCTAssertEqual(endings, ["arrived", "broken"])
  }

  func test_link_whenItIsCut_connectsNobody_untilItIsMended() throws {
    let bench = try Bench()
    try bench.use { $0.isCut = true }

    let caller = try bench.dial()
    caller.send(ToyPeer.frame("hello"))
    bench.wait { $0.held == 2 }
    try bench.use { _ in }
    let callee = bench.two.accept()

    XCTAssertEqual(callee.receive(25), ToyPeer.frame("hello"))
  }

  func test_link_whenItIsCut_leavesTheWayBackOpen() throws {
    let bench = try Bench()

    try bench.use { $0.isCut = true }
    let caller = try bench.dial(Self.back)
    let callee = bench.one.accept()
    caller.send(ToyPeer.frame("heard"))

    XCTAssertEqual(callee.receive(25), ToyPeer.frame("heard"))
  }

  func test_frames_whenTheyAreLost_doNotArrive_andLaterOnesDo() throws {
    let bench = try Bench()
    let (caller, callee) = try bench.connected()

    try bench.use { $0.lossPercent = 100 }
    caller.send(ToyPeer.frame("first"))
    bench.wait { $0.lost == 1 }
    try bench.use { _ in }
    caller.send(ToyPeer.frame("other"))

    XCTAssertEqual(callee.receive(25), ToyPeer.frame("other"))
  }

  func test_frames_whenTheyAreDuplicated_arriveTwice() throws {
    let bench = try Bench()
    let (caller, callee) = try bench.connected()

    try bench.use { $0.duplicatePercent = 100 }
    caller.send(ToyPeer.frame("twice"))

    XCTAssertEqual(callee.receive(50), ToyPeer.frame("twice") + ToyPeer.frame("twice"))
    bench.wait { counts in
      FaultKind.allCases.allSatisfy { counts.met(by: $0) == ($0 == .linkDuplicate ? 1 : 0) }
    }
  }

  func test_frames_whenTheyAreCorrupted_differInOneBit() throws {
    let bench = try Bench()
    let (caller, callee) = try bench.connected()
    let frame = ToyPeer.frame("precious")

    try bench.use { $0.corruptPercent = 100 }
    caller.send(frame)
    let received = callee.receive(frame.count)

    XCTAssertEqual(received.count, frame.count)
    let flipped = zip(received, frame).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount }
    XCTAssertEqual(flipped, 1)
    bench.wait { $0.corrupted == 1 }
  }

  func test_connection_whenItIsTruncated_endsInMidFrame() throws {
    let bench = try Bench()
    let (caller, callee) = try bench.connected()
    let frame = ToyPeer.frame(String(repeating: "y", count: 10_000))

    try bench.use { $0.truncatePercent = 100 }
    caller.send(frame)
    let received = callee.receive(frame.count)

    XCTAssertLessThan(received.count, frame.count)
    XCTAssertEqual(received, Array(frame.prefix(received.count)))
    XCTAssertTrue(callee.isEnded)
    XCTAssertTrue(caller.isEnded)
    bench.wait { $0.truncated == 1 }
  }

  func test_frames_whenTheyAreDelayed_arriveInOrder() throws {
    let bench = try Bench()
    let (caller, callee) = try bench.connected()

    try bench.use { $0.delayMilliseconds = 3 }
    let frames = (10..<40).map { ToyPeer.frame("\($0)") }
    for frame in frames { caller.send(frame) }

    XCTAssertEqual(callee.receive(frames.count * 22), frames.flatMap { $0 })
    bench.wait { $0.delayed >= 25 }
  }

  func test_frames_whenTheReaderIsSlow_waitAndArrive() throws {
    let bench = try Bench()
    let (caller, callee) = try bench.connected()

    try bench.use { $0.bytesPerSecond = 1 << 20 }
    let frame = ToyPeer.frame(String(repeating: "z", count: 30_000))
    for _ in 0..<8 { caller.send(frame) }

    XCTAssertEqual(callee.receive(frame.count * 8).count, frame.count * 8)
    bench.wait { $0.slowed > 0 }
  }

  func test_frames_whenTheyAreReplayed_areOldOnes() throws {
    let bench = try Bench()
    let (caller, callee) = try bench.connected()
    let old = ToyPeer.frame("old")
    let new = ToyPeer.frame("new", kind: 7)
    caller.send(old)
    XCTAssertEqual(callee.receive(old.count), old)

    try bench.use { $0.replayPercent = 100 }
    caller.send(new)

    XCTAssertEqual(callee.receive(new.count + old.count), new + old)
    bench.wait { $0.replayed == 1 }
  }

  func test_caller_whenItLeaves_isHeardToTheEnd() throws {
    let bench = try Bench()
    var (caller, callee): (ToySocket?, ToySocket) = try bench.connected()
    let frame = ToyPeer.frame("farewell")

    try bench.use { $0.delayMilliseconds = 5 }
    caller?.send(frame)
    caller = nil

    XCTAssertEqual(callee.receive(frame.count), frame)
    XCTAssertTrue(callee.isEnded)
  }

  func test_callee_whenNobodyListens_isNotReached() throws {
    let proxy: FaultyProxy
    do {
      let gone = try ToyPeer()
      proxy = try FaultyProxy([Self.there: gone.address], seed: 1)
    }
    defer { proxy.stop() }

    let caller = try ToySocket(dialing: XCTUnwrap(proxy.address(of: Self.there)))

    XCTAssertTrue(caller.isEnded)
  }
}
