import Consensus
import Replication
import XCTest

@testable import Simulation

/// States that differ: who is fenced, who serves on, and when nobody does (decision 0022).
final class DivergenceTests: XCTestCase {
  private static let early = PlantedLie(from: LogIndex(20), error: 1)
  private static let other = PlantedLie(from: LogIndex(20), error: 2)

  func test_nodes_whenNothingIsWrong_areSound() throws {
    var cluster = try WatchedCluster(lies: [nil, nil, nil])

    try cluster.fill(to: 60)

    XCTAssertEqual(cluster.standings, [.sound, .sound, .sound])
    XCTAssertTrue(cluster.told.isEmpty)
  }

  func test_follower_whenItsResultsAreOdd_isFencedAndServesNothing() throws {
    let odd = try follower()
    var cluster = try WatchedCluster(lies: lies([odd: Self.early]))

    try cluster.fill(to: 60)
    let leader = try XCTUnwrap(cluster.leader)

    XCTAssertEqual(cluster.standings[odd], .fenced)
    XCTAssertEqual(cluster.standings.filter { $0 == .sound }.count, 2)
    XCTAssertEqual(cluster.read(at: odd, level: .linearizable), .refused(.fenced))
    XCTAssertEqual(
      cluster.read(at: odd, level: .stale(maxLagMicroseconds: 1_000_000)),
      .refused(.fenced)
    )
    XCTAssertEqual(cluster.write(at: odd, mayForward: true), .refused(.fenced))
    XCTAssertTrue(isApplied(cluster.write(at: leader)))
    XCTAssertNotNil(cluster.read(at: leader, level: .linearizable))
  }

  func test_fencedFollower_stillVotesAndAcknowledges_butNeverLeads() throws {
    let odd = try follower()
    var cluster = try WatchedCluster(lies: lies([odd: Self.early]))
    try cluster.fill(to: 60)
    let leader = try XCTUnwrap(cluster.leader)

    // A named transfer to it fails; with its vote alone another may lead.
    XCTAssertEqual(cluster.transfer(to: odd), .refused(.transferFailed))
    cluster.isolated = [leader]
    cluster.run(milliseconds: 3_000)
    let third = try XCTUnwrap([0, 1, 2].first { $0 != odd && $0 != leader })

    XCTAssertEqual(cluster.nodes[third].core.status.role, .leader)
    XCTAssertTrue(isApplied(cluster.write(at: third)))
    XCTAssertEqual(cluster.nodes[odd].core.status.role, .follower)
  }

  func test_leader_whenItsResultsAreOdd_handsOverAndIsFenced() throws {
    let odd = try leader()
    var cluster = try WatchedCluster(lies: lies([odd: Self.early]))

    try cluster.fill(to: 60)
    cluster.run(milliseconds: 500)

    XCTAssertEqual(cluster.standings[odd], .fenced)
    let next = try XCTUnwrap(cluster.leader)
    XCTAssertNotEqual(next, odd)
    XCTAssertEqual(cluster.standings[next], .sound)
    XCTAssertTrue(isApplied(cluster.write(at: next)))
    XCTAssertEqual(cluster.nodes[next].divergence.differing, [NodeID(UInt32(odd + 1))])
  }

  func test_nodes_whenAllThreeDiffer_stopAndSaySo() throws {
    let odd = try leader()
    let second = (odd + 1) % 3
    var cluster = try WatchedCluster(lies: lies([odd: Self.early, second: Self.other]))

    for _ in 0..<40 { _ = cluster.write(at: odd) }
    let applied = cluster.nodes.map(\.lastApplied)
    let reply = cluster.write(at: odd)
    cluster.run(milliseconds: 500)

    XCTAssertEqual(cluster.standings, [.unsettled, .unsettled, .unsettled])
    XCTAssertEqual(reply, .refused(.statesDiffer))
    XCTAssertEqual(cluster.nodes.map(\.lastApplied), applied)
    XCTAssertEqual(cluster.read(at: odd, level: .linearizable), .refused(.statesDiffer))
    XCTAssertEqual(Set(cluster.told.map(\.node)), [0, 1, 2])
  }

