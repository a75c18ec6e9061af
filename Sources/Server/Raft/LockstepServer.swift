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
  /// Keeps the lock; what was recovered is the replica's, which goes on from it.
  private let folder: DataDirectory
  private let recoveredCount: Int
  /// What was not as it was written, until it is made good.
  var damage: FoundOnStart
  let disk: DiskThreads
  private let orders: Mailbox<ServerOrder>
  private(set) var peers: PeerTraffic?
  private(set) var clients: ClientTraffic?
  private var farewell: Farewell?
  private var failure: ServerError?
  /// What the head of every reply repeats until the leader changes.
  var leader: NodeID?
  /// Since when there is none.
  var leaderlessSince: Reading?
  /// Reads that nobody waits for any longer, as heard in this turn.
  var abandoned: Set<ReplyToken> = []
  var isDiskFull = false
  /// The bytes of the journal's files.
  var journalSize: Int
  /// The bytes of all other files in the directory.
  var otherSize: Int
  /// How often in a row a snapshot could not be written.
  var snapshotFailures = 0
  private var nextSweep: UInt64 = 0
  private var pauses = PauseNotices()
  /// When it is said again that this node waits to be admitted.
  var nextWaitingNotice: UInt64 = 0

  /// How far a stop has come.
  private struct Farewell {
    var deadline: UInt64
    /// Whether a transfer is under way; one that failed is tried again.
    var isAsked = false
  }

  /// Starts the journal thread and opens both ports; `run` does the rest.
  ///
  /// - Throws: `ServerError` if a port is taken or the journal holds what this version cannot read.
  package init(
    directory: NodeDirectory,
    options: ServerOptions,
    waker: Waker,
    orders: Mailbox<ServerOrder>
  ) throws(ServerError) {
    folder = directory.folder
    recoveredCount = directory.recovered.records.count
    self.options = options
    self.orders = orders
    identity = directory.identity
    let node = identity.member.id.rawValue
    log = EventLog(format: options.logFormat, node: node, sink: options.logSink)
    leaderlessSince = Clock.reading()
    startedAt = MonotonicClock.now()
    durablePosition = directory.journal.durableThrough
    journalSize = directory.journal.room.sizeOnDisk
    otherSize = directory.sizeBesideJournal
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
      let machine = DocumentStore(cursorSeed: SystemSeed.draw(), handsOver: true)
      replica = try directory.replica(start, with: machine)
      try Self.check(replica.core.status.admission, options)
      configuration = replica.core.configuration
      disk = try DiskThreads(
        for: directory,
        scrubPeriodMicroseconds: options.scrubPeriodMicroseconds,
        now: startedAt,
        waker: waker
      )
    } catch {
      throw ServerError(unwrapping: error)
    }
    damage = FoundOnStart(in: directory)
    do throws(ServerError) {
      try openPorts(waker: waker, home: directory.home)
    } catch {
      end()
      throw error
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
        ("records", "\(recoveredCount)"),
        ("snapshot", "\(replica.snapshotIndex)"), ("damaged_places", "\(damage.places.count)"),
      ]
    )
    tell(of: damage)
    scheduleTick()
    do {
      try loop.run(self)
    } catch {
      fail(.transport(error))
    }
    end()
    if let failure {
      if !failure.isReturn {
        say(.error, "server.failed", [("code", failure.code), ("reason", "\(failure)")])
      }
      throw failure
    }
    say(.info, "server.stopped")
  }

  /// Leaves ports and connections, and sees what was handed to the journal written.
  private func end() {
    loop.close()
    endDisk(within: options.diskFarewellMicroseconds)
  }

  func say(
    _ level: EventLog.Level,
    _ event: String,
    _ fields: [(name: String, value: String)] = []
  ) {
    log.say(level, event, fields)
  }

  private func openPorts(
    waker: Waker,
    home: ClusterConfiguration.Seat?
  ) throws(ServerError) {
    let seat = configuration.seat(of: identity.member)
    guard
      let peerAddress = options.peerListenAddress ?? seat?.peerAddress ?? home?.peerAddress,
      let clientAddress = options.clientListenAddress ?? seat?.clientAddress
        ?? home?.clientAddress
    else { throw .noAddress }
    let peers = PeerTraffic(
      loop: loop,
      identity: identity,
      owner: self,
      names: NameFinder(waker: waker),
      log: log
    )
    let clients = ClientTraffic(
      loop: loop,
      identity: identity,
      limits: options.clients,
      owner: self,
      log: log
    )
    peers.detours = options.peerAddresses
    peers.use(configuration)
    let shares = DescriptorShares(
      of: DescriptorLimit.raised(),
      clientsMax: options.connectionsMax,
      peersMax: PeerTraffic.connectionsMax
    )
    do throws(TransportError) {
      try peers.listen(
        on: try SocketAddress(parsing: peerAddress),
        connectionsMax: shares.peers
      )
      try clients.listen(
        on: try SocketAddress(parsing: clientAddress),
        connectionsMax: shares.clients
      )
    } catch {
      throw .transport(error)
    }
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
  private static let sweepMicroseconds: UInt64 = 1_000_000

  /// The journal thread or another thread has something to say.
  package func mailArrived() {
    for notice in disk.takeJournalNotices() { obey(notice) }
    for notice in disk.takeSnapshotNotices() { obey(notice) }
    peers?.mailArrived()
    for order in orders.takeAll() {
      switch order {
      case .stop: beginFarewell()
      }
    }
  }

  /// A tick is due, or a scan may go on; the turn that follows does the work.
  package func timerFired(_ token: UInt64) {
    guard token == Self.tickToken else { return }
    scheduleTick()
    watchRepair()
    guard loop.turnStart >= nextSweep else { return }
    nextSweep = loop.turnStart + Self.sweepMicroseconds
    disk.snapshots.journalIsDurable(through: durablePosition)
    tellOfWaiting()
    clients?.sweep(at: loop.turnStart)
    peers?.sweep(at: loop.turnStart)
  }

  /// Feeds time to the replica and carries out what it decided: the one place per turn.
  package func turnEnded() {
    // Nobody knows what the disk holds then: not a word more.
    guard failure == nil else { return }
    clients?.port.countOutBytes()
    if !abandoned.isEmpty {
      replica.abandonReads(abandoned)
      abandoned.removeAll()
    }
    if let level = peers?.levels.common { replica.commonLevel = level }
    replica.tick(Clock.reading())
    let begun = replica.beginTurn()
    peers?.send(begun.messages)
    disk.journal.persist(begun.records)
    if let position = begun.forgetRecordsBelow { disk.journal.forget(below: position) }
    peers?.flush()
    let turn = replica.endTurn()
    if let index = turn.unknownCommand {
      return fail(.replica(.unknownCommand(at: index)))
    }
    disk.snapshots.take(replica.takeSnapshotOrders())
    peers?.send(turn.messages)
    if let admission = turn.admission { admissionChanged(admission) }
    // Who was told to stop does so first, and comes back when it is started again.
    if farewell == nil, let successor = turn.successor { return comesBack(as: successor) }
    if let change = turn.leader { leaderChanged(change) }
    if let divergence = turn.divergence { divergenceChanged(divergence) }
    if turn.isRemoved { say(.warning, "member.removed", [("by", "a committed configuration")]) }
    if let configuration = turn.configuration {
      configurationChanged(configuration)
    }
    if farewell != nil { noteFailedTransfer(in: turn.replies) }
    clients?.answer(turn.replies)
    peers?.connectWhereDue(at: loop.turnStart)
    let canStream = clients?.pumpStreams() ?? false
    if canStream || turn.isUnfinished {
      _ = loop.schedule(at: loop.turnStart, token: Self.scanToken)
    }
    endIfDue()
  }

  /// The process is out of descriptors: peers keep theirs, new clients wait.
  package func acceptingPaused(_ listener: Listener, because error: TransportError) {
    guard pauses.isDue(at: loop.turnStart) else { return }
    say(.warning, "listener.paused", [("reason", "\(error)")])
  }

  /// The node must stop, and not a word more leaves it; the first reason is the one that counts.
  func fail(_ error: ServerError) {
    if failure == nil { failure = error }
    loop.stop()
  }

  private func leaderChanged(_ change: LeaderChange) {
    leader = change.leader
    leaderlessSince = change.leader == nil ? Clock.reading() : nil
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
  }

  private func noteFailedTransfer(in replies: [AddressedReply]) {
    for addressed in replies where addressed.token == Self.farewellToken {
      if case .refused = addressed.reply { farewell?.isAsked = false }
    }
  }

  private func endIfDue() {
    guard let farewell else { return }
    let leads = replica.core.status.role == .leader && configuration.seats.count > 1
    guard leads, loop.turnStart < farewell.deadline else {
      loop.stop()
      return
    }
    if !farewell.isAsked {
      self.farewell?.isAsked = true
      replica.transferLeadership(to: nil, token: Self.farewellToken)
      _ = loop.schedule(at: loop.turnStart, token: Self.scanToken)
    }
  }
}
