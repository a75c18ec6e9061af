import ClientProtocol
import Glibc
import JepsenHarness
import Transport

/// Leads a demo from its first election to its end: by a script, a prompt, or a signal.
@MainActor
final class DemoRunner {
  private let session: DemoSession
  private let events: AsyncStream<DemoEvent>
  private var pending: [DemoEvent] = []
  private var listener: Task<Void, Never>?
  private var waiting: CheckedContinuation<DemoEvent, Never>?

  init(session: DemoSession, events: AsyncStream<DemoEvent>) {
    self.session = session
    self.events = events
    listener = Task { await self.listen() }
  }

  /// Waits until the cluster takes writes, and says where it is.
  func begin(writableWithin seconds: Int, isQuiet: Bool) async throws(CommandFailure) {
    let cluster = session.cluster
    let plan = cluster.plan
    let kind = plan.mode == .raft ? "" : ", of which \((plan.nodesCount - 1) / 3) may lie"
    let chance = session.plan.hasChance ? ", seed \(session.plan.seed)" : ""
    let began = MonotonicClock.now()
    if !isQuiet {
      let name = "lockstep \(lockstepVersion)  demo cluster of \(plan.nodesCount) nodes"
      session.say("  \(name)\(kind)\(chance)")
      session.say("  data in \(plan.folder)")
    }
    while true {
      let isWritable = await cluster.isWritable()
      if let failure = cluster.firstFailure() { throw .of(code: "demo_failed", "\(failure)") }
      if isWritable { break }
      guard MonotonicClock.now() - began < UInt64(seconds) * 1_000_000 else {
        let problem = HarnessError.notWritable(seconds: seconds)
        throw CommandFailure(.noLeader, "\(problem)")
      }
      try await session.pass(20_000)
    }
    try session.startCompany()
    guard !isQuiet else { return }
    let milliseconds = (MonotonicClock.now() - began) / 1_000
    try await waitUntilAllSpeak()
    await session.showStatus()
    session.say("  writable after \(milliseconds) ms   url \(plan.url)")
  }

  /// Gives the client a moment to reach the nodes that were not up at its first try.
  private func waitUntilAllSpeak() async throws(CommandFailure) {
    for _ in 0..<20 {
      guard await session.cluster.views().contains(where: { $0.role == "silent" }) else { return }
      try await session.pass(100_000)
    }
  }

  /// Carries out a script; the first order that fails ends it.
  func run(_ script: DemoScript) async throws(CommandFailure) {
    for line in script.lines {
      session.say("demo> \(line.text)")
      do {
        guard try await session.obey(line.order, line: line.text) else { break }
      } catch {
        throw error.at("\(script.path):\(line.number)")
      }
    }
    do {
      try await session.waitForBackground()
    } catch {
      throw error.at(script.path)
    }
  }

  /// Carries out what is typed, until `\quit`, the end of input or a signal.
  func prompt() async throws(CommandFailure) {
    session.say("  type \\help, \\kill leader, \\partition n1|n2,n3, \\heal, \\check, \\quit")
    while true {
      StandardStream.output.write(Array("demo> ".utf8))
      switch await nextEvent() {
      case .signal(let signal): throw DemoSession.interruption(by: signal)
      case .endOfInput: return
      case .line(let line):
        guard try await goOn(after: line) else { return }
      }
    }
  }

  /// Carries out a line; false after `\quit`.
  ///
  /// What fails is told, and the prompt comes back.
  private func goOn(after line: String) async throws(CommandFailure) -> Bool {
    do {
      return try await session.obey(try DemoOrder(line), line: line)
    } catch {
      guard error.exitCode != .interrupted else { throw error }
      for line in error.lines { StandardStream.error.writeLine(line) }
      return true
    }
  }

  /// Lets the cluster run until somebody ends it.
  func waitForSignal() async {
    while true {
      if case .signal = await nextEvent() { return }
    }
  }

  // MARK: - Events

  /// A signal interrupts whatever the session does; everything else waits to be asked for.
  private func listen() async {
    for await event in events {
      if case .signal(let signal) = event { session.interrupt(signal) }
      if let waiting {
        self.waiting = nil
        waiting.resume(returning: event)
      } else {
        pending.append(event)
      }
    }
  }

  private func nextEvent() async -> DemoEvent {
    guard pending.isEmpty else { return pending.removeFirst() }
    return await withCheckedContinuation { waiting = $0 }
  }
}

extension CommandFailure {
  /// The same failure, with the place where it happened.
  fileprivate func at(_ place: String) -> CommandFailure {
    var failure = self
    failure.message = "\(place): \(message)"
    return failure
  }
}
