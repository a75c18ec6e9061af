import ClientProtocol
import Consensus
import Replication
import Transport
import Wire

/// What client traffic needs of the node.
protocol ClientTrafficOwner: AnyObject {
  /// A client asks for something that the replica decides.
  func submit(_ request: ClientRequest, mayForward: Bool, token: ReplyToken)

  /// A client reads.
  func read(_ request: ReadRequest, deadlineMicroseconds: UInt64, token: ReplyToken)

  /// Nobody waits any longer for what these tokens stand for.
  func abandon(_ tokens: [ReplyToken])

  /// The next page of a scan whose first page was read before.
  func continueScan(_ query: [UInt8]) -> [UInt8]

  /// Why a node cannot be made leader, if that is plain at once.
  func objection(toTransferTo target: NodeID) -> (code: ErrorCode, message: String)?

  /// An operator wants another leader.
  func transferLeadership(to target: NodeID?, token: ReplyToken)

  /// An operator wants the members changed.
  func changeMembers(_ change: MemberChange, token: ReplyToken)

  /// How the node stands.
  func nodeStatus() -> NodeStatus

  /// How this node shows itself in handshakes.
  func card() -> NodeCard

  /// What stands before every answer.
  func replyHead() -> Reply.Head

  /// A refusal as clients see it.
  func explain(_ refusal: Refusal) -> Reply.Refused
}

/// What clients ask: frames become requests, replies find whoever waits for them.
final class ClientTraffic {
  /// What an overloaded node suggests, in milliseconds.
  static let retryAfterMilliseconds: UInt32 = 20

  let loop: EventLoop
  let limits: ClientLimits
  unowned let owner: any ClientTrafficOwner
  /// Neither it nor the writer calls anybody, so that no two accesses overlap.
  var tokens = TokenTable()
  /// Those who have streams, whose turn it is first.
  var streamers: [ClientState] = []
  /// Streams begun or asked for, of all clients.
  var streamsCount = 0
  /// Scans without a stream, of all clients.
  var scansCount = 0
  /// The connections; made last, as it needs an owner.
  private(set) lazy var port = ClientPort(
    loop: loop,
    cluster: cluster,
    limits: limits,
    owner: self,
    log: log
  )
  private let cluster: ClusterID
  private let log: EventLog

  init(
    loop: EventLoop,
    identity: Identity,
    limits: ClientLimits,
    owner: any ClientTrafficOwner,
    log: EventLog
  ) {
    self.loop = loop
    cluster = identity.cluster
    self.limits = limits
    self.owner = owner
    self.log = log
  }

  /// Those who are connected.
  var clients: [ConnectionID: ClientState] { port.clients }

  /// Listens for clients.
  func listen(on address: SocketAddress, connectionsMax: Int) throws(TransportError) {
    try port.listen(on: address, connectionsMax: connectionsMax)
  }

  /// Shows out who keeps the port waiting, and ends streams whose state is gone.
  func sweep(at now: UInt64) {
    port.sweep(at: now)
    for client in clients.values { expireScans(of: client, at: now) }
    endOverdueStreams(at: now)
  }
}

extension ClientTraffic: ClientPortOwner {
  func card() -> NodeCard { owner.card() }

  func replyHead() -> Reply.Head { owner.replyHead() }

  func connected(_ client: ClientState) {}

  func received(_ frame: FrameView, in bytes: [UInt8], of client: ClientState) {
    receiveRequest(frame, in: bytes, of: client)
  }

  func forgot(_ client: ClientState) {
    endStreams(of: client)
    endScans(of: client)
    let abandoned = tokens.takeAll(of: client)
    streamsCount -= client.streamsCount
    client.streamsCount = 0
    if !abandoned.isEmpty { owner.abandon(abandoned) }
  }
}
