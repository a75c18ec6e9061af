import ClientProtocol
import Glibc
import JepsenHarness

/// `lockstep demo`.
enum DemoCommand {
  private static let writableSeconds = 30

  @MainActor
  static func run(_ invocation: Invocation) async throws(CommandFailure) {
    let liar = try liar(invocation)
    let script = try script(liar, invocation)
    let isPrompt = Self.isPrompt(script)
    // Before anything has threads, so that all of them leave the signals alone.
    let events = try DemoEvent.stream(readingLines: isPrompt)
    let named = invocation.optional("data")
    let mode = liar == nil ? ClusterMode(rawValue: invocation.text("mode")) ?? .raft : .bft
    let nodesCount = try nodesCount(in: mode, invocation)
    let folder = try folder(named)
    var plan = ProcessCluster.Plan(
      binary: OwnProgram.path(),
      nodesCount: nodesCount,
      basePort: invocation.integer("base-port"),
      folder: folder
    )
    plan.mode = mode
    plan.liars = liar.map { [$0] } ?? []
    do {
      try await run(plan, script: script, events: events, invocation)
    } catch {
      guard named == nil, error.exitCode == .interrupted else {
        StandardStream.error.writeLine("data and logs are kept in \(folder)")
        throw error
      }
      Folder.remove(folder)
      throw error
    }
    if named == nil { Folder.remove(folder) }
  }

  @MainActor
  private static func run(
    _ plan: ProcessCluster.Plan,
    script: DemoScript?,
    events: AsyncStream<DemoEvent>,
    _ invocation: Invocation
  ) async throws(CommandFailure) {
    let isPrompt = isPrompt(script)
    let chaos = DemoChaos(rawValue: invocation.text("chaos")) ?? .off
    let seed = invocation.optionalInteger("seed") ?? Int.random(in: 1..<1_000_000)
    let demo = DemoPlan(chaos: chaos, script: script, isPrompt: isPrompt, seed: UInt64(seed))
    let session = try await session(demo, plan, invocation)
    defer { session.stop() }
    let runner = DemoRunner(session: session, events: events)
    try await runner.begin(writableWithin: writableSeconds, isQuiet: script == nil && !isPrompt)
    if let script {
      try await runner.run(script)
    } else if isPrompt {
      try await runner.prompt()
    } else {
      if chaos != .off { StandardStream.error.writeLine("seed \(demo.seed)") }
      StandardStream.output.writeLine("ready url=\(plan.url)")
      await runner.waitForSignal()
    }
  }

  private static func isPrompt(_ script: DemoScript?) -> Bool {
    script == nil && isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
  }

  @MainActor
  private static func session(
    _ demo: DemoPlan,
    _ plan: ProcessCluster.Plan,
    _ invocation: Invocation
  ) async throws(CommandFailure) -> DemoSession {
    do {
      let cluster = try ProcessCluster(plan)
      var nemesis: Nemesis?
      if demo.hasNetwork {
        let network = try ProxyNetwork(for: plan, seed: demo.seed)
        let breaking = Nemesis(cluster: cluster, network: network)
        let hasClocks = Nemesis.canBendClocks
        try await breaking.prepare(for: demo.chaos.kinds(in: plan.mode, hasClocks: hasClocks))
        nemesis = breaking
      }
      try cluster.startAll()
      return DemoSession(cluster: cluster, nemesis: nemesis, plan: demo, invocation)
    } catch {
      throw CommandFailure.of(code: "demo_failed", "\(error)")
    }
  }

  /// Whoever lies, if somebody is to; its program is built on its own and lies beside this one.
  private static func liar(
    _ invocation: Invocation
  ) throws(CommandFailure) -> ProcessCluster.Liar? {
    let lie = invocation.optional("lie")
    guard invocation.toggle("byzantine") || lie != nil else { return nil }
    let own = OwnProgram.path()
    let program = own.prefix(through: own.lastIndex(of: "/") ?? own.startIndex) + "lockstep-liar"
    guard Folder.exists(String(program)) else {
      throw .file(
        String(program),
        "there is no such program, and this one cannot lie",
        hint: "swift build --product lockstep-liar"
      )
    }
    return ProcessCluster.Liar(program: String(program), lie: lie ?? "equivocate")
  }

  /// What is carried out; a liar without a script has a story of its own.
  private static func script(
    _ liar: ProcessCluster.Liar?,
    _ invocation: Invocation
  ) throws(CommandFailure) -> DemoScript? {
    if let path = invocation.optional("script") { return try DemoScript.read(path) }
    guard let liar else { return nil }
    let leavesProof = ["equivocate", "stale-view-change"].contains(liar.lie)
    let orders = ["\\status", "\\sleep 2s", "\\lie", "\\status"]
    let proof = leavesProof ? ["\\evidence"] : []
    let text = (orders + proof + ["\\sleep 2s", "\\check"]).joined(separator: "\n")
    return try DemoScript(path: "demo --byzantine", text: text)
  }

  private static func nodesCount(
    in mode: ClusterMode,
    _ invocation: Invocation
  ) throws(CommandFailure) -> Int {
    let choices = mode == .raft ? [3, 5, 7] : [4, 7]
    guard let count = invocation.optionalInteger("nodes") else { return choices[0] }
    guard choices.contains(count) else {
      let list = choices.map(String.init).joined(separator: ", ")
      throw .usage("--nodes: a demo of mode \(mode.rawValue) has one of \(list)")
    }
    return count
  }

  /// Where everything is kept; its path is part of URLs, which must be good from anywhere.
  private static func folder(_ named: String?) throws(CommandFailure) -> String {
    do {
      guard let named else { return try Folder.makeTemporary("lockstep-demo") }
      try Folder.make(named)
      return try Folder.absolute(named)
    } catch {
      throw CommandFailure.of(code: "file_error", "\(error)")
    }
  }
}
