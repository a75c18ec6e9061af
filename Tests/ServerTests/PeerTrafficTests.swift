import Wire
import ClientProtocol
import Consensus
import Foundation
import Raft
import Replication
import Wire
import XCTest

@testable import Server
@testable import Transport

/// One side's view of its members, on a loop that the test turns by hand.
final class PeerTrafficTests: XCTestCase {
  private let card = NodeCard(id: 2, incarnation: 1002, boot: 1, durablePosition: 0)

  func test_member_whoIsGreeted_hearsMessages() throws {
    let bench = try PeerBench()
    let member = try bench.connectedMember(card)

    bench.send(megabytes: 0)
    try bench.settle()

    XCTAssertEqual(try member.nextFrame().1.head.kind, FrameKind.peerMessages.rawValue)
    XCTAssertTrue(bench.log.contain("event=peer.connected peer=n2"))
  }

  /// It would close the connection.
  func test_member_ofAnEarlierBuild_isNotSentWhatItCannotRead() throws {
    let bench = try PeerBench()
    let member = try bench.connectedMember(card)
    let showing = Showing(
      by: Member(id: NodeID(1), incarnation: Incarnation(1_001)),
      directory: 0,
      start: Showing.Start(boot: 1, process: 1, position: 1),
      position: 1
    )
    let last = LogMark(index: .zero, term: Term(0))
    bench.send(.askEnd(term: Term(1), nonce: 1))
    bench.send(
      .present(.init(term: Term(1), showing: showing, last: last, isAsking: true, news: []))
    )
    bench.send(.timeoutNow(term: Term(1)))
    try bench.settle()

    let (bytes, frame) = try member.nextFrame()

    var reader = ByteReader(bytes, frame.payload)
    XCTAssertEqual(
      try PeerMessage<RaftMessage>(from: &reader),
      .consensus(.timeoutNow(term: Term(1)))
    )
  }

  func test_member_ofThisBuild_isSentEverything() throws {
    let bench = try PeerBench()
    let member = try bench.connectedMember(card, level: FeatureLevel.own.rawValue)
    bench.send(.askEnd(term: Term(1), nonce: 1))
    try bench.settle()

    let (bytes, frame) = try member.nextFrame()

    var reader = ByteReader(bytes, frame.payload)
    XCTAssertEqual(
      try PeerMessage<RaftMessage>(from: &reader),
      .consensus(.askEnd(term: Term(1), nonce: 1))
    )
    let level = FeatureLevel.own
    XCTAssertTrue(bench.log.contain("event=peer.connected peer=n2 boot=1 level=\(level)"))
  }

  func test_member_whoTakesNothing_isSentNoMoreThanTheBound() throws {
    let bench = try PeerBench()
    let member = try bench.connectedMember(card)

    for _ in 0..<100 { bench.send(megabytes: 1) }
    let waiting = try XCTUnwrap(bench.link.readyConnection).pendingOutBytes

    XCTAssertLessThanOrEqual(waiting, 18 << 20)
    XCTAssertGreaterThan(waiting, 15 << 20)
    withExtendedLifetime(member) {}
  }

  func test_member_whoAcknowledgesNothing_isDialedAnew() throws {
    let bench = try PeerBench()
    let member = try bench.connectedMember(card)

    for _ in 0..<16 { bench.send(megabytes: 1) }
    try bench.turn { bench.member.isDialed }
    let again = bench.member.accept()
    try bench.settle()
    try again.welcome(as: card)
    try bench.turn { bench.link.readyConnection != nil }

    XCTAssertTrue(bench.log.contain("event=peer.disconnected peer=n2"))
    withExtendedLifetime(member) {}
  }

  func test_address_whereAnotherNodeAnswers_isNotBelieved() throws {
    let bench = try PeerBench()
    try bench.turn { bench.member.isDialed }
    let stranger = bench.member.accept()
    try bench.settle()

    try stranger.welcome(as: NodeCard(id: 2, incarnation: 9, boot: 1, durablePosition: 0))
    try bench.turn { bench.log.contain("another node answers at \(bench.member.address)") }

    XCTAssertNil(bench.link.readyConnection)
  }

