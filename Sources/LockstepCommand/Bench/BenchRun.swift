import ClientProtocol
import Consensus
import LockstepClient
import Transport

/// A measurement from its first connection to its last answer, on one event loop.
final class BenchRun {
  enum Phase {
    /// Keys are written that will be read.
    case loading
    case warmingUp
    case measuring
    case over
  }

  private static let tickMicroseconds: UInt64 = 10_000
  /// A run in which nothing is answered for so long ends with the last trouble as its error.
  private static let patienceMicroseconds: UInt64 = 10_000_000

  /// Sessions that are not closed by then expire by themselves.
  private static let closingMaxMicroseconds: UInt64 = 500_000

  /// Whether any node was ever reached.
  var hasConnected = false
  let plan: BenchPlan
  let loop: EventLoop
  private(set) var phase: Phase
  private var clients: [any BenchWorker] = []
  private var phaseStartedAt: UInt64
  private var measured: BenchResult
  private var sample: BenchSample?
  private var usage = ProcessorTime()
  private var sentBefore = (envelopes: 0, operations: 0)
  private var trouble = "nothing was answered"
  private var failure: CommandFailure?

  init(_ plan: BenchPlan, seed: UInt64) throws(CommandFailure) {
    self.plan = plan
    do {
      loop = try EventLoop(waker: try Waker())
    } catch {
      throw CommandFailure.of(code: error.code, "\(error)")
    }
    var random = RandomSource(seed: seed)
    phase = plan.mustLoad ? .loading : .warmingUp
    phaseStartedAt = loop.turnStart
    measured = BenchResult(now: loop.turnStart)
    for index in 0..<plan.connections {
      let share = plan.keys * index / plan.connections..<plan.keys * (index + 1) / plan.connections
      let loading = phase == .loading ? share : 0..<0
      clients.append(try worker(index, seed: random.next(), loading: loading))
    }
  }

  private func worker(
    _ index: Int,
    seed: UInt64,
    loading: Range<Int>
  ) throws(CommandFailure) -> any BenchWorker {
    guard let cluster = plan.cluster else {
      return BenchClient(run: self, index: index, seed: seed, loading: loading)
    }
    do {
      return try BenchSigner(
        run: self,
        cluster: cluster,
        index: index,
        seed: seed,
        loading: loading
      )
    } catch {
      throw CommandFailure(error)
    }
  }

  /// Envelopes that all have sent so far, and the operations in them.
  private var sent: (envelopes: Int, operations: Int) {
    clients.reduce((0, 0)) { ($0.0 + $1.sent.envelopes, $0.1 + $1.sent.operations) }
  }

  /// Measures; this takes the whole duration.
  func measure() throws(CommandFailure) -> BenchResult {
    schedule()
    do {
      try loop.run(self)
    } catch {
      throw CommandFailure.of(code: error.code, "\(error)")
    }
    loop.close()
    if let failure { throw failure }
    return measured
  }

  var now: UInt64 { loop.turnStart }

  /// Whether requests are still to be sent.
  var wantsMore: Bool { phase != .over }

  // MARK: - What clients tell

  func noteAnswer(sentAt: UInt64, isFailure: Bool) {
    let now = MonotonicClock.now()
    measured.note(sentAt: sentAt, answeredAt: now, isFailure: isFailure)
    sample?.note(sentAt: sentAt, answeredAt: now, isFailure: isFailure)
  }

  func noteRetries(_ count: Int) {
    if phase == .measuring { measured.retries += count }
  }

  func noteTrouble(_ reason: String) {
    trouble = reason
    if phase == .measuring { measured.trouble = reason }
  }

  /// Ends at once: each node was tried, and none is there.
  func giveUp(_ reason: String) {
    guard failure == nil else { return }
    failure = CommandFailure(
      .cannotConnect,
      "no node can be reached: \(reason)",
      hint: ErrorCode.cannotConnect.advice
    )
    loop.stop()
  }

  // MARK: - Phases

  private func schedule() {
    _ = loop.schedule(at: loop.turnStart + Self.tickMicroseconds, token: 0)
  }

  private func advance() {
    let elapsed = now - phaseStartedAt
    switch phase {
    case .loading:
      guard clients.allSatisfy(\.hasLoaded) else { return }
      enter(.warmingUp)
    case .warmingUp:
      if elapsed >= BenchPlan.warmUpMicroseconds,
        measured.lastAnswerAt > phaseStartedAt
      {
        measured.isMeasuring = true
        sample = plan.sampleMicroseconds.map { BenchSample(every: $0, from: now) }
        usage = ProcessorTime(of: plan.processes)
        sentBefore = sent
        enter(.measuring)
      }
    case .measuring:
      if let fields = sample?.take(at: now) {
        StandardStream.output.writeLine(JSONValue.object(fields).json)
      }
      guard elapsed >= plan.durationMicroseconds else { return }
      measured.seconds = Double(elapsed) / 1e6
      measured.envelopes = sent.envelopes - sentBefore.envelopes
      measured.enveloped = sent.operations - sentBefore.operations
      measured.usage = ProcessorTime(of: plan.processes).since(usage)
      // A cluster that answers nothing to the end has a gap, too.
      measured.stall = max(measured.stall, now - min(now, measured.lastAnswerAt))
      measured.isMeasuring = false
      enter(.over)
      for client in clients { client.close() }
    case .over:
      let isTimeOver = elapsed >= Self.closingMaxMicroseconds
      if isTimeOver || clients.allSatisfy(\.isClosed) { loop.stop() }
    }
  }

  private func enter(_ next: Phase) {
    phase = next
    phaseStartedAt = now
  }

  private func giveUpIfNothingHappens() {
    guard now > measured.lastAnswerAt, now - measured.lastAnswerAt > Self.patienceMicroseconds
    else { return }
    let seconds = Self.patienceMicroseconds / 1_000_000
    failure = CommandFailure(
      .noLeader,
      "no answer for \(seconds) s: \(trouble)",
      hint: "lockstep cluster status"
    )
    loop.stop()
  }
}

extension BenchRun: EventLoopDelegate {
  func mailArrived() {}

  func timerFired(_ token: UInt64) {
    schedule()
    for client in clients { client.tick(now: now) }
    advance()
    giveUpIfNothingHappens()
  }

  func turnEnded() {
    for client in clients { client.fill(now: now) }
  }

  func acceptingPaused(_ listener: Listener, because error: TransportError) {}
}
