import ClientProtocol
import Consensus
import Documents
import Glibc
import Raft
import Replication
import Storage
package import Transport
import Wire

/// Connects one replica to its peers, its clients, the clock and the journal thread.
///
/// One event-loop thread owns everything here. In a turn: sockets are read, the replica is fed,
/// and `turnEnded` carries out what it decided, once.
package final class LockstepServer {
  typealias NodeReplica = Replica<RaftCore, DocumentStore>

  let identity: Identity
  let options: ServerOptions
  let loop: EventLoop
  let startedAt: UInt64
  var replica: NodeReplica
  var configuration: ClusterConfiguration
  var durablePosition: UInt64
  var log: EventLog
  private let directory: NodeDirectory
  private let journalThread: JournalThread
  private let journalNotices: Mailbox<JournalThread.Notice>
  private let orders: Mailbox<Order>
  private(set) var peers: PeerTraffic?
  private(set) var clients: ClientTraffic?
  private var farewell: Farewell?
  private var failure: ServerError?
  /// What the head of every reply repeats until the leader changes.
  var leader: NodeID?

  /// What another thread may ask of a running server.
  package enum Order: Sendable {
    /// Hand over leadership, finish what is in hand, and end.
    case stop
  }

  /// How far a stop has come.
  private struct Farewell {
    var deadline: UInt64
  }

  /// Starts the journal thread and opens both ports; `run` does the rest.
  ///
  /// - Throws: `ServerError` if a port is taken or the journal holds what this version cannot read.
  package init(
    directory: NodeDirectory,
    options: ServerOptions,
    waker: Waker,
    orders: Mailbox<Order>
  ) throws(ServerError) {
    self.directory = directory
    self.options = options
    self.orders = orders
    identity = directory.identity
    log = EventLog(format: options.logFormat, node: identity.member.id.rawValue)
    startedAt = MonotonicClock.now()
    durablePosition = directory.journal.durableThrough
    let seed = SystemSeed.draw()
    var start = ReplicaStart<RaftCore>(
      identity: identity,
      coreOptions: options.raft,
      seed: seed,
      now: Clock.reading(),
      journalRoomBytes: directory.journal.room.beyondSpare
    )
    start.options = options.replica
    do {
      loop = try EventLoop(waker: waker)
      replica = try NodeReplica(
        start: start,
        machine: DocumentStore(cursorSeed: SystemSeed.draw()),
        recovered: directory.records
      )
      configuration = replica.core.configuration
      journalNotices = Mailbox(waking: waker)
      journalThread = try JournalThread(journal: directory.journal, notices: journalNotices)
      try openPorts(seed: seed)
    } catch let error as TransportError {
      throw .transport(error)
    } catch let error as ReplicaError {
      throw .replica(error)
    } catch {
      fatalError("only the errors above are thrown: \(error)")
    }
  }

  /// Serves until ordered to stop.
  ///
  /// - Throws: `ServerError` if the disk failed: nothing unsynced was promised to anybody.
  package func run() throws(ServerError) {
    say(
      .info,
      "server.started",
      [
        ("cluster", "\(identity.cluster)"), ("boot", "\(identity.boot)"),
        ("records", "\(directory.records.count)"),
      ]
    )
    scheduleTick()
    do {
      try loop.run(self)
    } catch {
      throw .transport(error)
    }
    if let failure { throw failure }
    journalThread.stop()
    loop.close()
    say(.info, "server.stopped")
  }

  func say(
    _ level: EventLog.Level,
    _ event: String,
    _ fields: [(name: String, value: String)] = []
  ) {
    log.say(level, event, fields)
  }

  private func openPorts(seed: UInt64) throws(TransportError) {
    guard let seat = configuration.seat(of: identity.member.id) else {
      fatalError("a directory is made only for a node with a seat")
    }
    let peers = PeerTraffic(loop: loop, identity: identity, owner: self, seed: seed, log: log)
    let clients = ClientTraffic(loop: loop, identity: identity, owner: self, log: log)
    peers.use(configuration)
    let peerAddress = options.peerListenAddress ?? seat.peerAddress
    let clientAddress = options.clientListenAddress ?? seat.clientAddress
    try peers.listen(on: try SocketAddress(parsing: peerAddress))
    try clients.listen(
      on: try SocketAddress(parsing: clientAddress),
      connectionsMax: options.connectionsMax
    )
    self.peers = peers
    self.clients = clients
  }

  private func scheduleTick() {
    _ = loop.schedule(at: loop.turnStart + options.tickMicroseconds, token: Self.tickToken)
  }
}