  /// A new directory takes the place of the one before, at the same address: it would take each
  /// connection that is meant for the other for its own, and end the one before.
  func test_member_whoseAddressIsAnothersByNow_isNotDialedWhileThatOneIsThere() throws {
    let bench = try PeerBench(successor: Incarnation(2_002))
    try bench.turn { bench.member.isDialed }
    try bench.settle()
    let connections = [bench.member.accept(), bench.member.accept()]
    try bench.settle()
    for connection in connections {
      try connection.welcome(as: NodeCard(id: 2, incarnation: 2_002, boot: 1, durablePosition: 0))
    }
    try bench.turn { bench.log.contain("another node answers at \(bench.member.address)") }
    try bench.turn { bench.log.contain("event=peer.connected peer=n2") }

    bench.connect(secondsFromNow: 60)
    try bench.settle()

    XCTAssertFalse(bench.member.isDialed)
    withExtendedLifetime(connections) {}
  }

  func test_member_whoseAddressHasADetour_isDialedThere() throws {
    let bench = try PeerBench(memberHost: "nobody.test", hasDetour: true)

    let member = try bench.connectedMember(card)

    XCTAssertTrue(bench.log.contain("event=peer.connected peer=n2"))
    withExtendedLifetime(member) {}
  }

  func test_member_whoseAddressIsAName_isFoundAndDialed() throws {
    let bench = try PeerBench(memberHost: "member.test")

    let member = try bench.connectedMember(card)

    XCTAssertTrue(bench.log.contain("event=peer.connected peer=n2"))
    withExtendedLifetime(member) {}
  }

  func test_member_whoseNameIsUnknown_isLookedForAgain() throws {
    let bench = try PeerBench(memberHost: "nobody.test")

    try bench.turn { bench.log.contain("cannot find the host of nobody.test") }

    XCTAssertNil(bench.link.readyConnection)
    XCTAssertFalse(bench.link.isDue(at: bench.loop.turnStart), "after a pause")
  }

  func test_member_whoTakesTheConnectionAndSaysNothing_isDialedAnew() throws {
    let bench = try PeerBench()
    try bench.turn { bench.member.isDialed }
    let silent = bench.member.accept()
    try bench.settle()

    bench.sweep(secondsFromNow: 3)
    try bench.turn { bench.member.isDialed }

    XCTAssertTrue(bench.log.contain("no answer to our hello"))
    withExtendedLifetime(silent) {}
  }

  func test_connections_thatSayNothing_makeWayForLaterOnes() throws {
    let bench = try PeerBench()
    let address = try bench.listen()
    var silent: [BlockingClient] = []

    for _ in 0..<PeerTraffic.unknownMax + 20 {
      silent.append(try BlockingClient(address))
      try bench.turn { bench.guestsCame == silent.count }
    }
    let member = try bench.guest(card, at: address)

    XCTAssertEqual(bench.guests.count, PeerTraffic.unknownMax)
    XCTAssertTrue(silent[0].isClosedByPeer(), "the oldest makes way")
    XCTAssertEqual(bench.guests.count { $0.member != nil }, 1)
    withExtendedLifetime(member) {}
  }

  func test_connections_thatSayNothing_leaveRoomWhereThereIsLittle() throws {
    let bench = try PeerBench()

    XCTAssertEqual(try bench.unknownShare(of: 1_024), PeerTraffic.unknownMax)
    XCTAssertEqual(try bench.unknownShare(of: 40), 20)
    XCTAssertEqual(try bench.unknownShare(of: 1), 1)
  }

