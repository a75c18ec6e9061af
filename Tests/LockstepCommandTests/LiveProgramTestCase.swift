import JepsenHarness
import XCTest

/// What tests share that give orders to a cluster of one real node.
class LiveProgramTestCase: ProgramTestCase {
  typealias Ask = @MainActor ([String]) throws -> BuiltProgram.Ending

  @MainActor
  func withNode(
    at port: Int,
    _ body: @MainActor (_ ask: @escaping Ask, _ url: String) async throws -> Void
  ) async throws {
    let plan = ProcessCluster.Plan(
      binary: BuiltProgram.path,
      nodesCount: 1,
      basePort: port,
      folder: folder + "/cluster"
    )
    let cluster = try ProcessCluster(plan)
    defer { cluster.stopAll() }
    try cluster.startAll()
    try await wait("the first write") { await cluster.isWritable() }
    let program = program
    try await body({ try program.run(["--url", plan.url] + $0) }, plan.url)
  }

  @MainActor
  func wait(_ what: String, _ isTrue: () async throws -> Bool) async throws {
    for _ in 0..<2_400 {
      if try await isTrue() { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    XCTFail("no \(what) within 120 s")
  }
}
