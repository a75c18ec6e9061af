import ClientProtocol
import Consensus
import Crypto
import Documents
import Genesis
import PBFT
import Replication
import Storage
package import Transport
import Wire

/// Connects one replica of a Byzantine cluster to the other nodes, its clients, the clock and the
/// threads that write and verify.
///
/// As with `LockstepServer` one event-loop thread owns everything here, and a turn is: read, feed
/// the replica, carry out once what it decided.
package final class ByzantineServer {
  typealias NodeReplica = Replica<PBFTCore, DocumentStore>

  let node: ByzantineNode
  let options: ServerOptions
  private let damage: FoundOnStart
  let loop: EventLoop
  let startedAt: UInt64
  var replica: NodeReplica
  var durablePosition: UInt64
  /// The bytes of the journal's files.
  var journalSize: Int
  /// The bytes of all other files in the directory.
  var otherSize: Int
  var log: EventLog
  /// Keeps the lock.
  private let folder: DataDirectory
  private let recoveredCount: Int
  let disk: DiskThreads
  private let orders: Mailbox<ServerOrder>
  /// Computes roots, and serves and fetches states.
  let states: StateThread
  /// The state that others have to be asked for.
  var wantedState: StateTarget?
  /// Whether it came, and could not be kept.
  var isStateLost = false
  /// When it is tried again where there was no room for it.
  var installPause = InstallPause()
  /// Verify what nodes and what clients say; apart, so that clients cannot make votes wait.
  let peerDesk: VerificationDesk
  let clientDesk: VerificationDesk
  let evidence: EvidenceKeeper
  private(set) var peers: ByzantinePeerTraffic?
  private(set) var clients: ByzantineClientTraffic?
  /// How this node lies; nothing in what ships sets it.
  package var misconduct: (any Misconduct)?
  private var farewell: Farewell?
  private var failure: ServerError?
  private var pauses = PauseNotices()
  /// The primary, while its view goes on.
  var primary: NodeID?
  var isDiskFull = false
  var snapshotFailures = 0
  /// What was said of the core last.
  var told = ToldStanding()
  private var nextSweep: UInt64 = 0

  /// How far a stop has come.
  private struct Farewell {
    var deadline: UInt64
    var isAsked = false
  }

  /// Starts the threads and opens both ports; `run` does the rest.
  ///
  /// - Throws: `ServerError` if a port is taken, the genesis or the key is another one, or the
  ///   journal holds what this version cannot read.
  package init(
    directory: NodeDirectory,
    credentials: ByzantineCredentials,
    options: ServerOptions,
    waker: Waker,
    orders: Mailbox<ServerOrder>
  ) throws(ServerError) {
    folder = directory.folder
    recoveredCount = directory.recovered.records.count
    damage = FoundOnStart(in: directory)
    self.options = options
    self.orders = orders
    let node = try ByzantineNode(
      directory.identity,
      genesisDigest: directory.genesisDigest,
      with: credentials
    )
    self.node = node
    log = EventLog(
      format: options.logFormat,
      node: node.identity.member.id.rawValue,
      sink: options.logSink
    )
    startedAt = MonotonicClock.now()
    durablePosition = directory.journal.durableThrough
    journalSize = directory.journal.room.sizeOnDisk
    otherSize = directory.sizeBesideJournal
    do {
      loop = try EventLoop(waker: waker)
      replica = try Self.replica(of: node, from: directory, options)
      disk = try DiskThreads(
        for: directory,
        scrubPeriodMicroseconds: options.scrubPeriodMicroseconds,
        now: startedAt,
        waker: waker
      )
      peerDesk = try Self.desk(of: node, waker)
      clientDesk = try Self.desk(of: node, waker)
      states = try StateThread(desk: Self.stateDesk(of: node), waker: waker)
      evidence = try Self.evidenceKeeper(of: node, in: credentials.evidencePath, waker)
    } catch {
      throw ServerError(unwrapping: error)
    }
    do throws(ServerError) {
      try openPorts(waker: waker)
    } catch {
      end()
      throw error
    }
  }

  private static func desk(
    of node: ByzantineNode,
    _ waker: Waker
  ) throws(TransportError) -> VerificationDesk {
    try VerificationDesk(
      authority: node.authority,
      verifier: node.verifier,
      threadsCount: 1,
      waker: waker
    )
  }

  private func openPorts(waker: Waker) throws(ServerError) {
    guard let seat = node.genesis.configuration.seat(of: node.identity.member) else {
      throw .noAddress
    }
    let peers = ByzantinePeerTraffic(
      loop: loop,
      node: node,
      owner: self,
      names: NameFinder(waker: waker),
      log: log
    )
    let clients = ByzantineClientTraffic(
      loop: loop,
      node: node,
      limits: options.clients,
      owner: self,
      log: log
    )
    let shares = DescriptorShares(
      of: DescriptorLimit.raised(),
      clientsMax: options.connectionsMax,
      peersMax: ByzantinePeerTraffic.connectionsMax
    )
    do throws(TransportError) {
      try peers.listen(
        on: try SocketAddress(parsing: options.peerListenAddress ?? seat.peerAddress),
        connectionsMax: shares.peers,
        detours: options.peerAddresses
      )
      try clients.listen(
        on: try SocketAddress(parsing: options.clientListenAddress ?? seat.clientAddress),
        connectionsMax: shares.clients
      )
    } catch {
      throw .transport(error)
    }
    self.peers = peers
    self.clients = clients
  }

  /// Serves until ordered to stop.
  ///
  /// - Throws: `ServerError` if the disk failed: nothing unsynced was promised to anybody.
  package func run() throws(ServerError) {
    say(
      .info,
      "server.started",
      [
        ("cluster", "\(node.identity.cluster)"), ("mode", "bft"),
        ("boot", "\(node.identity.boot)"), ("records", "\(recoveredCount)"),
        ("snapshot", "\(replica.snapshotIndex)"), ("damaged_places", "\(damage.places.count)"),
      ]
    )
    tell(of: damage)
    // What was promised there is fenced, or stands elsewhere: nothing waits for these files.
    if damage.isToBeForgotten { disk.journal.isolateDamage() }
    scheduleTick()
    do {
      try loop.run(self)
    } catch {
      fail(.transport(error))
    }
    end()
    if let failure {
      say(.error, "server.failed", [("code", failure.code), ("reason", "\(failure)")])
      throw failure
    }
    say(.info, "server.stopped")
  }

  /// Leaves ports and connections, and sees what was handed to the journal written.
  private func end() {
    loop.close()
    peerDesk.stop()
    clientDesk.stop()
    states.stop()
    evidence.beginStop()
    let isJournalDone = endDisk(within: options.diskFarewellMicroseconds)
    // Its files are on the same disk: where that hangs, nobody waits for them either.
    if isJournalDone { evidence.stop() }
  }

  /// The node must stop, and not a word more leaves it; the first reason is the one that counts.
  func fail(_ error: ServerError) {
    if failure == nil { failure = error }
    loop.stop()
  }

  func say(
    _ level: EventLog.Level,
    _ event: String,
    _ fields: [(name: String, value: String)] = []
  ) {
    log.say(level, event, fields)
  }

  private func scheduleTick() {
    _ = loop.schedule(at: loop.turnStart + options.tickMicroseconds, token: Self.tickToken)
  }
}