  func test_strangers_whoSayWhoTheyAre_areHeardWithinABound() throws {
    let bench = try PeerBench()
    let address = try bench.listen()
    let member = try bench.guest(card, at: address)
    bench.admission = .stranger

    var strangers: [BlockingClient] = []
    for number in 1...PeerTraffic.strangersMax + 5 {
      let card = NodeCard(id: 3, incarnation: UInt64(number), boot: 1, durablePosition: 0)
      strangers.append(try bench.guest(card, at: address))
    }

    XCTAssertEqual(bench.guests.count { $0.isStranger }, PeerTraffic.strangersMax)
    XCTAssertEqual(bench.guests.count { !$0.isStranger }, 1)
    XCTAssertTrue(strangers[0].isClosedByPeer(), "whoever came first makes way")
    withExtendedLifetime(member) {}
  }

  func test_frame_beforeTheHandshake_mayOnlyBeSmall() throws {
    let bench = try PeerBench()
    let unknown = try BlockingClient(try bench.listen())

    try unknown.send([0, 0, 16, 0, 1, 2, 3])
    try bench.turn { bench.guestsCame == 1 && bench.guests.isEmpty }

    XCTAssertTrue(bench.log.contain("event=peer.refused"))
  }

  func test_member_whoShowsItself_isDialedWithoutDelay() {
    let link = PeerLink(seat: PeerBench.seat(2, "127.0.0.1:1"))
    link.failed(at: 1_000, jitter: 0)

    link.hurry(at: 2_000)

    XCTAssertTrue(link.isDue(at: 2_000), "no back-off any more")
  }
}

/// Peer traffic of node 1, whose only other member is the test.
final class PeerBench: PeerTrafficOwner {
  let loop: EventLoop
  let member: FakeMember
  let log = Lines()
  private(set) var received = 0
  private var traffic: PeerTraffic?
  var admission: PeerAdmission = .member
  /// How many have dialed.
  var guestsCame: Int { listener?.connectionsAccepted ?? 0 }
  private var listener: NotingDelegate?

  init(
    memberHost: String = "127.0.0.1",
    hasDetour: Bool = false,
    successor: Incarnation? = nil
  ) throws {
    let waker = try Waker()
    loop = try EventLoop(waker: waker)
    member = try FakeMember()
    let log = log
    var seats = [Self.seat(1, "127.0.0.1:1"), Self.seat(2, "\(memberHost):\(member.port)")]
    if let successor {
      var seat = seats[1]
      seat.member = Member(id: NodeID(2), incarnation: successor)
      seats.append(seat)
    }
    let traffic = PeerTraffic(
      loop: loop,
      identity: Identity(cluster: ClusterID(high: 7, low: 8), member: seats[0].member, boot: 1),
      owner: self,
      names: NameFinder(waker: waker) { (name) throws(TransportError) in
        try Self.resolve(name)
      },
      log: EventLog(format: .logfmt, node: 1, sink: .lines { log.append($0) })
    )
    if hasDetour { traffic.detours = [NodeID(2): "127.0.0.1:\(member.port)"] }
    traffic.use(ClusterConfiguration(seats: seats))
    self.traffic = traffic
    // A waiting test is turned on without a pause, from the first turn on.
    _ = loop.schedule(at: loop.turnStart, token: 0)
  }

  deinit { loop.close() }

  /// A resolver that knows a single name.
  private static func resolve(_ name: SocketAddress) throws(TransportError) -> SocketAddress {
    guard name.host == "member.test" else {
      throw .hostNotFound(address: name.description, reason: "it is not in this test")
    }
    return SocketAddress(host: "127.0.0.1", port: name.port)
  }

  static func seat(_ id: UInt32, _ peerAddress: String) -> ClusterConfiguration.Seat {
    ClusterConfiguration.Seat(
      member: Member(id: NodeID(id), incarnation: Incarnation(1_000 + UInt64(id))),
      clientAddress: "127.0.0.1:1",
      peerAddress: peerAddress
    )
  }

  var link: PeerLink {
    guard let link = traffic?.links.first else { fatalError("node 2 is a member") }
    return link
  }

