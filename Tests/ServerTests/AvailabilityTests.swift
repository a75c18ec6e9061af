import ClientProtocol
import Foundation
import XCTest

@testable import Server

/// What clients hear while leaders go and come.
final class AvailabilityTests: ServerTestCase {
  func test_waitingClients_whenTheQuorumIsGone_hearThatThereIsNoLeader() throws {
    try withCluster(of: 3, options: Self.keepLeader) { cluster in
      let leader = try leaderClient(of: cluster)
      let session = try openSession(leader)
      let leaderID = try XCTUnwrap(leader.ack?.node.id)
      let others = cluster.nodes.map(\.id).filter { $0 != leaderID }
      for id in others { cluster.stop(id) }

      // Answered long before its own deadline.
      try leader.post(
        .write(request(session, 1, .kvPut(key: [1], value: [1]))),
        deadlineMilliseconds: 60_000
      )
      let unknown = try leader.nextError()
      try wait(for: "the leader to step down") { try status(of: leader).role != .leader }
      let write = try leader.ask(.write(request(session, 2, .kvPut(key: [1], value: [1]))))
      let read = try leader.ask(readRequest([1]))

      XCTAssertTrue([.leadershipLost, .noLeader].contains(unknown.code), "\(unknown)")
      for reply in [write, read] {
        guard case .error(let refused) = reply.body else { return XCTFail("\(reply)") }
        XCTAssertEqual(refused.code, .noLeader)
        XCTAssertEqual(refused.outcome, .notApplied)
        XCTAssertTrue(refused.message.hasPrefix("no leader since 20"), refused.message)
        XCTAssertEqual(reply.head.leader, 0)
      }
    }
  }

  func test_staleRead_atAFollower_isBoundedByTheLeadersLastWord() throws {
    try withCluster(of: 3, options: Self.keepLeader) { cluster in
      let leader = try leaderClient(of: cluster)
      let follower = try follower(of: XCTUnwrap(leader.ack?.node.id), in: cluster)
      let followerID = try XCTUnwrap(follower.ack?.node.id)
      let fresh = try follower.ask(readRequest([0], .stale(lagMaxMilliseconds: 5_000)))

      for node in cluster.nodes where node.id != followerID { cluster.stop(node.id) }
      try wait(for: "the leader's last word to grow old") {
        let reply = try follower.ask(readRequest([0], .stale(lagMaxMilliseconds: 300)))
        guard case .error(let refused) = reply.body else { return false }
        return refused.code == .tooStale
      }

      guard case .result = fresh.body else { return XCTFail("\(fresh)") }
    }
  }

  func test_outcome_ofAWrite_isSettledForEver() throws {
    try withCluster(of: 3, options: Self.keepLeader) { cluster in
      let client = try leaderClient(of: cluster)
      let session = try openSession(client)
      let written = try write(client, session, 1, .kvIncrement(key: [1], by: 1))

      let known = try client.ask(.outcome(session: session, sequence: 1))
      let never = try client.ask(.outcome(session: session, sequence: 2))
      let late = try client.ask(.write(request(session, 2, .kvIncrement(key: [1], by: 1))))
      let gone = try client.ask(.outcome(session: session + 1_000, sequence: 1))

      XCTAssertEqual(known.body, .outcome(.committed(written.encoded())))
      XCTAssertEqual(never.body, .outcome(.neverApplied))
      XCTAssertEqual(gone.body, .outcome(.sessionExpired))
      guard case .error(let refused) = late.body else { return XCTFail("\(late)") }
      XCTAssertEqual(refused.code, .sequenceSealed)
    }
  }

  func test_outcome_ofAWriteThatTheClientGaveUp_isUnknown() throws {
    try withCluster(of: 1) { cluster in
      let client = try leaderClient(of: cluster)
      let session = try openSession(client)
      _ = try write(client, session, 1, .kvPut(key: [1], value: [1]))
      var second = request(session, 2, .kvPut(key: [1], value: [2]))
      second.answeredThrough = 1
      _ = try client.ask(.write(second))

      let reply = try client.ask(.outcome(session: session, sequence: 1))

      guard case .error(let refused) = reply.body else { return XCTFail("\(reply)") }
      XCTAssertEqual(refused.code, .sequenceAnswered)
      XCTAssertEqual(refused.outcome, .unknown, "it stands, but the node cannot know that")
    }
  }

