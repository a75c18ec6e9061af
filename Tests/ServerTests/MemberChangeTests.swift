import ClientProtocol
import Consensus
import Foundation
import Storage
import XCTest

@testable import Server

/// Members of real servers come and go.
final class MemberChangeTests: ServerTestCase {
  func test_node_thatJoins_catchesUpAndVotes() throws {
    try withCluster(of: 1, options: Self.keepLeader) { cluster in
      let leader = try leaderClient(of: cluster)
      let session = try openSession(leader)
      _ = try write(leader, session, 1, .kvPut(key: [1], value: [7]))
      let seat = try cluster.addJoiner()
      try cluster.start(2)

      let reply = try leader.ask(.changeMembers(.add(newcomer(seat))))
      try wait(for: "two voters") { try seats(leader) == [.voter, .voter] }

      XCTAssertEqual(reply.body, .done)
      let joined = try BlockingClient(seat.clientAddress)
      try joined.greet()
      try wait(for: "it to follow") { try status(of: joined).role == .follower }
      guard case .item(let item) = try readKey([1], joined) else { return XCTFail("no item") }
      XCTAssertEqual(item?.bytes.array, [7])
    }
  }

  func test_leader_thatIsRemoved_handsOverAndIsLeftAlone() throws {
    try withCluster(of: 3, options: Self.keepLeader) { cluster in
      let leader = try leaderClient(of: cluster)
      let id = try XCTUnwrap(leader.ack?.node.id)

      try remove(id, at: leader)
      cluster.stop(id)
      let next = try leaderClient(of: cluster)
      try cluster.start(id)
      wait(for: "word of its removal") {
        cluster.nodes[Int(id) - 1].log.contain("event=member.removed")
      }

      XCTAssertNotEqual(next.ack?.node.id, id)
      XCTAssertEqual(try status(of: next).members.count, 2)
    }
  }

  func test_node_thatWasRemovedWhileDown_isToldAndStandsNoMore() throws {
    try withCluster(of: 3, options: Self.keepLeader) { cluster in
      let leader = try leaderClient(of: cluster)
      let leaderID = try XCTUnwrap(leader.ack?.node.id)
      let gone: UInt32 = leaderID == 3 ? 2 : 3
      let before = try status(of: leader).term
      cluster.stop(gone)

      try remove(gone, at: leader)
      try cluster.start(gone)
      wait(for: "word of its removal") {
        cluster.nodes[Int(gone) - 1].log.contain("event=member.removed")
      }

      let after = try status(of: leader)
      XCTAssertEqual(after.role, .leader)
      XCTAssertEqual(after.term, before)
    }
  }

  /// Nothing counts that it says: whoever looks at it must not take it for sound.
  func test_node_whoseDirectoryWasMadeAnew_isNotSoundUntilItIsReplaced() throws {
    try withCluster(of: 3, options: { $0.comesBack = true }) { cluster in
      let client = try leaderClient(of: cluster)
      _ = try openSession(client)
      for id: UInt32 in [2, 3] { cluster.stop(id) }
      let folder = cluster.nodes[2].folder
      for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
        try FileManager.default.removeItem(atPath: folder + "/" + file)
      }
      try NodeDirectory.create(
        on: PosixDisk(path: folder),
        cluster: cluster.cluster,
        configuration: cluster.configuration,
        node: NodeID(3),
        journal: JournalOptions(segmentSizeBytes: 1 << 20)
      )

      // One of three is left, which leads nobody: it is not replaced.
      try cluster.start(3)
      wait(for: "its refusal") { cluster.nodes[2].log.contain("event=node.refused") }

      let remade = try self.client(of: cluster, 3)
      XCTAssertEqual(try status(of: remade).standing, .waiting)
    }
  }

  func test_change_thatCannotBe_isRefusedWithItsReason() throws {
    try withCluster(of: 1) { cluster in
      let leader = try leaderClient(of: cluster)
      let cases: [(MemberChange, ErrorCode)] = [
        (.remove(id: 1), .membersOutOfBounds), (.remove(id: 9), .memberUnknown),
        (.promote(id: 9), .memberUnknown),
        (.update(id: 1, clientAddress: "", peerAddress: ""), .membersOutOfBounds),
      ]
      for (change, code) in cases {
        let reply = try leader.ask(.changeMembers(change))

        guard case .error(let refused) = reply.body else { return XCTFail("\(reply)") }
        XCTAssertEqual(refused.code, code)
      }
    }
  }

  /// Refused until the leader has heard those who remain; whoever is unknown has been removed.
  private func remove(_ id: UInt32, at leader: BlockingClient) throws {
    try wait(for: "the change") {
      let body = try leader.ask(.changeMembers(.remove(id: id))).body
      guard case .error(let refused) = body else { return body == .done }
      return refused.code == .memberUnknown
    }
  }

  private func seats(_ client: BlockingClient) throws -> [NodeStatus.Seat] {
    try status(of: client).members.map(\.seat)
  }

  private func newcomer(_ seat: ClusterConfiguration.Seat) -> MemberChange.Newcomer {
    MemberChange.Newcomer(
      id: seat.member.id.rawValue,
      incarnation: seat.member.incarnation.rawValue,
      addresses: (seat.clientAddress, seat.peerAddress),
      promotesItself: true,
      replaces: 0
    )
  }
}
