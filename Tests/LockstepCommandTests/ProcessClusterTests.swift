import Foundation
import Glibc
import XCTest

@testable import JepsenHarness

final class ProcessClusterTests: ProgramTestCase {
  /// A cluster whose nodes are a shell script in the program's place.
  @MainActor
  private func cluster(_ script: String) throws -> ProcessCluster {
    let binary = folder + "/program"
    try "#!/bin/sh\n\(script)\n".write(toFile: binary, atomically: true, encoding: .utf8)
    XCTAssertEqual(chmod(binary, 0o755), 0)
    return try ProcessCluster(
      ProcessCluster.Plan(binary: binary, nodesCount: 3, basePort: 7_310, folder: folder + "/c")
    )
  }

  @MainActor
  func test_plan_whenAskedForAddresses_countsPortsFromItsBase() async throws {
    let plan = ProcessCluster.Plan(binary: "", nodesCount: 3, basePort: 7_310, folder: "")

    XCTAssertEqual(
      plan.url,
      "lockstep://127.0.0.1:7311,127.0.0.1:7321,127.0.0.1:7331/default"
    )
    XCTAssertEqual(plan.peerAddress(of: 2), "127.0.0.1:7322")
  }

  @MainActor
  func test_url_whenNodesMayLie_namesGenesisAndKey() async throws {
    var plan = ProcessCluster.Plan(binary: "", nodesCount: 1, basePort: 7_310, folder: "/c")
    plan.mode = .bft

    XCTAssertEqual(
      plan.url("d", options: ["timeout=1s"]),
      "lockstep://127.0.0.1:7311/d?genesis=/c/genesis.json&key=/c/keys/client-1.key&timeout=1s"
    )
  }

  func test_quorum_inEachMode_isWhatItsProtocolNeeds() {
    XCTAssertEqual([3, 5, 7].map { ClusterMode.raft.quorum(of: $0) }, [2, 3, 4])
    XCTAssertEqual([1, 4, 7].map { ClusterMode.bft.quorum(of: $0) }, [1, 3, 5])
  }

  @MainActor
  func test_nodes_whenSignalled_areInTheStateThatFollows() async throws {
    let cluster = try cluster("if [ \"$2\" = start ]; then exec tail -f /dev/null; fi")
    defer { cluster.stopAll() }

    try cluster.startAll()
    XCTAssertEqual((1...3).map { cluster.state(of: $0) }, [.running, .running, .running])
    try cluster.kill(1)
    try cluster.pause(2)
    XCTAssertEqual((1...3).map { cluster.state(of: $0) }, [.down, .paused, .running])
    XCTAssertFalse(cluster.hasQuorum)
    XCTAssertNil(cluster.firstFailure(), "killed is not ended by itself")
    try cluster.resume(2)
    try cluster.start(1)

    XCTAssertEqual((1...3).map { cluster.state(of: $0) }, [.running, .running, .running])
    XCTAssertTrue(cluster.hasQuorum)
    XCTAssertThrowsError(try cluster.kill(4)) {
      XCTAssertEqual($0 as? HarnessError, .unknownNode(4))
    }
  }

  @MainActor
  func test_node_whenItEndsByItself_isTheFirstFailure_andSaysWhy() async throws {
    let cluster = try cluster(
      "if [ \"$2\" = start ]; then echo 'error: no luck (x)' >&2; exit 1; fi"
    )
    defer { cluster.stopAll() }

    try cluster.start(2)
    while cluster.state(of: 2) != .down { sched_yield() }

    XCTAssertEqual(
      cluster.firstFailure(),
      .ended(node: 2, words: "no luck (x)", log: cluster.log(of: 2))
    )
  }