  func test_session_whenItsNonceIsKnown_isFoundAtAnyNode() throws {
    try withCluster(of: 3, options: Self.keepLeader) { cluster in
      let leader = try leaderClient(of: cluster)
      let session = try openSession(leader, nonce: 5)
      let follower = try follower(of: XCTUnwrap(leader.ack?.node.id), in: cluster)

      let again = try follower.ask(.openSession(nonce: 5), flags: .mayForward)
      let closed = try leader.ask(.closeSession(session: session))
      let late = try leader.ask(.write(request(session, 1, .kvPut(key: [1], value: [1]))))

      XCTAssertEqual(again.body, .session(session))
      XCTAssertEqual(closed.body, .done)
      guard case .error(let refused) = late.body else { return XCTFail("\(late)") }
      XCTAssertEqual(refused.code, .sessionExpired)
    }
  }

  func test_transfer_whenAskedFor_makesTheTargetLeader() throws {
    try withCluster(of: 3, options: Self.keepLeader) { cluster in
      let leaderID = try leaderClient(of: cluster).ack?.node.id
      let target: UInt32 = leaderID == 3 ? 1 : 3

      // A leader gives up if it takes longer than an election timeout: a slow disk is enough.
      try wait(for: "the transfer") {
        let leader = try leaderClient(of: cluster)
        guard leader.ack?.node.id != target else { return true }
        let reply = try leader.ask(.transferLeader(target: target))
        if reply.body == .done { XCTAssertEqual(reply.head.leader, target) }
        return reply.body == .done
      }

      let next = try client(of: cluster, target)
      XCTAssertEqual(try status(of: next).role, .leader)
    }
  }

  func test_transfer_toANodeThatCannotTakeOver_saysWhyNot() throws {
    try withCluster(of: 3, options: Self.keepLeader) { cluster in
      let leader = try leaderClient(of: cluster)
      let leaderID = try XCTUnwrap(leader.ack?.node.id)

      let unknown = try leader.ask(.transferLeader(target: 9))
      let itself = try leader.ask(.transferLeader(target: leaderID))

      guard case .error(let first) = unknown.body, case .error(let second) = itself.body else {
        return XCTFail("\(unknown), \(itself)")
      }
      XCTAssertEqual(first.code, .invalidArgument)
      XCTAssertEqual(first.message, "there is no node n9; the members are n1, n2, n3")
      XCTAssertEqual(second.code, .transferFailed)
      XCTAssertEqual(second.message, "node n\(leaderID) leads already")
    }
  }

  func test_status_ofEachNode_tellsHowItStands() throws {
    try withCluster(of: 3) { cluster in
      let leader = try leaderClient(of: cluster)
      _ = try openSession(leader)
      let clients = try cluster.nodes.map { try client(of: cluster, $0.id) }
      var all: [NodeStatus] = []

      try wait(for: "the nodes to agree") {
        all = try clients.map { try status(of: $0) }
        return Set(all.map(\.term)).count == 1 && all.count { $0.role == .leader } == 1
      }

      XCTAssertEqual(all.map(\.id), [1, 2, 3])
      for status in all {
        XCTAssertEqual(status.processID, UInt32(getpid()))
        XCTAssertGreaterThanOrEqual(status.lastIndex, status.commitIndex)
        XCTAssertGreaterThanOrEqual(status.commitIndex, status.appliedIndex)
        XCTAssertEqual(
          status.members.map(\.clientAddress),
          cluster.configuration.seats.map(\.clientAddress)
        )
      }
    }
  }

  func test_read_aboveWhatIsThere_waitsUntilItsDeadline() throws {
    try withCluster(of: 1) { cluster in
      let client = try leaderClient(of: cluster)
      let query = Query(.kvGet(Place(collection: "kv"), key: [1])).encoded()

      try client.post(
        .read(ReadRequest(.linearizable, atLeastRevision: 1_000_000, query: query)),
        deadlineMilliseconds: 100
      )
      let refused = try client.nextError()

      XCTAssertEqual(refused.code, .deadlineExceeded)
      XCTAssertEqual(refused.outcome, .notApplied)
    }
  }
}
