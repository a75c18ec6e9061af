import ClientProtocol
import Glibc
import JepsenHarness

/// `lockstep demo`.
enum DemoCommand {
  private static let writableSeconds = 30

  @MainActor
  static func run(_ invocation: Invocation) async throws(CommandFailure) {
    let script = try invocation.optional("script").map(DemoScript.read)
    let isPrompt = script == nil && isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
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
      try await run(plan, script: script, events: events, isPrompt: isPrompt)
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
    isPrompt: Bool
  ) async throws(CommandFailure) {
    let session = DemoSession(cluster: try cluster(plan), binary: plan.binary)
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

  @MainActor
  private static func cluster(
    _ plan: ProcessCluster.Plan
  ) throws(CommandFailure) -> ProcessCluster {
    do {
      let cluster = try ProcessCluster(plan)
      try cluster.startAll()
      return cluster
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
