import ClientProtocol
import Consensus
import Transport
import XCTest

@testable import LockstepClient

/// A driver on the test's own thread, whose connections keep fewer bytes than usual.
private final class DriverLoop: EventLoopDelegate {
  private let loop: EventLoop
  let driver: ByzantineDriver
  private(set) var ended: [Result<Answer, LockstepError>] = []
  private var isDone: () -> Bool = { false }

  init(_ cluster: FakeReplicas, _ options: DriverOptions, pendingOutBytesMax: Int) throws {
    var limits = TransportLimits()
    limits.pendingOutBytesMax = pendingOutBytesMax
    loop = try EventLoop(waker: Waker(), limits: limits)
    driver = try ByzantineDriver(
      loop: loop,
      options: options,
      credentials: cluster.credentials(),
      resolve: { (name) throws(TransportError) in try SocketAddress(parsing: name).numeric() }
    )
  }

  func start(_ id: UInt64, _ work: Work) {
    let timeout = driver.options.timeoutMicroseconds
    driver.start(
      Call(id: id, work: work, timeoutMicroseconds: timeout, now: driver.now) { [weak self] in
        self?.ended.append($0)
      }
    )
  }

  /// Takes turns until so many calls have ended.
  func run(untilEnded count: Int) throws {
    isDone = { [unowned self] in ended.count >= count }
    timerFired(0)
    driver.turnEnded()
    try loop.run(self)
  }

  func close() { loop.close() }

  func timerFired(_ token: UInt64) {
    driver.tick()
    _ = loop.schedule(at: MonotonicClock.now() + 5_000, token: 0)
  }

  func turnEnded() {
    driver.turnEnded()
    if isDone() { loop.stop() }
  }

  func mailArrived() {}
  func acceptingPaused(_ listener: Listener, because error: TransportError) {}
}

/// Tells contents apart by how they begin (FNV-1a), however large they are.
private struct HeadDigester: Digester {
  func digest(of bytes: [UInt8], domain: DigestDomain) -> Digest {
    let head = bytes.prefix(256).reduce(0xCBF2_9CE4_8422_2325 as UInt64) { sum, byte in
      (sum ^ UInt64(byte)) &* 0x100_0000_01B3
    }
    return Digest(bits: Bits256(head, UInt64(bytes.count), 0, 0))
  }
}

final class ByzantineRoomTests: XCTestCase {
  func test_writes_whenLargeAndManyAndThePrimaryReadsNothing_breakNoLink() throws {
    let cluster = try FakeReplicas([1: .deaf], digester: HeadDigester())
    defer { cluster.stop() }
    let lost = Mutexed<[String]>([])
    var options = DriverOptions(try cluster.url("timeout=120s"))
    options.envelopeMax = 1
    options.onEvent = { event in
      guard case .disconnected(_, let reason) = event else { return }
      lost.value.withLock { $0.append(reason) }
    }
    let client = try DriverLoop(cluster, options, pendingOutBytesMax: 12 << 20)
    defer { client.close() }

    client.start(1, .connect)
    try client.run(untilEnded: 1)
    for number in UInt64(2)...49 {
      let key = Array("key-\(number)".utf8)
      let put = Command.Operation.kvPut(key: key, value: [UInt8](repeating: 1, count: 1 << 20))
      let place = Place(database: defaultDatabase, collection: keyValueCollection)
      client.start(number, .write(Command(place: place, operation: put).encoded()))
    }
    try client.run(untilEnded: 49)

    XCTAssertEqual(client.ended.compactMap(\.failure).map(\.code), [])
    XCTAssertEqual(lost.value.withLock(\.self), [])
  }
}
