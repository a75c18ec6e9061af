import ClientProtocol
import Consensus
import Raft
import Replication
import Wire
import XCTest

@testable import Server

/// Real servers, one of which is made to believe that its state is the odd one (decision 0022).
final class FencingTests: ServerTestCase {
  func test_leader_whoseStateIsOdd_handsOverAndServesNothing() throws {
    try withCluster(of: 3, options: Self.keepLeader) { cluster in
      let client = try leaderClient(of: cluster)
      let before = try status(of: client)
      let session = try openSession(client)
      _ = try write(client, session, 1, .kvPut(key: [1], value: [1]))

      let impostors = try ([1, 2, 3] as [UInt32]).filter { $0 != before.id }.map { other in
        try contradict(before.id, as: other, in: cluster)
      }
      try wait(for: "the old leader to be fenced and to follow") {
        let now = try status(of: client)
        return now.standing == .fenced && now.role == .follower
      }
      let next = try leaderClient(of: cluster)

      XCTAssertEqual(try refusal(of: client).code, .nodeFenced)
      XCTAssertNotEqual(try status(of: next).id, before.id)
      XCTAssertEqual(try status(of: next).standing, .sound)
      guard case .written = try write(next, session, 2, .kvPut(key: [1], value: [2])) else {
        return XCTFail("the others serve on")
      }
      let log = cluster.nodes[Int(before.id) - 1].log
      XCTAssertTrue(log.contain("level=error node=\(before.id) event=state.fenced nodes=n"))
      withExtendedLifetime(impostors) {}
    }
  }

  private func refusal(of client: BlockingClient) throws -> Reply.Refused {
    let reply = try client.ask(readRequest([1]))
    guard case .error(let refused) = reply.body else { throw BlockingClient.Failure.silent }
    return refused
  }

  /// Tells a node, in another's name, of results that it did not come to.
  private func contradict(
    _ node: UInt32,
    as other: UInt32,
    in cluster: TestCluster
  ) throws -> BlockingClient {
    let seats = cluster.configuration.seats
    let impostor = try BlockingClient(seats[Int(node) - 1].peerAddress)
    let member = seats[Int(other) - 1].member
    let hello = Hello(
      clusterHigh: cluster.cluster.high,
      clusterLow: cluster.cluster.low,
      speaker: .peer(
        NodeCard(
          id: other,
          incarnation: member.incarnation.rawValue,
          boot: .max,
          durablePosition: 0
        )
      )
    )
    let report = DigestReport(
      boot: .max,
      marks: [DigestMark(index: LogIndex(2), digest: 1)]
    )
    var writer = ByteWriter()
    hello.writeFrame(into: &writer)
    writer.writeFrame(FrameHead(kind: FrameKind.peerMessages.rawValue, requestID: 0)) {
      $0.write(PeerMessage<RaftMessage>.digests(report))
    }
    try impostor.send(writer.bytes)
    return impostor
  }
}
