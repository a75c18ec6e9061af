import ClientProtocol
import Glibc
import JepsenHarness
import Transport

/// A demo cluster and what is done to it, one order after the other.
@MainActor
final class DemoSession {
  /// How long a new leader is waited for.
  private static let patienceSeconds = 30
  static let pollMicroseconds = 10_000

  let cluster: ProcessCluster
  /// Breaks links, and everything where there is chaos; nil where nobody asks for either.
  let nemesis: Nemesis?
  let plan: DemoPlan
  let invocation: Invocation
  /// Clients whose answers are judged.
  var load: DemoLoad?
  /// Faults, until somebody heals.
  var chaos: Task<HarnessError?, Never>?
  private let binary: String
  private var background: [(line: String, child: ChildProcess)] = []
  private var interrupted: Int32?

  init(
    cluster: ProcessCluster,
    nemesis: Nemesis?,
    plan: DemoPlan,
    _ invocation: Invocation
  ) {
    self.cluster = cluster
    self.nemesis = nemesis
    self.plan = plan
    self.invocation = invocation
    binary = cluster.plan.binary
  }

  /// Makes whatever is waiting give up.
  func interrupt(_ signal: Int32) {
    interrupted = signal
  }

  /// Carries out an order; false after `\quit`.
  func obey(_ order: DemoOrder, line: String) async throws(CommandFailure) -> Bool {
    switch order {
    case .nothing: break
    case .status: await showStatus()
    case .kill(let target, let documents): try await kill(target, afterDocuments: documents)
    case .restart(let node): try await restart(node)
    case .pause(let target): try await pause(target)
    case .resume(let node):
      try harness { () throws(HarnessError) in try cluster.resume(node) }
      load?.recorder.fault("end pause n\(node)")
      note("resumed n\(node)")
    case .load(let microseconds): try load(microseconds)
    case .partition(let sides): try await partition(sides)
    case .heal: try await heal()
    case .check: try await check()
    case .lie: try await showLie()
    case .evidence: try await showEvidence()
    case .sleep(let microseconds): try await pass(microseconds)
    case .wait: try await waitForBackground()
    case .help: for line in DemoOrder.helpLines { say("  " + line) }
    case .command(let command): try await run(command, line: line)
    case .quit: return false
    }
    return true
  }

  /// Waits for every command in the background; the first that failed is the failure.
  func waitForBackground() async throws(CommandFailure) {
    while let (line, child) = background.first {
      try check(try await end(of: child), of: line)
      background.removeFirst()
    }
  }

  /// Ends everything.
  func stop() {
    for (_, child) in background where child.endIfAny() == nil {
      child.signal(SIGKILL)
      _ = child.waitForEnd()
    }
    background = []
    chaos?.cancel()
    cluster.stopAll()
    nemesis?.network?.remove()
  }

  // MARK: - Words

  func say(_ line: String) {
    StandardStream.output.writeLine(line)
  }

  func note(_ event: String) {
    say("  \(ClockText.now())  \(event)")
  }

  func showStatus() async {
    let views = await cluster.views()
    var table = TextTable(titles: ClusterTable.titles.map { $0.uppercased() })
    for view in views { table.append(ClusterTable.fields(of: view).map(\.value.cell)) }
    for line in table.lines(bold: false) { say("  " + line) }
  }

  // MARK: - Orders

  private func kill(
    _ target: DemoOrder.Target,
    afterDocuments documents: Int?
  ) async throws(CommandFailure) {
    var stored: Int?
    if let documents { stored = try await waitForDocuments(documents) }
    let node = try await self.node(target)
    guard cluster.state(of: node) != .down else {
      throw CommandFailure(.invalidArgument, "there is no process of n\(node) to kill")
    }
    let leader = await cluster.leader()
    let view = await cluster.view(of: node)
    try harness { () throws(HarnessError) in try cluster.kill(node) }
    load?.recorder.fault("begin kill n\(node)")
    let mode = cluster.plan.mode
    let role =
      node == leader
      ? "the \(mode.leaderName), \(mode.termName) \(view?.term ?? 0)" : "a \(mode.followerName)"
    note("killed n\(node) (\(role))" + (stored.map { " at \($0) documents" } ?? ""))
    if node == leader { try await awaitLeader(otherThan: node) }
  }

  private func restart(_ node: Int) async throws(CommandFailure) {
    let wasDown = cluster.state(of: node) == .down
    try harness { () throws(HarnessError) in try cluster.start(node) }
    if wasDown { load?.recorder.fault("end kill n\(node)") }
    note(wasDown ? "started n\(node)" : "n\(node) is not down")
  }

