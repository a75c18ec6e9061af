import Consensus
import Raft
import XCTest

@testable import Simulation

final class OfficeWatchTests: XCTestCase {
  private static let step: UInt64 = 10_000

  func test_leader_whenAQuorumAnswers_mayGoOn() {
    var watch = OfficeWatch(RaftOptions())

    let reasons = turns(60) { now in
      watch.heard(.termPassed(term: Term(1)), from: member(2), at: now)
      return watch.turnEnded(leading(), of: member(1), at: now, majority(of: 3))
    }

    XCTAssertEqual(reasons, [])
  }

  func test_leader_whenNobodyAnswers_isSaidToLeadAlone() {
    var watch = OfficeWatch(RaftOptions())

    let reasons = turns(60) { watch.turnEnded(leading(), of: member(1), at: $0, majority(of: 3)) }

    XCTAssertEqual(reasons.first, "leads although no quorum has answered for 410 ms")
  }

  func test_leader_whenOnlyAnotherOfTheSameIDAnswers_isSaidToLeadAlone() {
    var watch = OfficeWatch(RaftOptions())

    let reasons = turns(60) { now in
      let isFormer = now <= 100_000
      let other = isFormer ? member(2) : member(2, incarnation: 2)
      watch.heard(.termPassed(term: Term(1)), from: other, at: now)
      return watch.turnEnded(leading(), of: member(1), at: now, majority(of: 3))
    }

    // What it said before it came back counts as long as anything.
    XCTAssertEqual(reasons.first, "leads although no quorum has answered for 500 ms")
  }

  func test_leader_whenItsDiskHangs_isSaidToLeadWithoutOne() {
    var watch = OfficeWatch(RaftOptions())
    watch.batchBegan(at: 0)

    let reasons = turns(300) { watch.turnEnded(leading(), of: member(1), at: $0, majority(of: 1)) }

    XCTAssertEqual(reasons.first, "leads although its disk hangs")
  }

  func test_leader_whenItsDiskGetsThingsDone_mayGoOn() {
    var watch = OfficeWatch(RaftOptions())

    let reasons = turns(300) { now in
      watch.batchEnded()
      watch.batchBegan(at: now)
      return watch.turnEnded(leading(), of: member(1), at: now, majority(of: 1))
    }

    XCTAssertEqual(reasons, [])
  }

  private func turns(_ count: UInt64, _ turn: (UInt64) -> String?) -> [String] {
    (1...count).compactMap { turn($0 * Self.step) }
  }

  private func majority(of count: UInt32) -> ((Member) -> Bool) -> Bool {
    { holds in (1...count).count { holds(self.member($0)) } > count / 2 }
  }

  private func member(_ id: UInt32, incarnation: UInt64 = 1) -> Member {
    Member(id: NodeID(id), incarnation: Incarnation(incarnation))
  }

  private func leading() -> CoreStatus {
    CoreStatus(
      role: .leader,
      term: Term(1),
      leader: NodeID(1),
      commitIndex: .zero,
      lastIndex: .zero,
      leaderContactMicroseconds: nil
    )
  }
}