extension LockstepServer: EventLoopDelegate {
  private static let tickToken: UInt64 = 0
  private static let scanToken: UInt64 = 1

  /// The journal thread or another thread has something to say.
  package func mailArrived() {
    var notices: [JournalThread.Notice] = []
    journalNotices.take(into: &notices)
    for notice in notices { obey(notice) }
    var waiting: [Order] = []
    orders.take(into: &waiting)
    for order in waiting {
      switch order {
      case .stop: beginFarewell()
      }
    }
  }

  /// A tick is due, or a scan may go on; the turn that follows does the work.
  package func timerFired(_ token: UInt64) {
    guard token == Self.tickToken else { return }
    scheduleTick()
    clients?.closeSilent(at: loop.turnStart)
  }

  /// Feeds time to the replica and carries out what it decided: the one place per turn.
  package func turnEnded() {
    replica.tick(Clock.reading())
    let turn = replica.turn()
    for envelope in turn.messages { peers?.send(envelope) }
    journalThread.persist(turn.records)
    if let change = turn.leader { leaderChanged(change) }
    if let configuration = turn.configuration {
      self.configuration = configuration
      peers?.use(configuration)
    }
    for (token, reply) in turn.replies { answer(token, reply) }
    peers?.connectWhereDue(at: loop.turnStart)
    let canStream = clients?.pumpStreams() ?? false
    if canStream || turn.isUnfinished {
      _ = loop.schedule(at: loop.turnStart, token: Self.scanToken)
    }
    endIfDue()
  }

  /// The process is out of descriptors: peers keep theirs, new clients wait.
  package func acceptingPaused(_ listener: Listener, because error: TransportError) {
    say(.warning, "listener.paused", [("reason", "\(error)")])
  }

  private func answer(_ token: ReplyToken, _ reply: ReplicaReply) {
    if token == Self.farewellToken { return }
    clients?.answer(token, reply)
  }

  private func obey(_ notice: JournalThread.Notice) {
    switch notice {
    case .durable(let position, let room), .room(let room, let position):
      durablePosition = position
      replica.recordsAreDurable(through: position, roomBytes: room.beyondSpare)
    case .failed(let error):
      say(.error, "journal.failed", [("code", error.code), ("reason", "\(error)")])
      failure = .journal(error)
      loop.stop()
    }
  }

  private func leaderChanged(_ change: LeaderChange) {
    leader = change.leader
    let name = change.leader.map { "\($0)" } ?? "none"
    say(.info, "raft.leader.changed", [("leader", name), ("term", "\(change.term)")])
  }
}

extension LockstepServer {
  /// The token of the transfer that a stop asks for; no client's token is ever so high.
  private static let farewellToken = ReplyToken(.max)

  /// A leader hands over first, so that nobody waits for an election.
  private func beginFarewell() {
    guard farewell == nil else { return }
    say(.info, "server.stopping")
    farewell = Farewell(deadline: loop.turnStart + options.farewellMicroseconds)
    if replica.core.status.role == .leader, configuration.seats.count > 1 {
      replica.transferLeadership(to: nil, token: Self.farewellToken)
    }
  }

  private func endIfDue() {
    guard let farewell else { return }
    let leads = replica.core.status.role == .leader && configuration.seats.count > 1
    if !leads || loop.turnStart >= farewell.deadline { loop.stop() }
  }
}
