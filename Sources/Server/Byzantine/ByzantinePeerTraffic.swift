import ClientProtocol
import Consensus
import Crypto
import Genesis
import PBFT
import Transport
import Wire

/// What the owner of a Byzantine node's peer traffic is told.
protocol ByzantinePeerOwner: AnyObject {
  /// A member speaks; its connection has shown that it owns the member's key.
  func received(
    _ frame: ByzantineFrame,
    size: Int,
    from member: Member,
    over source: VerificationSource
  )

  /// How this node shows itself in handshakes.
  func card() -> NodeCard
}

/// TLS connections between the nodes of a Byzantine cluster, pinned to the keys of the genesis.
///
/// As in Raft's mode there is one that we dial to each other node and speak on, and one from each
/// that we listen on. Members are fixed, and a stranger gets no further than the handshake.
final class ByzantinePeerTraffic {
  /// Handshakes of strangers must not keep members out.
  static let connectionsMax = 256
  /// What one node may have under verification.
  private static let inFlightMax = 64
  /// A node that has more than this to take hears no more until it has: it says how it stands and
  /// is sent again what it lacks.
  private static let outSizeMax = 16 << 20

  let loop: EventLoop
  let identity: Identity
  let seats: [ClusterConfiguration.Seat]
  /// The digest of the file from which all members of the cluster have to be made.
  let genesisDigest: [UInt8]?
  unowned let owner: any ByzantinePeerOwner
  /// The members' keys, in the order of the seats.
  private let keys: [PublicKey]
  private let endpoint: TLSEndpoint
  private(set) var links: [PeerLink] = []
  /// Connections that others dialed; at most one from each member.
  private(set) var guests: [ByzantineGuest] = []
  /// What each member has under verification, over all its connections.
  private var sources: [Member: VerificationSource] = [:]
  private let names: NameFinder
  private var random: RandomSource
  /// Frames are built here; its storage is used again.
  private var writer = ByteWriter(capacity: 1 << 16)
  var log: EventLog

  init(
    loop: EventLoop,
    node: ByzantineNode,
    owner: any ByzantinePeerOwner,
    names: NameFinder,
    log: EventLog
  ) {
    self.loop = loop
    identity = node.identity
    seats = node.genesis.configuration.seats
    genesisDigest = node.genesisDigest?.bytes
    keys = node.authority.replicas
    endpoint = node.endpoint
    self.owner = owner
    self.names = names
    self.log = log
    random = RandomSource(seed: node.identity.member.incarnation.rawValue ^ node.identity.boot)
  }

  /// Listens for the other members, and begins to dial them.
  func listen(
    on address: SocketAddress,
    connectionsMax: Int,
    detours: [NodeID: String]
  ) throws(TransportError) {
    let others = zip(seats, keys).filter { $0.0.member != identity.member }
    links = others.map { PeerLink(seat: $0.0, address: detours[$0.0.member.id]) }
    let welcome = Set(others.map(\.1))
    let endpoint = endpoint
    _ = try loop.listen(
      on: address,
      connectionsMax: connectionsMax,
      securedBy: { endpoint.accept { welcome.contains($0) } },
      delegate: self
    )
  }

  /// Dials whoever is not connected and is due.
  func connectWhereDue(at now: UInt64) {
    for link in links where link.isDue(at: now) {
      guard let key = key(of: link.seat.member) else { continue }
      do {
        guard let address = try names.address(of: link.address) else { continue }
        let connection = try loop.connect(
          to: address,
          timeoutMicroseconds: PeerLink.connectTimeoutMicroseconds,
          securedBy: endpoint.connect(to: key),
          delegate: self
        )
        connection.isUrgent = true
        link.dialed(connection, at: now)
      } catch {
        failed(link, "\(error)")
      }
    }
  }

