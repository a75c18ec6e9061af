import Consensus
import Raft
import XCTest

@testable import Simulation

/// Disks that are wiped or put back under whole clusters (D15, D16): nothing acknowledged is lost,
/// and it would be if nobody remembered what others had shown.
final class DiskLossTests: XCTestCase {
  /// A cluster in which nothing goes wrong by itself.
  private func cluster(
    seed: UInt64,
    _ rule: AdmissionRule = .majority,
    nodes: Int = 3
  ) -> SimulatedCluster {
    var options = RunOptions(nodes: nodes)
    options.withoutWeather = Set(FaultKind.allCases)
    options.withoutStrikes = Set(1...99_999)
    options.stormMicroseconds = 12_000_000
    let cluster = SimulatedCluster(seed: seed, options)
    cluster.setup.raft.admission = rule
    return cluster
  }

  private func strike(
    _ kind: FaultKind,
    at time: UInt64,
    _ cluster: SimulatedCluster,
    seed: UInt64 = 1,
    aim: FaultStrike.Aim = .anybody
  ) {
    let strike = FaultStrike(
      number: 1,
      kind: kind,
      time: time,
      random: RandomSource(seed: seed),
      aim: aim
    )
    cluster.queue.schedule(.strike(strike), at: time)
  }

  private func count(_ mark: CoverageMark, in cluster: SimulatedCluster) -> Int {
    cluster.coverage.all.first { $0.mark == mark }?.count ?? 0
  }

  func test_wipedNode_whoeverLeadsNext_isRefusedAndComesBackAsAnotherMember() {
    for wiped in 0..<3 {
      for cutOff in 0..<3 {
        let cluster = cluster(seed: UInt64(10 * wiped + cutOff + 1))
        let before = cluster.nodes[wiped].member.incarnation
        strike(.wipedDisk, at: 5_000_000, cluster, aim: .node(wiped))
        if cutOff != wiped {
          strike(.longCut, at: 5_000_000, cluster, aim: .node(cutOff))
        }

        XCTAssertNoThrow(try cluster.run(), "n\(wiped + 1) wiped, n\(cutOff + 1) cut off")

        XCTAssertGreaterThan(count(.remadeDirectoryRefused, in: cluster), 0)
        XCTAssertEqual(count(.refusedNodeComesBack, in: cluster), 1)
        XCTAssertNotEqual(cluster.nodes[wiped].member.incarnation, before)
      }
    }
  }

  func test_lossBeforeAnElection_whenTheOthersRemember_losesNothing() {
    var refusals = (remade: 0, rolledBack: 0, returns: 0)
    for seed in 1...4 as ClosedRange<UInt64> {
      let cluster = cluster(seed: seed)
      strike(.lossBeforeElection, at: 5_000_000, cluster, seed: seed)

      XCTAssertNoThrow(try cluster.run(), "seed \(seed)")

      refusals.remade += count(.remadeDirectoryRefused, in: cluster)
      refusals.rolledBack += count(.rolledBackDirectoryRefused, in: cluster)
      refusals.returns += count(.refusedNodeComesBack, in: cluster)
    }
    XCTAssertGreaterThan(refusals.remade, 0)
    XCTAssertGreaterThan(refusals.rolledBack, 0)
    XCTAssertEqual(refusals.returns, 4)
  }

  func test_lossBeforeAnElection_whenNobodyIsAsked_losesWhatWasCommitted() {
    for seed in 1...4 as ClosedRange<UInt64> {
      let cluster = cluster(seed: seed, .trusting)
      cluster.watchesLosses = false
      strike(.lossBeforeElection, at: 5_000_000, cluster, seed: seed)

      XCTAssertThrowsError(try cluster.run(), "seed \(seed)") { error in
        let promise = (error as? Violation)?.promise
        XCTAssertEqual(promise, "S6", "seed \(seed): \(error)")
      }
    }
  }