  func connectedMember(_ card: NodeCard, level: UInt16? = nil) throws -> BlockingClient {
    try turn { member.isDialed }
    let connection = member.accept()
    try settle()
    try connection.welcome(as: card, level: level)
    try turn { link.readyConnection != nil }
    return connection
  }

  var guests: [PeerGuest] { traffic?.guests ?? [] }

  /// Lets others dial; returns where.
  func listen() throws -> String {
    guard let traffic else { return "" }
    let noting = NotingDelegate(traffic)
    listener = noting
    let any = try SocketAddress(parsing: "127.0.0.1:0")
    return try loop.listen(on: any, connectionsMax: 1_024, delegate: noting).address.description
  }

  /// How many may say nothing where so many connections may be open.
  func unknownShare(of connectionsMax: Int) throws -> Int {
    let any = try SocketAddress(parsing: "127.0.0.1:0")
    try traffic?.listen(on: any, connectionsMax: connectionsMax)
    return traffic?.unknownShare ?? 0
  }

  /// Somebody who has dialed and is let in.
  func guest(_ card: NodeCard, at address: String) throws -> BlockingClient {
    let guest = try BlockingClient(address)
    try guest.say(Hello(clusterHigh: 7, clusterLow: 8, speaker: .peer(card)))
    let member = Member(id: NodeID(card.id), incarnation: Incarnation(card.incarnation))
    try turn { guests.contains { $0.member == member } }
    try settle()
    try guest.takeAck()
    return guest
  }

  func connect(secondsFromNow seconds: UInt64) {
    traffic?.connectWhereDue(at: loop.turnStart + seconds * 1_000_000)
  }

  func sweep(secondsFromNow seconds: UInt64) {
    traffic?.sweep(at: loop.turnStart + seconds * 1_000_000)
  }

  /// A forwarded write of that size.
  func send(megabytes: Int) {
    let command = [UInt8](repeating: 0, count: megabytes << 20)
    let request = ClientRequest(.write, session: 1, sequence: 1, command: Bytes(command))
    traffic?.send([Envelope(to: link.seat.member, .forward(request))])
  }

  func send(_ message: RaftMessage) {
    traffic?.send([Envelope(to: link.seat.member, .consensus(message))])
  }

  func turn(until isTrue: () -> Bool) throws {
    let deadline = Date() + 60
    repeat {
      try loop.turn(self)
      if isTrue() { return }
    } while Date() < deadline
    XCTFail("in vain")
  }

  func settle() throws {
    for _ in 0..<10 {
      Thread.sleep(forTimeInterval: 0.001)
      try loop.turn(self)
    }
  }

  func received(_ message: PeerMessage<RaftMessage>, from sender: Member) { received += 1 }

  func admission(of member: Member) -> PeerAdmission { admission }

  func card() -> NodeCard {
    NodeCard(id: 1, incarnation: 1_001, boot: 1, durablePosition: 0)
  }
}

extension PeerBench: EventLoopDelegate {
  func mailArrived() { traffic?.mailArrived() }
  func timerFired(_ token: UInt64) {}
  func acceptingPaused(_ listener: Listener, because error: TransportError) {}

  func turnEnded() {
    traffic?.connectWhereDue(at: loop.turnStart)
    _ = loop.schedule(at: loop.turnStart, token: 0)
  }
}

/// Counts who has dialed.
private final class NotingDelegate: ConnectionDelegate {
  private let traffic: PeerTraffic
  private(set) var connectionsAccepted = 0

  init(_ traffic: PeerTraffic) { self.traffic = traffic }

  func connectionOpened(_ connection: Connection) {
    connectionsAccepted += 1
    traffic.connectionOpened(connection)
  }

  func connection(
    _ connection: Connection,
    received bytes: [UInt8],
    in range: Range<Int>
  ) -> Int {
    traffic.connection(connection, received: bytes, in: range)
  }

  func connectionDrained(_ connection: Connection) {}

  func connectionClosed(_ connection: Connection, reason: CloseReason) {
    traffic.connectionClosed(connection, reason: reason)
  }
}
