import ClientProtocol
import Consensus
import Transport
import Wire

/// One connection of a measurement, with a session of its own; it goes where the leader goes.
final class BenchClient: BenchWorker {
  private enum State {
    /// Nothing is open before this time.
    case resting(until: UInt64)
    case connecting
    case greeting
    case opening
    case ready
    case closing
    case closed
  }

  /// The number of the request that closes the session; no other one gets so far.
  private static let closingID = UInt64.max
  private static let connectTimeoutMicroseconds: UInt64 = 1_000_000
  private static let restMicroseconds: UInt64 = 20_000
  /// A node that owes an answer and says nothing for so long is given up.
  private static let silenceMaxMicroseconds: UInt64 = 1_000_000

  private let run: BenchRun
  private let nonce: UInt64
  private let operation: BenchPlan.Operation
  private let keys: Int
  private let outstandingMax: Int
  private let reader = FrameReader(sizeMax: Limits.frameSizeMax)
  private var state = State.resting(until: 0)
  private var connection: Connection?
  private var session: UInt64 = 0
  private var lane = BenchLane()
  private var put: BenchFrame
  private var get: BenchFrame
  private var loading: Range<Int>
  private var random: RandomSource
  private var target: Int
  /// How often no node was found, as long as nobody has found one.
  private var misses = 0
  private var leaderAddress: SocketAddress?
  private var again: [UInt64] = []
  /// Refused for now by a crowded node: sent again at the next tick, as its advice is.
  private var later: [UInt64] = []

  init(run: BenchRun, index: Int, seed: UInt64, loading: Range<Int>) {
    self.run = run
    random = RandomSource(seed: seed)
    nonce = random.next()
    operation = run.plan.operation
    keys = run.plan.keys
    self.loading = loading
    target = index
    outstandingMax = run.plan.outstanding(ofConnection: index)
    put = .put(valueSize: run.plan.valueSize, to: run.plan.place)
    get = .get(from: run.plan.place)
  }

  /// Whether every key of this client's share is written.
  var hasLoaded: Bool { loading.isEmpty && lane.outstanding == 0 }

  var sent: (envelopes: Int, operations: Int) { (0, 0) }

  var isClosed: Bool {
    if case .closed = state { return true }
    return false
  }

  func close() {
    guard case .ready = state else {
      connection?.close()
      connection = nil
      state = .closed
      return
    }
    state = .closing
    ask(.closeSession(session: session), id: Self.closingID)
  }

  // MARK: - Called once a turn

  /// Sends requests until as many are outstanding as there should be.
  func fill(now: UInt64) {
    guard case .ready = state, let connection else { return }
    for id in again { send(id, connection) }
    again.removeAll(keepingCapacity: true)
    let isLoading = run.phase == .loading
    let limit = isLoading ? Int(BenchLane.window) : outstandingMax
    while run.wantsMore, lane.canOpen(below: limit) {
      guard let key = isLoading ? loading.popFirst() : random.number(below: keys) else { return }
      let isPut = isLoading || operation.chooseIsPut(using: &random)
      send(lane.open(key: key, isPut: isPut, at: now), connection)
    }
  }

  /// Connects, or gives up a node that fell silent.
  func tick(now: UInt64) {
    switch state {
    case .resting(let until):
      if now >= until { connect() }
    case .connecting, .greeting, .opening, .ready:
      again += later
      later.removeAll(keepingCapacity: true)
      guard let connection, connection.isOpen else { return }
      let owes = lane.outstanding > 0 || session == 0
      let silence = now > connection.lastReceived ? now - connection.lastReceived : 0
      if owes, silence > Self.silenceMaxMicroseconds { rest(now: now, "no answer for a second") }
    case .closing, .closed: break
    }
  }

  private func send(_ id: UInt64, _ connection: Connection) {
    let key = lane.key(of: id)
    guard lane.isPut(id) else {
      get.fill(id: id, key: key, session: session, answeredThrough: 0)
      return transmit(get.bytes, connection)
    }
    put.fill(id: id, key: key, session: session, answeredThrough: lane.answeredThrough)
    transmit(put.bytes, connection)
  }

  private func transmit(_ bytes: [UInt8], _ connection: Connection) {
    do {
      try connection.send(bytes)
    } catch {
      rest(now: run.now, "\(error)")
    }
  }

  // MARK: - Connecting