  /// What remains of D16 (docs/decisions/0029).
  ///
  /// Only the leader had news of the node since the copy was made, or nobody, as that was less than
  /// a second ago. Whoever else answers knows no better, unless all have to.
  func test_rollback_whenOnlyTheLeaderCanHaveNews_losesWhatWasCommitted_unlessStrict() throws {
    for age in [400_000, 2_400_000] as [UInt64] {
      for seed in 1...2 as ClosedRange<UInt64> {
        let (majority, strict) = (cluster(seed: seed, .majority), cluster(seed: seed, .strict))
        let name = "seed \(seed), a copy of \(age) us ago"

        XCTAssertEqual(promiseBroken(by: majority, whereACopyIsOf: age), "S6", name)
        XCTAssertNil(promiseBroken(by: strict, whereACopyIsOf: age), name)
        XCTAssertEqual(count(.refusedNodeComesBack, in: majority), 0, name)
        XCTAssertEqual(count(.refusedNodeComesBack, in: strict), age > 1_000_000 ? 1 : 0, name)
      }
    }
  }

  private func promiseBroken(by cluster: SimulatedCluster, whereACopyIsOf age: UInt64) -> String? {
    cluster.watchesLosses = false
    do throws(Violation) {
      try rollBackAFollower(of: cluster, toTheStateBefore: age)
      while !cluster.isFinished, try cluster.step() {}
    } catch {
      return error.promise
    }
    return nil
  }

  /// Puts a copy back that was made while the third node heard of nobody; then that one and the
  /// node are all that hear of each other.
  private func rollBackAFollower(
    of cluster: SimulatedCluster,
    toTheStateBefore age: UInt64
  ) throws(Violation) {
    try cluster.begin()
    try run(cluster, until: 5_000_000)
    let leader = cluster.leader ?? 0
    let (node, third) = ((leader + 1) % 3, (leader + 2) % 3)
    cluster.cut(links(around: third), .longCut, for: 100_000 + age)
    try run(cluster, until: 5_100_000)
    cluster.nodes[node].copy = cluster.nodes[node].copyFolder(cluster.checker.ledgers[node])
    try run(cluster, until: 5_100_000 + age)
    cluster.cut(links(around: leader), .longCut, for: 4_000_000)
    strike(.rolledBackDisk, at: cluster.now, cluster, aim: .node(node))
    try run(cluster, until: cluster.now + 1_000)
    // A younger copy nobody tells apart: it is not expected to come back as another member.
    cluster.hasLosses = age > 1_000_000
  }

  /// Its price, and its way out: who cannot be asked may remember more, so the node gives its
  /// directory up, and a leader that did without its vote takes it in again.
  func test_restart_whenStrictAndAVoterIsSilent_comesBackAsAnotherMember() throws {
    for seed in 1...2 as ClosedRange<UInt64> {
      let cluster = cluster(seed: seed, .strict, nodes: 5)
      cluster.setup.raft.strictPatienceMicroseconds = 1_000_000
      try cluster.begin()
      try run(cluster, until: 5_000_000)
      let leader = cluster.leader ?? 0
      let (node, silent) = ((leader + 1) % 5, (leader + 2) % 5)
      let before = cluster.nodes[node].member
      cluster.cut(links(around: silent, of: 5), .longCut, for: 6_000_000)
      strike(.kill, at: cluster.now, cluster, seed: seed, aim: .node(node))

      try run(cluster, until: cluster.now + 5_900_000)
      let voters = cluster.checker.configuration.seats.map(\.member)
      while !cluster.isFinished, try cluster.step() {}

      XCTAssertTrue(voters.contains(before.successor), "seed \(seed): not before it spoke again")
      XCTAssertEqual(cluster.nodes[node].member, before.successor, "seed \(seed)")
      XCTAssertEqual(count(.refusedNodeComesBack, in: cluster), 1, "seed \(seed)")
    }
  }

  private func run(_ cluster: SimulatedCluster, until time: UInt64) throws(Violation) {
    while cluster.now < time, try cluster.step() {}
  }

  private func links(around node: Int, of count: Int = 3) -> [LinkCut] {
    (0..<count).filter { $0 != node }
      .flatMap { [LinkCut(from: $0, to: node), LinkCut(from: node, to: $0)] }
  }

  func test_admission_whenTheDiskHasLostSomething_breaksAPromise() throws {
    let cluster = cluster(seed: 1)
    cluster.nodes[0].loss = .wiped
    cluster.nodes[1].loss = .rolledBack

    XCTAssertThrowsError(try cluster.observe(.admitted, of: 0))
    XCTAssertThrowsError(try cluster.observe(.admitted, of: 1))
    XCTAssertThrowsError(try cluster.observe(.directoryRemade, of: 2))
    XCTAssertNoThrow(try cluster.observe(.admitted, of: 2))
    XCTAssertNoThrow(try cluster.observe(.directoryRemade, of: 0))
  }
}
