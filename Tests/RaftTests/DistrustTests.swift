import Consensus
import XCTest

@testable import Raft

/// A member whose state is in doubt does not lead while another can (W7); its log is sound.
final class DistrustTests: XCTestCase {
  func test_distrusted_whenOnlyItsLogIsComplete_leadsUntilAnotherHasIt() {
    let cluster = TestCluster(3)
    cluster.run(milliseconds: 1_000)
    let leader = cluster.leading.first ?? 1
    let fenced = cluster.follower
    let other = 6 - leader - fenced
    cluster.call(fenced) { $0.distrust([NodeID(UInt32(fenced))]) }
    cluster.cuts = [.init(from: leader, to: other)]
    cluster.write("e")
    let before = cluster.nodes.map { $0.applied.contains("e") }
    cluster.crash(leader)
    cluster.cuts = []

    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(before, (1...3).map { $0 != other })
    XCTAssertEqual(cluster.leading, [other])
    XCTAssertTrue(cluster.nodes[other - 1].applied.contains("e"))
    XCTAssertEqual(cluster.violations, [])
  }

  func test_distrusted_whenAnotherCanLead_doesNotStand() {
    let cluster = TestCluster(3)
    cluster.run(milliseconds: 1_000)
    let leader = cluster.leading.first ?? 1
    let fenced = cluster.follower
    let other = 6 - leader - fenced
    cluster.write("e")
    cluster.call(fenced) { $0.distrust([NodeID(UInt32(fenced))]) }
    cluster.trace = []
    cluster.crash(leader)

    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(cluster.leading, [other])
    XCTAssertFalse(cluster.trace.contains { $0.hasPrefix("\(fenced): leader") })
    XCTAssertFalse(cluster.trace.contains { $0.hasPrefix("\(fenced): candidate") })
  }

  func test_distrusted_whenItLeads_handsOver() {
    let cluster = TestCluster(3)
    cluster.run(milliseconds: 1_000)
    let leader = cluster.leading.first ?? 1

    cluster.call(leader) { $0.distrust([NodeID(UInt32(leader))]) }
    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(cluster.leading.count, 1)
    XCTAssertNotEqual(cluster.leading, [leader])
  }
}
