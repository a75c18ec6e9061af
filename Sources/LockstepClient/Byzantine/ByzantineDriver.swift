import ClientProtocol
import Consensus
import Transport
import Wire

/// Owns links, session and calls of a client whose cluster may have nodes that lie.
///
/// It signs what it asks, sends it to the primary first, and believes what f+1 nodes say alike
/// (PBFT §4.1). It lives on its loop's thread and sets no timers: its owner calls `tick` and
/// `turnEnded`.
final class ByzantineDriver: CallDriver {
  /// The most ordered reads that wait for answers.
  static let readsMax = 256
  /// How often the owner is to call `tick` while anything is under way.
  static let tickMicroseconds: UInt64 = 10_000

  let loop: EventLoop
  let options: DriverOptions
  let credentials: ClusterCredentials
  let securing: ClusterCredentials.Securing
  /// What a host name stands for; nil while it is being looked for.
  let resolve: (String) throws(TransportError) -> SocketAddress?
  /// The members in order of their numbers.
  let links: [ReplicaLink]
  /// When the first connections were begun.
  let startedAt: UInt64

  var calls: [UInt64: Call] = [:]
  /// Calls to begin at the end of this turn.
  var due: [Call] = []
  /// First connections that wait for f+1 nodes.
  var connecting: [Call] = []
  /// Writes without a sequence: no session yet, or its window is full.
  var waitingWrites = WaitingLine<Call>()
  /// Reads without a session, or above `readsMax`.
  var waitingReads = WaitingLine<Call>()
  /// Calls to begin again at a time of their own.
  var later: [(at: UInt64, call: Call)] = []
  /// The earliest deadline, or one of a call that has ended.
  var nextDeadline = UInt64.max

  var operations: [RequestKey: OrderedOperation] = [:]
  /// Requests for the next envelopes.
  var unsent = WaitingLine<OrderedOperation>()
  var envelopes: [UInt64: SentEnvelope] = [:]
  var fastReads: [UInt64: FastRead] = [:]
  var readsInFlight = 0
  var responseTime = ResponseTime()
  /// The newest envelope that was answered, and when.
  var answered: (id: UInt64, at: UInt64) = (0, 0)
  /// The view whose primary let us wait, and until when it is not trusted with being asked alone.
  var doubt: (view: UInt64, until: UInt64)?
  /// The view that an honest node has reached.
  var view: UInt64 = 0

  var session: SessionWindow?
  /// Sessions and nonces whose replies are to come over every connection.
  var words: [UInt64] = []
  /// Who has not said yet that it sends them, how many of those may be slow, and for how long.
  var unattached: (ids: [UInt64], spared: Int, until: UInt64) = ([], 0, 0)
  var opener: Call?
  var sessionNonce: UInt64?
  /// No session is asked for before this time.
  var sessionNotBefore: UInt64 = 0
  var lastReadNumber: UInt64 = 0
  var nextRequestID: UInt64 = 0
  /// Envelopes sent for the first time, and the requests in them.
  var sent = (envelopes: 0, operations: 0)
  /// Requests that had to be sent again.
  var resent = 0

  var random = SystemRandomNumberGenerator()
  var scratch = ByteWriter(capacity: 4_096)
  var closing = Closing.no
  /// Hears that everything is closed.
  var ended: () -> Void = {}

  init(
    loop: EventLoop,
    options: DriverOptions,
    credentials: ClusterCredentials,
    resolve: @escaping (String) throws(TransportError) -> SocketAddress?
  ) throws(LockstepError) {
    self.loop = loop
    self.options = options
    self.credentials = credentials
    self.resolve = resolve
    securing = try credentials.prepare()
    startedAt = loop.turnStart
    links = credentials.nodes.map(ReplicaLink.init)
  }

  /// The most envelopes that wait for answers; what comes meanwhile fills the next ones.
  var envelopesMax: Int { max(16, 256 / options.envelopeMax) }

  var now: UInt64 { loop.turnStart }

  /// Who proposes in the view that we know of.
  var primary: ReplicaLink { links[Int(view % UInt64(links.count))] }

  /// The links that envelopes can be sent on.
  var readyLinks: [ReplicaLink] { links.filter { $0.ready != nil } }

  /// When `tick` is to be called next; nil while nothing can happen without being told.
  var tickDue: UInt64? {
    if case .done = closing { return nil }
    let isBusy = !calls.isEmpty || !later.isEmpty
    guard isBusy || links.contains(where: { $0.ready == nil }) else { return nil }
    return min(now + (isBusy ? Self.tickMicroseconds : 25 * Self.tickMicroseconds), nextDeadline)
  }

  /// Does what time asks for: connects, gives up, sends again.
  func tick() {
    if case .done = closing { return }
    connectWhatIsDue()
    giveUpHandshakes()
    beginConnected()
    passDeadlines()
    if session == nil {
      // Whoever came before a session could be asked for again has nobody else to ask for it.
      releaseWrites()
      releaseReads()
    }
    giveUpFastReads()
    sendAgain()
    due += later.filter { $0.at <= now }.map(\.call)
    later.removeAll { $0.at <= now }
  }

  /// Begins what has arrived in this turn, and sends it: what waits goes into envelopes together.
  func turnEnded() {
    repeat {
      let calls = due
      due = []
      for call in calls { dispatch(call) }
      goOnClosing()
    } while !due.isEmpty
    sendUnsent()
  }

  private func passDeadlines() {
    guard nextDeadline <= now else { return }
    let late = calls.values.filter { $0.deadline <= now }.sorted { $0.id < $1.id }
    for call in late { fail(call, deadlineError(of: call)) }
    nextDeadline = calls.values.lazy.map(\.deadline).min() ?? .max
  }
}
