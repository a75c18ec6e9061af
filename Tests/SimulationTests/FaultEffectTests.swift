import ClientProtocol
import Consensus
import Raft
import Replication
import Wire
import XCTest

@testable import Simulation

/// Faults count when they take effect, not when they are drawn (X2).
final class FaultEffectTests: XCTestCase {
  func test_wallJump_whenItsNodeIsDown_countsAtItsNextTurn() throws {
    let cluster = try running()
    cluster.crash(0, by: .kill, losesPower: false)

    try cluster.carryOut(strike(.wallJump))
    let whileDown = count(.wallJump, cluster)
    while cluster.nodes[0].process?.lastStatus == nil { _ = try cluster.step() }

    XCTAssertEqual(whileDown, 0)
    XCTAssertEqual(count(.wallJump, cluster), 1)
  }

  func test_clockRate_whenItsNodeIsDownAllTheWhile_doesNotCount() throws {
    let cluster = try running()
    cluster.crash(0, by: .kill, losesPower: false)

    try cluster.carryOut(strike(.clockRate))
    let whileDown = count(.clockRate, cluster)
    while cluster.nodes[0].process?.lastStatus == nil { _ = try cluster.step() }

    XCTAssertEqual(whileDown, 0)
    XCTAssertEqual(count(.clockRate, cluster), 1)
  }

  func test_replay_whenItsRecipientIsDown_doesNotCount() throws {
    let cluster = try running()
    let frame = PeerFrame(
      from: 1,
      to: 0,
      sender: cluster.nodes[1].member,
      recipient: cluster.nodes[0].member,
      bytes: Self.heartbeat,
      connection: nil
    )
    cluster.crash(0, by: .kill, losesPower: false)

    cluster.replay(frame)
    _ = try cluster.step()
    let whileDown = count(.replay, cluster)
    while cluster.nodes[0].process?.lastStatus == nil { _ = try cluster.step() }
    cluster.replay(frame)
    while count(.replay, cluster) == 0 { _ = try cluster.step() }

    XCTAssertEqual(whileDown, 0)
    XCTAssertEqual(count(.replay, cluster), 1)
  }

  func test_recipe_whenItsStepsAreStillToCome_doesNotCount() throws {
    let cluster = try running()
    while cluster.leader == nil { _ = try cluster.step() }

    try cluster.carryOut(strike(.crashUnderLoad))
    let atFirst = count(.crashUnderLoad, cluster)
    let end = cluster.now + 300_000
    while cluster.now < end { _ = try cluster.step() }

    XCTAssertEqual(atFirst, 0)
    XCTAssertEqual(count(.crashUnderLoad, cluster), 1)
  }

  func test_episode_whenItCountsAsAnotherFaultToo_doesSoOnce() {
    var faults = FaultCounts()
    let id = faults.beginEpisode(.pause)
    faults.count(.leftBroken, withEpisode: id)
    let before = faults.all.reduce(0) { $0 + $1.count }

    faults.tookEffect(episode: id)
    faults.tookEffect(episode: id)

    XCTAssertEqual(before, 0)
    for kind in [FaultKind.pause, .leftBroken] {
      XCTAssertEqual(faults.all.first { $0.kind == kind }?.count, 1)
    }
  }

  // MARK: - Words

  /// A message that says nothing to anybody.
  private static var heartbeat: [UInt8] {
    var writer = ByteWriter()
    writer.writeFrame(FrameHead(kind: FrameKind.peerMessages.rawValue, requestID: 0)) {
      $0.write(PeerMessage<RaftMessage>.consensus(.voteAnswer(term: Term(0), isGranted: false)))
    }
    return writer.bytes
  }

  /// Three nodes in fair weather that have all had a turn.
  private func running() throws -> SimulatedCluster {
    var options = RunOptions(nodes: 3)
    options.withoutStrikes = Set(1...9_999)
    options.withoutWeather = Set(FaultKind.allCases)
    let cluster = SimulatedCluster(seed: 3, options)
    try cluster.begin()
    while cluster.nodes.contains(where: { $0.process?.lastStatus == nil }) {
      _ = try cluster.step()
    }
    return cluster
  }

  private func strike(_ kind: FaultKind) -> FaultStrike {
    FaultStrike(
      number: 1,
      kind: kind,
      time: 0,
      random: RandomSource(seed: 1),
      aim: .node(0)
    )
  }

  private func count(_ kind: FaultKind, _ cluster: SimulatedCluster) -> Int {
    cluster.faults.all.first { $0.kind == kind }?.count ?? 0
  }
}