  /// Shows out who connected and never said hello, and gives up whom we dialed and who did not.
  func sweep(at now: UInt64) {
    for link in links where link.isStuck(at: now) { close(link, "no answer to our hello") }
    let late = guests.filter { !$0.isGreeted && now > $0.since + PeerLink.handshakeMicroseconds }
    for guest in late { dismiss(guest, .deadlineExceeded, "no hello came in time") }
  }

  /// What names stand for may be known now.
  func mailArrived() {
    names.takeFindings()
  }

  /// Sends a frame to some members, or drops it where there is no way: what matters is sent again
  /// to whoever says that it lacks it.
  ///
  /// A proof may be larger than any frame, and would end the connections.
  func send(_ frame: ByzantineFrame, to members: [Member]) {
    writer.removeAll()
    writer.writeFrame(FrameHead(kind: FrameKind.peerMessages.rawValue, requestID: 0)) {
      $0.write(frame)
    }
    guard writer.count <= Limits.frameSizeMax else { return }
    for member in members {
      guard let link = links.first(where: { $0.seat.member == member }),
        let connection = link.readyConnection, connection.pendingOutBytes <= Self.outSizeMax
      else { continue }
      send(writer, on: connection, of: link)
    }
  }

  /// The members that can be spoken to now.
  var connected: [Member] {
    links.compactMap { $0.readyConnection == nil ? nil : $0.seat.member }
  }

  /// Lets what was sent leave now: the others work on it while this node goes on.
  func flush() {
    for link in links { link.readyConnection?.flush() }
  }

  func key(of member: Member) -> PublicKey? {
    seats.firstIndex { $0.member == member }.map { keys[$0] }
  }

  func member(of key: PublicKey) -> Member? {
    keys.firstIndex(of: key).map { seats[$0].member }
  }

  // MARK: Connections

  func link(of connection: Connection) -> PeerLink? {
    links.first { $0.connection === connection }
  }

  func guest(of connection: Connection) -> ByzantineGuest? {
    guests.first { $0.connection === connection }
  }

  func send(_ writer: ByteWriter, on connection: Connection, of link: PeerLink) {
    do {
      try connection.send(writer.storage, in: 0..<writer.count)
    } catch {
      close(link, "\(error)")
    }
  }

  /// It has dialed anew, so its older connection is dead, whether we have heard so or not (N3).
  func welcome(_ connection: Connection, _ member: Member) {
    for older in guests where older.member == member { older.connection.close() }
    guests.removeAll { $0.member == member }
    connection.isUrgent = true
    let source = sources[member] ?? VerificationSource(inFlightMax: Self.inFlightMax)
    sources[member] = source
    guests.append(
      ByzantineGuest(
        connection: connection,
        member: member,
        since: loop.turnStart,
        source: source
      )
    )
  }

  func close(_ link: PeerLink, _ reason: String) {
    link.close()
    failed(link, reason)
  }

  func failed(_ link: PeerLink, _ reason: String) {
    if link.isNewsWorthy {
      log.say(
        .warning,
        "peer.disconnected",
        [("peer", "\(link.seat.member.id)"), ("reason", reason)]
      )
    }
    names.forget(link.address)
    link.failed(at: loop.turnStart, jitter: random.number(in: 0..<20_000))
  }

  func left(_ guest: ByzantineGuest) {
    guests.removeAll { $0 === guest }
  }

  /// Ends a member's connection after a last word.
  func dismiss(_ guest: ByzantineGuest, _ code: ErrorCode, _ message: String) {
    log.say(
      .warning,
      "peer.refused",
      [("peer", "\(guest.member.id)"), ("code", code.rawValue), ("reason", message)]
    )
    let head = Reply.Head(
      node: identity.member.id.rawValue,
      leader: 0,
      leaderAddress: "",
      revision: 0
    )
    var writer = ByteWriter()
    Reply(head, .error(.init(code, message, outcome: .notApplied)))
      .writeFrame(into: &writer, requestID: 0)
    do {
      try guest.connection.send(writer.bytes)
    } catch {
      guest.connection.close()
    }
    guest.connection.finish()
    left(guest)
  }
}