  func test_nodes_whenTwoOfTheThreeDifferingAreRestarted_serveAgainAndFenceTheThird() throws {
    let odd = try leader()
    let second = (odd + 1) % 3
    var cluster = try WatchedCluster(lies: lies([odd: Self.early, second: Self.other]))
    for _ in 0..<40 { _ = cluster.write(at: odd) }

    try cluster.restart(second)
    cluster.run(milliseconds: 3_000)
    let leader = try XCTUnwrap(cluster.leader)

    XCTAssertEqual(cluster.standings[odd], .fenced)
    XCTAssertNotEqual(leader, odd)
    XCTAssertTrue(isApplied(cluster.write(at: leader)))
  }

  func test_twoNodes_whenTheyDifferAndTheThirdIsSilent_waitForItsWord() throws {
    let odd = try follower()
    var cluster = try WatchedCluster(lies: lies([odd: Self.early]))
    let leader = try XCTUnwrap(cluster.leader)
    let third = try XCTUnwrap([0, 1, 2].first { $0 != odd && $0 != leader })
    cluster.isolated = [third]

    for _ in 0..<40 { _ = cluster.write(at: leader) }
    let alone = cluster.standings
    cluster.isolated = []
    cluster.run(milliseconds: 2_000)

    XCTAssertEqual(alone[leader], .unsettled)
    XCTAssertEqual(alone[odd], .unsettled)
    XCTAssertEqual(cluster.standings[leader], .sound)
    XCTAssertEqual(cluster.standings[third], .sound)
    XCTAssertEqual(cluster.standings[odd], .fenced)
  }

  func test_fencedNode_whenRestarted_replaysItsLogAndServesAgain() throws {
    let odd = try follower()
    var cluster = try WatchedCluster(lies: lies([odd: Self.early]))
    try cluster.fill(to: 60)

    try cluster.restart(odd)
    cluster.run(milliseconds: 2_000)

    XCTAssertEqual(cluster.standings, [.sound, .sound, .sound])
    XCTAssertEqual(cluster.nodes.flatMap(\.divergence.differing), [])
    XCTAssertNotEqual(cluster.read(at: odd, level: .linearizable), .refused(.fenced))
  }

  func test_nodes_whenTheyDiffer_nameTheFirstDifferingStretch() throws {
    let odd = try follower()
    let lie = PlantedLie(from: LogIndex(2_500), error: 1)
    var cluster = try WatchedCluster(lies: lies([odd: lie]))
    cluster.isolated = [odd]
    try cluster.fill(to: 5_200)

    cluster.isolated = []
    cluster.run(milliseconds: 3_000)

    for node in 0..<3 {
      let divergence = cluster.nodes[node].divergence
      XCTAssertEqual(divergence.standing, node == odd ? .fenced : .sound)
      XCTAssertEqual(divergence.agreesThrough, LogIndex(2_048))
      XCTAssertEqual(divergence.differsFrom, LogIndex(3_072))
    }
  }

  func test_write_onceItsNodeDoubtsItsState_isNeverAnsweredAsApplied() throws {
    let odd = try leader()
    var cluster = try WatchedCluster(lies: lies([odd: Self.early]))
    var replies: [ReplicaReply?] = []

    for _ in 0..<60 { replies.append(cluster.write(at: odd)) }
    let firstRefusal = try XCTUnwrap(replies.firstIndex { !isApplied($0) })

    XCTAssertFalse(replies[firstRefusal...].contains { isApplied($0) })
  }

  // MARK: - Words

  private func lies(_ planted: [Int: PlantedLie]) -> [PlantedLie?] {
    (0..<3).map { planted[$0] }
  }

  /// Who leads a cluster made like this: the seeds are always the same.
  private func leader() throws -> Int {
    try XCTUnwrap(WatchedCluster(lies: [nil, nil, nil]).leader)
  }

  private func follower() throws -> Int {
    (try leader() + 1) % 3
  }

  private func isApplied(_ reply: ReplicaReply?) -> Bool {
    guard case .applied = reply else { return false }
    return true
  }
}
