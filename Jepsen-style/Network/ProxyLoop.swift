import Consensus
import Synchronization
import Transport

/// The thread of a proxy: listens for each link, and moves frames when they are due.
final class ProxyLoop {
  /// What the thread is told.
  enum Order: Sendable {
    case use(LinkFaults, on: Link)
    case stop
  }

  private static let connectionsMax = 64
  private static let pumpToken: UInt64 = 0

  private let loop: EventLoop
  private let orders: Mailbox<Order>
  private let report: @Sendable ([Link: LinkCounts]) -> Void
  private var links: [ProxyLink] = []
  private var alarm: TimerID?
  private var alarmAt: UInt64 = .max

  init(
    waker: Waker,
    orders: Mailbox<Order>,
    report: @escaping @Sendable ([Link: LinkCounts]) -> Void
  ) throws(TransportError) {
    loop = try EventLoop(waker: waker)
    self.orders = orders
    self.report = report
  }

  /// Listens for a link; returns where.
  func open(
    _ link: Link,
    to target: SocketAddress,
    isSealed: Bool,
    random: RandomSource
  ) throws(TransportError) -> SocketAddress {
    let proxied = ProxyLink(
      link,
      to: target,
      isSealed: isSealed,
      loop: loop,
      random: random
    )
    links.append(proxied)
    let any = SocketAddress(host: "127.0.0.1", port: 0)
    let listener = try loop.listen(
      on: any,
      connectionsMax: Self.connectionsMax,
      delegate: proxied
    )
    return listener.address
  }

  /// Works until told to stop.
  func run() throws(TransportError) {
    defer { loop.close() }
    try loop.run(self)
  }
}

extension ProxyLoop: EventLoopDelegate {
  func mailArrived() {
    for order in orders.takeAll() {
      switch order {
      case .use(let faults, let link): links.first { $0.link == link }?.use(faults)
      case .stop: loop.stop()
      }
    }
  }

  func timerFired(_ token: UInt64) {
    alarm = nil
    alarmAt = .max
  }

  func turnEnded() {
    var earliest = UInt64.max
    for link in links {
      if let next = link.pump(at: loop.turnStart) { earliest = min(earliest, next) }
    }
    if earliest < alarmAt {
      if let alarm { loop.cancel(alarm) }
      alarm = loop.schedule(at: earliest, token: Self.pumpToken)
      alarmAt = earliest
    }
    var counts: [Link: LinkCounts] = [:]
    for link in links { counts[link.link] = link.counts }
    report(counts)
  }

  func acceptingPaused(_ listener: Listener, because error: TransportError) {}
}