  private func pause(_ target: DemoOrder.Target) async throws(CommandFailure) {
    let node = try await self.node(target)
    let leader = await cluster.leader()
    try harness { () throws(HarnessError) in try cluster.pause(node) }
    load?.recorder.fault("begin pause n\(node)")
    note("paused n\(node)")
    if node == leader { try await awaitLeader(otherThan: node) }
  }

  private func load(_ microseconds: Int) throws(CommandFailure) {
    let words = ["bench", "put", "--outstanding", "16", "--duration", "\(microseconds)us"]
    let line = DemoWords.Line(words: words, isBackground: true)
    try start(line, text: "lockstep " + words.joined(separator: " "))
  }

  func awaitLeader(otherThan old: Int) async throws(CommandFailure) {
    let began = MonotonicClock.now()
    while MonotonicClock.now() - began < UInt64(Self.patienceSeconds) * 1_000_000 {
      if let leader = await cluster.leader(), leader != old {
        let milliseconds = (MonotonicClock.now() - began) / 1_000
        let term = await cluster.view(of: leader)?.term ?? 0
        let termName = cluster.plan.mode.termName
        return note("n\(leader) leads, \(termName) \(term), after \(milliseconds) ms")
      }
      guard cluster.hasQuorum else { return note("too few nodes are left: nobody leads") }
      try await pass(Self.pollMicroseconds)
    }
    throw CommandFailure(.noLeader, "no leader within \(Self.patienceSeconds) s")
  }

  private func node(_ target: DemoOrder.Target) async throws(CommandFailure) -> Int {
    switch target {
    case .node(let node): return node
    case .leader:
      for _ in 0..<Self.patienceSeconds * 100 {
        if let leader = await cluster.leader() { return leader }
        try await pass(Self.pollMicroseconds)
      }
      throw CommandFailure(.noLeader, "nobody leads")
    }
  }

  private func waitForDocuments(_ documents: Int) async throws(CommandFailure) -> Int {
    while true {
      if let stored = await cluster.documentsCount(), stored >= documents { return stored }
      if !background.isEmpty, background.allSatisfy({ $0.child.endIfAny() != nil }) {
        try await waitForBackground()
        throw CommandFailure(
          exitCode: .failed,
          code: "too_few_documents",
          message: "everything in the background has ended before \(documents) documents"
        )
      }
      try await pass(Self.pollMicroseconds)
    }
  }

  // MARK: - Commands

  func run(_ command: DemoWords.Line, line: String) async throws(CommandFailure) {
    try start(command, text: line)
    guard !command.isBackground, let (text, child) = background.popLast() else { return }
    do {
      try check(try await end(of: child), of: text)
    } catch {
      if child.endIfAny() == nil { child.signal(SIGKILL) }
      throw error
    }
  }

  private func start(_ command: DemoWords.Line, text: String) throws(CommandFailure) {
    let needsURL = !command.words.contains { $0 == "--url" || $0.hasPrefix("--url=") }
    let words = (needsURL ? ["--url", cluster.plan.url] : []) + command.words
    let output = command.outputFile.map { ChildProcess.Stream.emptiedFile($0) } ?? .inherited
    try harness { () throws(HarnessError) in
      background.append((text, try ChildProcess(binary, words, output: output)))
    }
  }

  private func end(of child: ChildProcess) async throws(CommandFailure) -> ChildProcess.End {
    while true {
      if let end = child.endIfAny() { return end }
      try await pass(Self.pollMicroseconds)
    }
  }

  private func check(_ end: ChildProcess.End, of line: String) throws(CommandFailure) {
    switch end {
    case .exited(0): return
    case .exited(let status):
      throw CommandFailure(
        exitCode: ExitCode(rawValue: status) ?? .failed,
        code: "command_failed",
        message: "'\(line)' ended with status \(status)"
      )
    case .signalled(let signal):
      throw CommandFailure(
        exitCode: .failed,
        code: "command_failed",
        message: "'\(line)' was ended by signal \(signal)"
      )
    }
  }

  /// Lets time pass, unless a signal came.
  func pass(_ microseconds: Int) async throws(CommandFailure) {
    // Only a cancelled task wakes early, and nobody cancels this one.
    try? await Task.sleep(for: .microseconds(microseconds))
    if let interrupted { throw DemoSession.interruption(by: interrupted) }
  }

  /// The failure with which a signal ends the command.
  static func interruption(by signal: Int32) -> CommandFailure {
    CommandFailure(exitCode: .interrupted, code: "interrupted", message: "signal \(signal)")
  }

  func harness(_ body: () throws(HarnessError) -> Void) throws(CommandFailure) {
    do {
      try body()
    } catch {
      throw CommandFailure(exitCode: .failed, code: "demo_failed", message: "\(error)")
    }
  }
}
