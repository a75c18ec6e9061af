import ClientProtocol
import Consensus
import Transport
import Wire

/// Owns connections, session and calls of one client, on a thread of its own.
///
/// Callers hand over mail and wait; nothing here is shared, so nothing is locked.
final class Driver: CallDriver {
  let loop: EventLoop
  let options: DriverOptions
  let names: NameFinder
  private let mailbox: Mailbox<Mail>
  private var mail: [Mail] = []

  var links: [NodeLink] = []
  /// The cluster that is meant, or that the first node belonged to; others must, too.
  var cluster: (high: UInt64, low: UInt64)?
  var leader: UInt32?
  var calls: [UInt64: Call] = [:]
  /// Calls without a node to send them to.
  var waitingForLink: [UInt64: Call] = [:]
  /// Calls refused for want of a leader, until one is known or their retry is due.
  var waitingForLeader: [UInt64: Call] = [:]
  /// Writes without a sequence: no session yet, or its window is full.
  var waitingForSequence = WaitingWrites()
  /// Calls to send at the end of this turn.
  var due: [Call] = []
  var session: SessionWindow?
  var opener: Call?
  var sessionNonce: UInt64?
  /// The newest revision seen; reads ask for at least this one.
  var highestRevision: UInt64 = 0
  var alarms: [UInt64: Alarm] = [:]
  var nextToken: UInt64 = 0
  var tickAlarm: AlarmID?
  /// When the next tick is due, while one is.
  var tickDue: UInt64 = 0
  /// When a node was asked last who the members are.
  var membersAskedAt: UInt64
  var nextRequestID: UInt64 = 0
  var rotation = 0
  var random = SystemRandomNumberGenerator()
  var scratch = ByteWriter(capacity: 4_096)
  var closing = Closing.no
  var closers: [CheckedContinuation<Void, Never>] = []

  /// What a timer is for.
  enum Alarm {
    case deadline(Call)
    case retry(Call)
    case tick
  }

  init(
    loop: EventLoop,
    mailbox: Mailbox<Mail>,
    options: DriverOptions,
    names: NameFinder
  ) {
    self.names = names
    self.loop = loop
    self.mailbox = mailbox
    self.options = options
    cluster = options.cluster.map { ($0.high, $0.low) }
    membersAskedAt = loop.turnStart
    for address in options.addresses { addLink(to: address) }
  }

  var now: UInt64 { loop.turnStart }

  func setAlarm(_ alarm: Alarm, at deadline: UInt64) -> AlarmID {
    nextToken += 1
    alarms[nextToken] = alarm
    return AlarmID(token: nextToken, timer: loop.schedule(at: deadline, token: nextToken))
  }

  func cancelAlarm(_ id: inout AlarmID?) {
    guard let alarm = id else { return }
    id = nil
    alarms[alarm.token] = nil
    loop.cancel(alarm.timer)
  }
}

/// Names an alarm that was set.
struct AlarmID {
  let token: UInt64
  let timer: TimerID
}

/// What a driver is told at its start.
struct DriverOptions: Sendable {
  /// The nodes to begin with.
  var addresses: [SocketAddress]
  /// The client's name in the nodes' logs.
  var name: String
  /// How long a call may take unless it says otherwise.
  var timeoutMicroseconds: UInt64
  /// The cluster that is meant, in mode raft; nil for that of the first node that answers.
  var cluster: ClusterID?
  /// Who the nodes are and who we are, where nodes may lie; nil where they may not.
  var credentials: ClusterCredentials?
  /// The most requests in an envelope.
  var envelopeMax = 16
  /// Whether reads are asked of all nodes at once before they are ordered.
  var readsFast = false
  /// Hears what happens, on the driver's thread.
  var onEvent: (@Sendable (ClientEvent) -> Void)?
  /// What a host name stands for; it may take its time.
  var resolve: @Sendable (SocketAddress) throws(TransportError) -> SocketAddress = {
    (name) throws(TransportError) in try name.numeric()
  }
}

extension DriverOptions {
  /// What a URL says.
  init(_ url: ConnectionURL) {
    self.init(
      addresses: url.addresses,
      name: url.name,
      timeoutMicroseconds: url.timeout.wholeMicroseconds,
      readsFast: url.readsFast
    )
  }
}

extension Driver: ClientHost {
  func mailArrived() {
    names.takeFindings()
    connectWhatIsDue()
    mailbox.take(into: &mail)
    for item in mail {
      if case .close(let continuation?) = item { closers.append(continuation) }
      obey(item)
    }
    mail.removeAll(keepingCapacity: true)
  }

  func timerFired(_ token: UInt64) {
    guard let alarm = alarms.removeValue(forKey: token) else { return }
    switch alarm {
    case .deadline(let call): deadlinePassed(call)
    case .retry(let call):
      call.retryTimer = nil
      waitingForLeader[call.id] = nil
      due.append(call)
    case .tick:
      tickAlarm = nil
      tick()
    }
  }

  func turnEnded() {
    releaseWaitingForRoom()
    dispatchDue()
    goOnClosing()
    dispatchDue()
    scheduleTick()
  }

  private func dispatchDue() {
    // Losing a connection while sending makes further calls due; each round loses one, so that
    // this ends.
    while !due.isEmpty {
      let calls = due
      due = []
      for call in calls { dispatch(call) }
      if !waitingForLink.isEmpty { connectWhatIsDue() }
    }
  }

  func acceptingPaused(_ listener: Listener, because error: TransportError) {}
}

extension NodeLink {
  /// Whether another link leads to the same node.
  var isAlias: Bool {
    if case .alias = state { true } else { false }
  }
}
