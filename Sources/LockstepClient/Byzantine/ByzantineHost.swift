import Transport

/// Hands a client's mail to its driver, and wakes it when it is time.
final class ByzantineHost: ClientHost {
  private let loop: EventLoop
  private let mailbox: Mailbox<Mail>
  private let names: NameFinder
  private let driver: ByzantineDriver
  private var mail: [Mail] = []
  private var timer: (id: TimerID, due: UInt64)?
  private(set) var closers: [CheckedContinuation<Void, Never>] = []

  init(
    loop: EventLoop,
    mailbox: Mailbox<Mail>,
    options: DriverOptions,
    credentials: ClusterCredentials,
    names: NameFinder
  ) throws(LockstepError) {
    self.loop = loop
    self.mailbox = mailbox
    self.names = names
    driver = try ByzantineDriver(
      loop: loop,
      options: options,
      credentials: credentials,
      resolve: { (name) throws(TransportError) in try names.address(of: name) }
    )
    driver.ended = { [loop] in loop.stop() }
  }

  func failEverything(_ error: LockstepError) {
    driver.failCalls(error)
    for closer in closers { closer.resume() }
    closers = []
  }

  func mailArrived() {
    names.takeFindings()
    driver.connectWhatIsDue()
    mailbox.take(into: &mail)
    for item in mail {
      if case .close(let continuation?) = item { closers.append(continuation) }
      driver.obey(item)
    }
    mail.removeAll(keepingCapacity: true)
  }

  func timerFired(_ token: UInt64) {
    timer = nil
    driver.tick()
  }

  func turnEnded() {
    driver.turnEnded()
    guard let due = driver.tickDue, timer.map({ due < $0.due }) ?? true else { return }
    if let timer { loop.cancel(timer.id) }
    timer = (loop.schedule(at: due, token: 0), due)
  }

  func acceptingPaused(_ listener: Listener, because error: TransportError) {}
}
