import ClientProtocol
import Glibc
import JepsenHarness

/// `lockstep demo`.
enum DemoCommand {
  private static let writableSeconds = 30

  @MainActor
  static func run(_ invocation: Invocation) async throws(CommandFailure) {
    let script = try invocation.optional("script").map(DemoScript.read)
    let isPrompt = Self.isPrompt(script)
    // Before anything has threads, so that all of them leave the signals alone.
    let events = try DemoEvent.stream(readingLines: isPrompt)
    let named = invocation.optional("data")
    let folder = if let named { named } else { try temporaryFolder() }
    let plan = ProcessCluster.Plan(
      binary: OwnProgram.path(),
      nodesCount: invocation.integer("nodes"),
      basePort: invocation.integer("base-port"),
      folder: folder
    )
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
    let demo = DemoPlan(chaos: chaos, script: script, isPrompt: isPrompt)
    let session = try session(demo, plan, invocation)
    defer { session.stop() }
    let runner = DemoRunner(session: session, events: events)
    try await runner.begin(writableWithin: writableSeconds, isQuiet: script == nil && !isPrompt)
    if let script {
      try await runner.run(script)
    } else if isPrompt {
      try await runner.prompt()
    } else {
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
  ) throws(CommandFailure) -> DemoSession {
    do {
      let cluster = try ProcessCluster(plan)
      var nemesis: Nemesis?
      if demo.hasNetwork {
        let network = try ProxyNetwork(for: plan, seed: UInt64.random(in: .min ... .max))
        nemesis = Nemesis(cluster: cluster, network: network)
      }
      try cluster.startAll()
      return DemoSession(cluster: cluster, nemesis: nemesis, plan: demo, invocation)
    } catch {
      throw CommandFailure.of(code: "demo_failed", "\(error)")
    }
  }

  private static func temporaryFolder() throws(CommandFailure) -> String {
    do {
      return try Folder.makeTemporary("lockstep-demo")
    } catch {
      throw CommandFailure.of(code: "file_error", "\(error)")
    }
  }
}
