import Consensus
import Raft
import Replication
import XCTest

@testable import Simulation

/// Nodes of several builds: none is sent, nor has to carry out, what it does not know (P8,
/// docs/decisions/0034).
final class MixedBuildsTests: XCTestCase {
  private func cluster(seed: UInt64, stormMicroseconds: UInt64 = 20_000_000) -> SimulatedCluster {
    var options = RunOptions(nodes: 3)
    options.withoutStrikes = Set(1...9_999)
    options.withoutWeather = Set(FaultKind.allCases)
    options.stormMicroseconds = stormMicroseconds
    let cluster = SimulatedCluster(seed: seed, options)
    cluster.plan.mixesBuilds = true
    return cluster
  }

  private func strike(_ kind: FaultKind, _ number: Int, on cluster: SimulatedCluster) {
    let strike = FaultStrike(
      number: number,
      kind: kind,
      time: 2_000_000 + UInt64(number) * 1_000_000,
      random: RandomSource(seed: UInt64(number))
    )
    cluster.queue.schedule(.strike(strike), at: strike.time)
  }

  func test_run_whenNodesAreUpgradedAndTakenBack_keepsEveryPromise() {
    var reached: [CoverageMark: Int] = [:]
    for seed in [1, 9] as [UInt64] {
      let cluster = cluster(seed: seed)
      for number in 1...12 {
        strike(number.isMultiple(of: 3) ? .rot : .mixedBuilds, number, on: cluster)
      }

      XCTAssertNoThrow(try cluster.run(), "seed \(seed)")

      for (mark, count) in cluster.coverage.all { reached[mark, default: 0] += count }
    }
    for mark in [CoverageMark.messageWithheld, .commandNotOffered, .unknownCommandStops] {
      XCTAssertGreaterThan(reached[mark] ?? 0, 0, mark.name)
    }
  }

  func test_message_thatItsReaderDoesNotKnow_breaksAPromise() throws {
    let cluster = cluster(seed: 1)
    try cluster.begin()
    let process = try XCTUnwrap(cluster.nodes[1].process)
    cluster.nodes[1].build = .base
    let message = PeerMessage.consensus(RaftMessage.replaceMe(term: Term(1)))
    var frame = PeerFrame(
      from: 0,
      to: 1,
      sender: cluster.nodes[0].member,
      recipient: cluster.nodes[1].member,
      bytes: [],
      connection: nil,
      recipientBoot: process.boot + 1
    )

    // The process that it was meant for is gone.
    XCTAssertFalse(try cluster.reads(message, of: frame, process))
    frame.recipientBoot = process.boot
    XCTAssertThrowsError(try cluster.reads(message, of: frame, process)) { error in
      XCTAssertEqual((error as? Violation)?.promise, "P8")
    }
  }

  /// Where builds do not mix nothing is refused or unknown for that.
  func test_node_whereAllAreOfThisBuild_isNotExcused() throws {
    let cluster = cluster(seed: 1)
    cluster.plan.mixesBuilds = false
    try cluster.begin()
    cluster.nodes[1].hasGoneBack = true

    XCTAssertThrowsError(try cluster.stops(1, atUnknown: LogIndex(2))) { error in
      XCTAssertEqual((error as? Violation)?.promise, "P8")
    }
    guard case .objection = cluster.heard(.objection(bytes: [1]), of: 1) else {
      return XCTFail("an objection is taken for a refusal")
    }
  }

  func test_node_thatNeverWentBack_hasToKnowEveryCommand() throws {
    let cluster = cluster(seed: 1)
    try cluster.begin()
    cluster.nodes[1].build = .base

    XCTAssertThrowsError(try cluster.stops(1, atUnknown: LogIndex(2))) { error in
      XCTAssertEqual((error as? Violation)?.promise, "P8")
    }
    cluster.nodes[1].hasGoneBack = true
    XCTAssertNoThrow(try cluster.stops(1, atUnknown: LogIndex(2)))
    XCTAssertNil(cluster.nodes[1].process)
  }
}