  private func connect() {
    let addresses = run.plan.addresses
    let address = leaderAddress ?? addresses[target % addresses.count]
    leaderAddress = nil
    do {
      state = .connecting
      connection = try run.loop.connect(
        to: address,
        timeoutMicroseconds: Self.connectTimeoutMicroseconds,
        delegate: self
      )
    } catch {
      rest(now: run.now, "\(error)")
    }
  }

  /// Leaves this node; the next one is tried, or the leader if it is known.
  private func rest(now: UInt64, _ reason: String) {
    connection?.close()
    connection = nil
    if case .closing = state { state = .closed }
    guard !isClosed else { return }
    target += 1
    run.noteTrouble(reason)
    if !run.hasConnected {
      misses += 1
      if misses >= run.plan.addresses.count { run.giveUp(reason) }
    }
    state = .resting(until: leaderAddress == nil ? now + Self.restMicroseconds : now)
  }

  private func ask(_ request: Request, id: UInt64) {
    guard let connection else { return }
    var writer = ByteWriter()
    request.writeFrame(into: &writer, requestID: id)
    transmit(writer.bytes, connection)
  }

  private func becomeReady() {
    state = .ready
    again = lane.open
    later.removeAll()
    run.noteRetries(again.count)
  }
}

extension BenchClient: ConnectionDelegate {
  func connectionOpened(_ connection: Connection) {
    state = .greeting
    run.hasConnected = true
    var writer = ByteWriter()
    let head = FrameHead(kind: FrameKind.hello.rawValue, requestID: 0)
    writer.writeFrame(head) { $0.write(Hello(speaker: .client(name: "bench"))) }
    transmit(writer.bytes, connection)
  }

  func connectionClosed(_ connection: Connection, reason: CloseReason) {
    self.connection = nil
    switch reason {
    case .endedByPeer: rest(now: run.now, "the node has ended the connection")
    case .failed(let error): rest(now: run.now, "\(error)")
    }
  }

  func connectionDrained(_ connection: Connection) {}

  func connection(
    _ connection: Connection,
    received bytes: [UInt8],
    in range: Range<Int>
  ) -> Int {
    var position = range.lowerBound
    do {
      while let view = try reader.next(in: bytes, position..<range.upperBound) {
        position = view.end
        try receive(view, bytes)
        guard self.connection === connection else { break }
      }
    } catch {
      rest(now: run.now, "\(error)")
    }
    return position - range.lowerBound
  }

  private func receive(_ view: FrameView, _ bytes: [UInt8]) throws(WireError) {
    guard view.head.kind == FrameKind.resultReply.rawValue else {
      return try receiveRare(view, bytes)
    }
    guard let sentAt = lane.close(view.head.requestID) else { return }
    // A reply's head is 18 bytes and the leader's address; then comes the reply's own kind.
    var reader = ByteReader(bytes, view.payload)
    try reader.skip(8)
    try reader.skip(Int(try reader.read(UInt16.self)) + 8)
    run.noteAnswer(sentAt: sentAt, isFailure: try reader.read(UInt8.self) == 0)
  }

  private func receiveRare(_ view: FrameView, _ bytes: [UInt8]) throws(WireError) {
    guard view.head.requestID != Self.closingID else {
      state = .closed
      return
    }
    if view.head.kind == FrameKind.helloAck.rawValue {
      if session == 0 {
        state = .opening
        ask(.openSession(nonce: nonce), id: 0)
      } else {
        becomeReady()
      }
      return
    }
    let reply = try Reply(in: bytes, view)
    switch reply.body {
    case .session(let id):
      session = id
      becomeReady()
    case .error(let refused): refuse(refused, reply.head, id: view.head.requestID)
    case .result, .outcome, .status, .done: break
    }
  }

  private func refuse(_ refused: Reply.Refused, _ head: Reply.Head, id: UInt64) {
    switch refused.code {
    case .notLeader, .noLeader, .leadershipLost, .transferInProgress:
      leaderAddress = try? SocketAddress(parsing: head.leaderAddress)
      rest(now: run.now, refused.message)
    case .overloaded:
      later.append(id)
      run.noteTrouble(refused.message)
      run.noteRetries(1)
    default:
      guard let sentAt = lane.close(id) else {
        rest(now: run.now, refused.message)
        return
      }
      run.noteTrouble(refused.message)
      run.noteAnswer(sentAt: sentAt, isFailure: true)
    }
  }
}
