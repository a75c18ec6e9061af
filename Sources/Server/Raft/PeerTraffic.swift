import ClientProtocol
import Consensus
import Raft
import Replication
import Transport
import Wire

/// What the owner of peer traffic is told.
protocol PeerTrafficOwner: AnyObject {
  /// A member speaks.
  func received(_ message: PeerMessage<RaftMessage>, from sender: Member)

  /// How this node shows itself in handshakes.
  func card() -> NodeCard

  /// Whether whoever shows itself as this member is let in.
  func admission(of member: Member) -> PeerAdmission
}

/// Connections between members.
///
/// There is one that we dial to each of them and speak on, and one from each that we listen on.
/// Nothing is believed before a handshake names cluster, node and incarnation.
final class PeerTraffic {
  /// Room for strangers who say nothing: they must not keep members out.
  static let connectionsMax = 1_024
  /// Of those who have not said hello, the oldest makes way beyond so many.
  static let unknownMax = 256
  /// So many may be heard whom the configuration does not name, as many as a configuration has
  /// members: the one who came first makes way.
  static let strangersMax = PeerLevels.strangersMax
  /// Who has not said hello by then is shown out, in microseconds.
  private static let handshakeMicroseconds: UInt64 = 2_000_000
  /// A member that acknowledges nothing for so long is dialed anew: after a cut, a fresh connection
  /// works at once, an old one only when TCP tries again.
  static let silenceMilliseconds: UInt32 = 1_000
  /// A member that has more than this to take hears no more until it has; the protocol sends again
  /// what matters (N9).
  private static let outSizeMax = 16 << 20

  let loop: EventLoop
  let identity: Identity
  unowned let owner: any PeerTrafficOwner
  private(set) var links: [PeerLink] = []
  /// Connections that others dialed; at most one of them from each member.
  var guests: [PeerGuest] = []
  private(set) var seats: [ClusterConfiguration.Seat] = []
  /// Where members are dialed whose address in the configuration is not this node's way to them.
  var detours: [NodeID: String] = [:]
  /// What the others' builds understand.
  var levels = PeerLevels()
  /// So many may have said no hello: where connections are few, half of them.
  private(set) var unknownShare = PeerTraffic.unknownMax
  private let names: NameFinder
  private var random: RandomSource
  /// Frames are built here; its storage is used again.
  private var writer = ByteWriter(capacity: 1 << 16)
  var log: EventLog

  init(
    loop: EventLoop,
    identity: Identity,
    owner: any PeerTrafficOwner,
    names: NameFinder,
    log: EventLog
  ) {
    self.names = names
    self.loop = loop
    self.identity = identity
    self.owner = owner
    self.log = log
    random = RandomSource(seed: identity.member.incarnation.rawValue ^ identity.boot)
  }

  /// Listens for the other members.
  func listen(on address: SocketAddress, connectionsMax: Int) throws(TransportError) {
    unknownShare = min(Self.unknownMax, max(1, connectionsMax / 2))
    _ = try loop.listen(on: address, connectionsMax: connectionsMax, delegate: self)
  }

  /// Takes over whom to connect to.
  ///
  /// Whoever leaves goes on to be heard: a leader that removes itself leads until that is
  /// committed.
  func use(_ configuration: ClusterConfiguration) {
    seats = configuration.everybody
    let others = seats.filter { $0.member != identity.member }
    levels.keep(others.map(\.member))
    for link in links where !others.contains(where: { $0 == link.seat }) { link.close() }
    links = others.map { seat in
      links.first { $0.seat == seat } ?? PeerLink(seat: seat, address: detours[seat.member.id])
    }
  }

  /// Dials whoever is not connected and is due.
  func connectWhereDue(at now: UInt64) {
    for link in links where link.isDue(at: now) && !isAnothersByNow(link) {
      do {
        guard let address = try names.address(of: link.address) else { continue }
        let connection = try loop.connect(
          to: address,
          timeoutMicroseconds: PeerLink.connectTimeoutMicroseconds,
          delegate: self
        )
        connection.isUrgent = true
        link.dialed(connection, at: now)
      } catch {
        failed(link, "\(error)")
      }
    }
  }

  /// Whether another member has shown itself at the address.
  ///
  /// It is there in a machine's place, mostly the same node with a new directory: to it each dial
  /// would come from us anew, and end the connection that we speak on.
  private func isAnothersByNow(_ link: PeerLink) -> Bool {
    links.contains {
      $0 !== link && $0.address == link.address && $0.readyConnection != nil
    }
  }

  /// Shows out who connected and never said hello, and gives up whom we dialed and who did not.
  func sweep(at now: UInt64) {
    for link in links where link.isStuck(at: now) { close(link, "no answer to our hello") }
    let late = guests.filter {
      $0.member == nil && now > $0.since + Self.handshakeMicroseconds
    }
    for guest in late { showOut(guest, .deadlineExceeded, "no hello came in time") }
  }

  /// What names stand for may be known now.
  func mailArrived() {
    names.takeFindings()
  }

  /// Sends messages, or drops one where there is no way: the protocol sends again what matters.
  ///
  /// What goes to several members, one behind the other, is written once. Nobody is sent what its
  /// build cannot read: it would close the connection.
  func send(_ envelopes: [Envelope<PeerMessage<RaftMessage>>]) {
    var written: PeerMessage<RaftMessage>?
    for envelope in envelopes {
      guard let (connection, link) = way(to: envelope.recipient),
        connection.pendingOutBytes <= Self.outSizeMax,
        levels.includes(envelope.message.level, of: envelope.recipient)
      else { continue }
      if written != envelope.message {
        writer.removeAll()
        writer.writeFrame(FrameHead(kind: FrameKind.peerMessages.rawValue, requestID: 0)) {
          $0.write(envelope.message)
        }
        written = envelope.message
      }
      if let link {
        send(writer, on: connection, of: link)
      } else {
        do { try connection.send(writer.storage, in: 0..<writer.count) } catch { continue }
      }
    }
  }

  /// The connection to a member: our own, or, where our configuration does not say where it is
  /// reached, the one that it has dialed.
  private func way(to member: Member) -> (Connection, PeerLink?)? {
    if let link = links.first(where: { $0.seat.member == member }) {
      return link.readyConnection.map { ($0, link) }
    }
    return guests.first { $0.member == member }.map { ($0.connection, nil) }
  }

  /// Lets what was sent leave now: the other members work on it while this one goes on.
  func flush() {
    for link in links { link.readyConnection?.flush() }
    for guest in guests where guest.isStranger { guest.connection.flush() }
  }

  func send(_ writer: ByteWriter, on connection: Connection, of link: PeerLink) {
    do {
      try connection.send(writer.storage, in: 0..<writer.count)
    } catch {
      close(link, "\(error)")
    }
  }

  func link(of connection: Connection) -> PeerLink? {
    links.first { $0.connection === connection }
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
}