extension ByzantineServer: EventLoopDelegate {
  private static let tickToken: UInt64 = 0
  private static let againToken: UInt64 = 1
  private static let sweepMicroseconds: UInt64 = 1_000_000
  /// The token of the transfer that a stop asks for; no client's token is ever so high.
  private static let farewellToken = ReplyToken(.max)

  /// The threads have something to say.
  package func mailArrived() {
    for notice in disk.takeJournalNotices() { obey(notice) }
    for notice in disk.takeSnapshotNotices() { obey(notice) }
    for notice in states.takeNotices() { obey(notice) }
    peers?.mailArrived()
    peerDesk.mailArrived()
    clientDesk.mailArrived()
    for notice in evidence.takeNotices() { obey(notice) }
    for order in orders.takeAll() {
      switch order {
      case .stop: beginFarewell()
      }
    }
  }

  /// A tick is due; the turn that follows does the work.
  package func timerFired(_ token: UInt64) {
    guard token == Self.tickToken else { return }
    scheduleTick()
    guard loop.turnStart >= nextSweep else { return }
    nextSweep = loop.turnStart + Self.sweepMicroseconds
    disk.snapshots.journalIsDurable(through: durablePosition)
    clients?.port.sweep(at: loop.turnStart)
    peers?.sweep(at: loop.turnStart)
    wantStateAgainIfLost()
    evidence.showNext()
  }

  /// Feeds time to the replica and carries out what it decided: the one place per turn.
  package func turnEnded() {
    // Nobody knows what the disk holds then: not a word more.
    guard failure == nil else { return }
    clients?.port.countOutBytes()
    peerDesk.turnEnded()
    clientDesk.turnEnded()
    replica.tick(Clock.reading())
    let begun = replica.beginTurn()
    send(begun.messages)
    disk.journal.persist(begun.records)
    if let position = begun.forgetRecordsBelow { disk.journal.forget(below: position) }
    peers?.flush()
    let turn = replica.endTurn()
    disk.snapshots.take(replica.takeSnapshotOrders())
    takeStateStep()
    if let target = turn.stateWanted { want(target) }
    send(turn.messages)
    clients?.answer(said(turn.orderedReplies))
    sendLateWords()
    if farewell != nil { noteFailedTransfer(in: turn.replies) }
    clients?.answer(said(turn.replies))
    clients?.answerReceipts()
    if let change = turn.leader { primaryChanged(change) }
    for bytes in turn.evidence { evidence.offer(bytes) }
    tellOfStanding()
    peers?.connectWhereDue(at: loop.turnStart)
    if turn.isUnfinished || clients?.receipts.isEmpty == false {
      _ = loop.schedule(at: loop.turnStart, token: Self.againToken)
    }
    endIfDue()
  }

  /// The process is out of descriptors: nodes keep theirs, new clients wait.
  package func acceptingPaused(_ listener: Listener, because error: TransportError) {
    guard pauses.isDue(at: loop.turnStart) else { return }
    say(.warning, "listener.paused", [("reason", "\(error)")])
  }

  /// A primary hands over first, so that nobody waits until it is suspected.
  private func beginFarewell() {
    guard farewell == nil else { return }
    say(.info, "server.stopping")
    farewell = Farewell(deadline: loop.turnStart + options.farewellMicroseconds)
  }

  private func noteFailedTransfer(in replies: [AddressedReply]) {
    for addressed in replies where addressed.token == Self.farewellToken {
      if case .refused = addressed.reply { farewell?.deadline = 0 }
    }
  }

  private func endIfDue() {
    guard let farewell else { return }
    let leads = primary == node.identity.member.id && node.authority.replicas.count > 1
    // Its leaving is on the disk before the others hear of it: the next view shows that they have.
    let isAwaitingNext = farewell.isAsked && primary == nil
    guard leads || isAwaitingNext, loop.turnStart < farewell.deadline else { return loop.stop() }
    guard !farewell.isAsked else { return }
    self.farewell?.isAsked = true
    replica.transferLeadership(to: nil, token: Self.farewellToken)
    _ = loop.schedule(at: loop.turnStart, token: Self.againToken)
  }
}
