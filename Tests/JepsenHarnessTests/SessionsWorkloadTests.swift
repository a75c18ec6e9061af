import ClientProtocol
import Consensus
import Linearizability
import Wire
import XCTest

@testable import JepsenHarness

final class SessionsWorkloadTests: XCTestCase {
  private func answer(_ sequence: UInt64, _ sum: Int64) -> SessionLine.Answer {
    var writer = ByteWriter()
    writer.write(CommandReply.incremented(revision: 1, value: sum))
    let head = Reply.Head(node: 1, leader: 1, leaderAddress: "", revision: 1)
    let reply = Reply(head, .result(writer.finish()))
    return SessionLine.Answer(sequence: sequence, reply: reply)
  }

  func test_lastCalls_whenSessionsWereLeft_readTheSumOfEachOfEveryClient() {
    var workload = SessionsWorkload(ClientSeat(number: 25))

    workload.leaveSession()
    workload.leaveSession()

    let calls = SessionsWorkload.lastCalls(rounds: 1) + workload.ownLastCalls()
    XCTAssertEqual(calls.compactMap(\.key).filter { $0.hasPrefix("s25") }.count, 3)
    XCTAssertEqual(calls.compactMap(\.key).last, "s25-2")
    XCTAssertTrue(calls.allSatisfy(\.isRead))
  }

  func test_pair_whenItEndsHalfAnswered_tellsWhatWasAnswered() {
    var pair = SessionPair([[1], [2]], from: 5)
    guard case .info("deadline") = pair.ending("deadline") else {
      return XCTFail("nothing was answered")
    }

    _ = pair.take(answer(5, 3))
    _ = pair.take(answer(5, 7))

    guard case .ok(let result) = pair.ending("deadline") else { return XCTFail("answers are lost") }
    XCTAssertEqual(result, .list([.list([.integer(3), .integer(7)]), .list([])]))
  }
}
