import BSON
import ClientProtocol
import Wire
import XCTest

@testable import Server

final class LockstepServerTests: ServerTestCase {
  func test_cluster_whenALeaderIsElected_putsAndGets() throws {
    try withCluster(of: 3) { cluster in
      let client = try leaderClient(of: cluster)
      let session = try openSession(client)

      let written = try write(client, session, 1, .kvPut(key: [1], value: [9, 9]))
      let read = try readKey([1], client)

      guard case .written(let revision, false, _) = written else {
        return XCTFail("written: \(written)")
      }
      XCTAssertEqual(read, .item(.init(revision: revision, bytes: [9, 9])))
    }
  }

  func test_write_whenSentTwice_isAppliedOnce() throws {
    try withCluster(of: 3) { cluster in
      let client = try leaderClient(of: cluster)
      let session = try openSession(client)

      let first = try write(client, session, 1, .kvIncrement(key: [1], by: 5))
      let second = try write(client, session, 1, .kvIncrement(key: [1], by: 5))

      guard case .incremented(_, 5) = first else { return XCTFail("\(first)") }
      XCTAssertEqual(first, second)
    }
  }

  func test_write_atAFollower_isForwardedOrRedirected() throws {
    try withCluster(of: 3, options: Self.keepLeader) { cluster in
      let leader = try leaderClient(of: cluster)
      let session = try openSession(leader)
      let leaderID = try XCTUnwrap(leader.ack?.node.id)
      let follower = try follower(of: leaderID, in: cluster)

      let forwarded = try follower.ask(
        .write(request(session, 1, .kvPut(key: [1], value: [1]))),
        flags: .mayForward
      )
      let redirected = try follower.ask(.write(request(session, 2, .kvPut(key: [1], value: [2]))))
      let read = try readKey([1], follower)

      guard case .result = forwarded.body else { return XCTFail("\(forwarded)") }
      guard case .error(let refused) = redirected.body else { return XCTFail("\(redirected)") }
      XCTAssertEqual(refused.code, .notLeader)
      XCTAssertEqual(redirected.head.leader, leaderID)
      XCTAssertFalse(redirected.head.leaderAddress.isEmpty)
      guard case .item(.some(let item)) = read else { return XCTFail("\(read)") }
      XCTAssertEqual(item.bytes, [1], "a follower's read is linearizable, too")
    }
  }

  func test_leader_whenStopped_handsOverAndNothingIsLost() throws {
    try withCluster(of: 3) { cluster in
      var leader = try leaderClient(of: cluster)
      let session = try openSession(leader)
      _ = try write(leader, session, 1, .kvPut(key: [1], value: [7]))
      let old = try XCTUnwrap(leader.ack?.node.id)

      cluster.stop(old)
      leader = try leaderClient(of: cluster)
      let read = try readKey([1], leader)

      XCTAssertNotEqual(leader.ack?.node.id, old)
      guard case .item(.some(let item)) = read else { return XCTFail("\(read)") }
      XCTAssertEqual(item.bytes, [7])
    }
  }

  func test_cluster_whenAllAreStoppedAndStarted_knowsEverything() throws {
    try withCluster(of: 3) { cluster in
      let client = try leaderClient(of: cluster)
      let session = try openSession(client)
      _ = try write(client, session, 1, .kvIncrement(key: [1], by: 1))
      for id: UInt32 in 1...3 { cluster.stop(id) }

      try cluster.startAll()
      let again = try leaderClient(of: cluster)
      let retried = try write(again, session, 1, .kvIncrement(key: [1], by: 1))

      guard case .incremented(_, 1) = retried else { return XCTFail("\(retried)") }
    }
  }

  func test_scan_whenStreamed_sendsPagesAsCreditAllows() throws {
    try withCluster(of: 1) { cluster in
      let client = try leaderClient(of: cluster)
      let session = try openSession(client)
      for number: UInt8 in 1...25 {
        _ = try write(client, session, UInt64(number), .kvPut(key: [number], value: [number]))
      }
      let scan = Query(.kvRange(Place(collection: "kv"), .all, ScanWindow(pageItems: 10)))
      let id = try client.post(
        .read(ReadRequest(.linearizable, streamCredit: 2, query: scan.encoded()))
      )

      let first = try client.nextReply()
      let second = try client.nextReply()
      let pong = try client.ask(.ping)
      try client.post(.credit(frames: 1), id: id)
      let third = try client.nextReply()

      XCTAssertEqual([first.more, second.more, third.more], [true, true, false])
      guard case .done = pong.body else { return XCTFail("nothing follows without credit") }
      XCTAssertEqual(try [first, second, third].flatMap { try keys(in: $0.0) }, Array(1...25))
    }
  }
}
