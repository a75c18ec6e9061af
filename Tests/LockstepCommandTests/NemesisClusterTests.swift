import Foundation
import JepsenHarness
import Linearizability
import XCTest

/// Three real nodes with a proxy on each way between them.
final class NemesisClusterTests: ProgramTestCase {
  @MainActor
  func test_cluster_whenItsLeaderIsCutOffAndKilled_amidAccidents_staysLinearizable() async throws {
    let (cluster, nemesis) = try await start(at: 8_460)
    defer {
      nemesis.remove()
      cluster.stopAll()
    }
    let load = HistoryLoad(HistoryLoad.Plan(url: cluster.plan.url + "?timeout=2s"))
    let calls = Task { try await load.run(for: .seconds(600)) }
    defer { load.stop() }
    try await wait("answers") { load.tally.now.answered > 50 }
    nemesis.callsUnderWay = { 1 }

    var effects: [FaultEffect] = []
    for kind in [FaultKind.linkDuplicate, .linkDelay, .partitionLeader, .killLeader] {
      let order = FaultOrder(
        lasts: 0,
        kind,
        targets: kind.lane == .link ? [1, 2, 3] : [],
        amount: 5
      )
      let before = load.tally.now.answered
      _ = try await nemesis.begin(order)
      try await wait("answers during \(kind)") { load.tally.now.answered > before + 50 }
      // A cut in which nobody has anything to say is not felt.
      try await Task.sleep(for: .seconds(1))
      if let effect = try await nemesis.end(order) { effects.append(effect) }
    }
    try await nemesis.healAll()
    try await wait("the last write") { await cluster.isWritable() }
    load.stop()
    try await calls.value

    XCTAssertEqual(effects.map(\.wasFelt), [true, true, true, true], "\(effects)")
    XCTAssertEqual(load.history.judge().name, "linearizable")
    XCTAssertNil(cluster.firstFailure())
  }

  @MainActor
  func test_cluster_whenDisksAndMembersAreStruck_isWholeAgainEachTime() async throws {
    let (cluster, nemesis) = try await start(at: 8_690)
    defer {
      nemesis.remove()
      cluster.stopAll()
    }
    var few = HistoryLoad.Plan(url: cluster.plan.url + "?timeout=5s")
    (few.clients, few.callsEach) = (1, 2)
    let load = HistoryLoad(few)
    let calls = Task { try await load.run(for: .seconds(600)) }
    defer { load.stop() }
    // A directory that is of the genesis no more is not made from it again.
    let struck: [(FaultKind, node: Int)] = [
      (.fileTruncate, 2), (.diskRollback, 2), (.diskWipe, 3), (.memberReplace, 1),
      (.memberRemove, 1),
    ]

    for (kind, node) in struck {
      try await wait("all to be whole before \(kind)") {
        for node in 1...3 where await !cluster.isWhole(node) { return false }
        return true
      }
      let order = FaultOrder(lasts: 200, kind, targets: [node], amount: 300)
      _ = try await nemesis.begin(order)
      try await Task.sleep(for: .milliseconds(500))
      let effect = try await nemesis.end(order)
      try await nemesis.healAll()
      XCTAssertEqual(effect?.hasHappened, true, "\(kind): \(effect?.words ?? "")")
    }
    try await wait("all to be whole again") {
      for node in 1...3 where await !cluster.isWhole(node) { return false }
      return true
    }
    load.stop()
    try await calls.value

    XCTAssertEqual(cluster.memberNumber(of: 1), 101)
    XCTAssertEqual(load.history.judge().name, "linearizable")
    XCTAssertNil(cluster.unexpectedEnds.first { $0.isCrash })
  }

  @MainActor
  func test_cluster_whenANodeHasLostItsWholeJournal_takesItBackByItself() async throws {
    let cluster = try ProcessCluster(
      ProcessCluster.Plan(
        binary: BuiltProgram.path,
        nodesCount: 3,
        basePort: 8_490,
        folder: folder
      )
    )
    defer { cluster.stopAll() }
    try cluster.startAll()
    try await wait("the first write") { await cluster.isWritable() }
    try cluster.kill(2)
    let names = Folder.names(in: cluster.dataFolder(of: 2)).filter { $0.hasPrefix("journal-") }
    for name in names { Folder.remove("\(cluster.dataFolder(of: 2))/\(name)") }

    try cluster.start(2)
    try await wait("the node to be whole again") {
      guard Folder.exists(cluster.dataFolder(of: 2) + "/refused-1-boot") else { return false }
      return await cluster.isWhole(2)
    }
    // It counts: nothing can be written without it now.
    try cluster.kill(3)

    try await wait("a write that needs it") { await cluster.isWritable() }
    let log = try String(contentsOfFile: cluster.log(of: 2), encoding: .utf8)
    XCTAssertTrue(log.contains("journal.lost"), log)
  }

  /// Three nodes that take writes, with a proxy on each way between them.
  @MainActor
  private func start(at port: Int) async throws -> (ProcessCluster, Nemesis) {
    let plan = ProcessCluster.Plan(
      binary: BuiltProgram.path,
      nodesCount: 3,
      basePort: port,
      folder: folder
    )
    let cluster = try ProcessCluster(plan)
    let nemesis = Nemesis(cluster: cluster, network: try ProxyNetwork(for: plan, seed: 1))
    try cluster.startAll()
    try await wait("the first write") { await cluster.isWritable() }
    return (cluster, nemesis)
  }

  @MainActor
  private func wait(_ what: String, _ isTrue: () async -> Bool) async throws {
    for _ in 0..<2_400 {
      if await isTrue() { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    XCTFail("no \(what) within 120 s")
  }
}