  /// What heals everything starts whoever is down: the crash must be told all the same.
  @MainActor
  func test_node_whenItCrashes_isRemembered_thoughItIsStartedAgain() async throws {
    let cluster = try cluster(
      """
      if [ "$2" = start ]; then
        [ -e "$4.once" ] && exec tail -f /dev/null
        touch "$4.once"
        echo 'Raft/Votes.swift:1: Fatal error: a vote was forgotten' >&2
        kill -TRAP $$
      fi
      """
    )
    defer { cluster.stopAll() }

    try cluster.start(2)
    while cluster.state(of: 2) != .down { sched_yield() }
    try await Nemesis(cluster: cluster).healAll()

    let crash = NodeEnd(node: 2, end: .signalled(SIGTRAP), words: "a vote was forgotten")
    XCTAssertEqual(cluster.state(of: 2), .running)
    XCTAssertTrue(cluster.unexpectedEnds.contains(crash), "\(cluster.unexpectedEnds)")
  }

  @MainActor
  func test_node_whenItCrashesUnseen_isRememberedByWhatEndsItsProcess() async throws {
    let go = folder + "/go"
    let cluster = try cluster(
      """
      if [ "$2" = start ]; then
        while [ ! -e \(go) ]; do sleep 0.01; done
        kill -SEGV $$
      fi
      """
    )
    try cluster.startAll()
    let processes = (1...3).compactMap { cluster.processID(of: $0) }
    XCTAssertEqual(processes.count, 3)
    try Data().write(to: URL(fileURLWithPath: go))
    for process in processes {
      while !Folder.text(of: "/proc/\(process)/stat").contains(") Z") { sched_yield() }
    }

    try cluster.kill(1)
    try await cluster.askToEnd(2)
    cluster.stopAll()

    XCTAssertEqual(cluster.unexpectedEnds.map(\.node), [1, 2, 3])
    XCTAssertEqual(Set(cluster.unexpectedEnds.map { "\($0.end)" }), ["signalled(\(SIGSEGV))"])
  }

  @MainActor
  func test_node_whenItEndsAsTold_isNotOneThatEndedByItself() async throws {
    let cluster = try cluster(
      "if [ \"$2\" = start ]; then trap 'exit 0' TERM; while :; do sleep 0.01; done; fi"
    )
    try cluster.startAll()

    try cluster.kill(1)
    try cluster.pause(3)
    try await cluster.askToEnd(2)
    try await cluster.askToEnd(3)
    try cluster.start(1)
    cluster.stopAll()

    XCTAssertEqual(cluster.unexpectedEnds, [])
  }

  @MainActor
  func test_node_whenItLies_mayEndAsItLikes() async throws {
    let binary = folder + "/program"
    let script = "#!/bin/sh\nif [ \"$2\" = start ]; then kill -TRAP $$; fi\n"
    try script.write(toFile: binary, atomically: true, encoding: .utf8)
    XCTAssertEqual(chmod(binary, 0o755), 0)
    var plan = ProcessCluster.Plan(
      binary: binary,
      nodesCount: 3,
      basePort: 7_310,
      folder: folder + "/c"
    )
    plan.liars = [ProcessCluster.Liar(program: binary, lie: "slow")]
    let cluster = try ProcessCluster(plan)

    try cluster.startAll()
    for node in 1...3 { while cluster.state(of: node) != .down { sched_yield() } }

    XCTAssertEqual(Set(cluster.unexpectedEnds.map(\.node)), [1, 2])
  }

  @MainActor
  func test_cluster_whenItsBeginningFails_saysWhich() async throws {
    XCTAssertThrowsError(try cluster("echo 'error: no seat (y)' >&2; exit 2")) { error in
      let text = "\(error)"
      XCTAssertTrue(text.hasPrefix("'genesis create --nodes 1="), text)
      XCTAssertTrue(text.contains("ended with status 2: no seat (y); see "), text)
    }
  }

  @MainActor
  func test_children_whenSettingsAreInTheEnvironment_haveNone() async throws {
    let planted = "LOCKSTEP_PLANTED_BUG"
    for name in ["LOCKSTEP_LISTEN_CLIENT", planted] { setenv(name, "x", 1) }
    defer { for name in ["LOCKSTEP_LISTEN_CLIENT", planted] { unsetenv(name) } }
    let cluster = try cluster("env | grep ^LOCKSTEP_")

    let said = Set(Folder.text(of: cluster.plan.folder + "/setup.log").split(separator: "\n"))

    XCTAssertEqual(said, ["LOCKSTEP_CONFIG=/dev/null", "\(planted)=x"])
  }
}
