import Consensus
import Raft
import Replication
import XCTest

@testable import Simulation

/// The watch over nodes whose states are in doubt: what is right passes, each wrong is found (W7).
final class StandingWatchTests: XCTestCase {
  private static let told: [ReplicaReply] = [
    .applied(index: LogIndex(1), bytes: []), .answer(index: LogIndex(1), bytes: []),
    .outcome(.neverCommitted), .registered(session: 1), .closed,
  ]

  func test_reply_whenItsNodeIsSound_isRight() {
    let watch = watch(standing: .sound)

    for reply in Self.told {
      XCTAssertNil(watch.answers(reply, toRead: false, standing: .sound))
    }
  }

  func test_reply_inTheTurnThatFencesItsNode_isRight() {
    let watch = watch(standing: .sound)

    for reply in Self.told {
      XCTAssertNil(watch.answers(reply, toRead: false, standing: .fenced))
    }
  }

  func test_reply_whenItsNodeHasBeenInDoubt_isReported() {
    for standing in [Divergence.Standing.unsettled, .fenced] {
      let watch = watch(standing: standing)

      for reply in Self.told {
        XCTAssertNotNil(watch.answers(reply, toRead: false, standing: .unsettled))
        XCTAssertNotNil(watch.answers(reply, toRead: true, standing: .fenced))
        XCTAssertNil(watch.answers(reply, toRead: false, standing: .sound))
      }
    }
  }

  func test_refusalOfARead_whenItSaysHowTheNodeStands_isRight() {
    let (fenced, unsettled) = (watch(standing: .fenced), watch(standing: .unsettled))

    XCTAssertNil(fenced.answers(.refused(.fenced), toRead: true, standing: .fenced))
    XCTAssertNil(unsettled.answers(.refused(.statesDiffer), toRead: true, standing: .sound))
    XCTAssertNil(fenced.answers(.refused(.noLeader), toRead: true, standing: .fenced))
  }

  func test_refusalOfARead_whenItSaysWhatIsNotSo_isReported() {
    let (sound, fenced) = (watch(standing: .sound), watch(standing: .fenced))

    XCTAssertNotNil(sound.answers(.refused(.fenced), toRead: true, standing: .sound))
    XCTAssertNotNil(sound.answers(.refused(.statesDiffer), toRead: true, standing: .sound))
    XCTAssertNotNil(fenced.answers(.refused(.statesDiffer), toRead: true, standing: .fenced))
  }

  func test_refusalOfARead_whenTheNodeStoodOtherwiseMeanwhile_isRight() {
    var sound = watch(standing: .sound)
    sound.hasChanged = true

    XCTAssertNil(sound.answers(.refused(.statesDiffer), toRead: true, standing: .sound))
  }

  func test_refusalOfAWrite_mayBeAnothersWord() {
    let sound = watch(standing: .sound)

    XCTAssertNil(sound.answers(.refused(.fenced), toRead: false, standing: .sound))
  }

  func test_fencedLeader_whenItLeavesInTime_isRight() {
    var watch = watch(standing: .sound)

    XCTAssertNil(watch.turnEnded(.fenced, leads: true, at: 1_000_000))
    XCTAssertNil(watch.turnEnded(.fenced, leads: true, at: 1_000_000 + Self.limit))
    XCTAssertNil(watch.turnEnded(.fenced, leads: false, at: 9_000_000))
    XCTAssertNil(watch.turnEnded(.fenced, leads: true, at: 9_000_001))
  }

  func test_fencedLeader_whenItStays_isReported() {
    var watch = watch(standing: .sound)
    var reasons: [String] = []

    for time in stride(from: 1_000_000, through: 1_000_000 + 2 * Self.limit, by: 5_000) {
      if let reason = watch.turnEnded(.fenced, leads: true, at: time) { reasons.append(reason) }
    }

    XCTAssertEqual(reasons.first, "leads although it is fenced")
  }

  /// A late turn is its first chance.
  func test_fencedLeader_whenItStoodStill_hasItsChances() {
    var watch = watch(standing: .sound)

    XCTAssertNil(watch.turnEnded(.fenced, leads: true, at: 1_000_000))
    XCTAssertNil(watch.turnEnded(.fenced, leads: true, at: 1_000_001 + Self.limit))
  }

  func test_unsettledLeader_mayStay() {
    var watch = watch(standing: .sound)

    XCTAssertNil(watch.turnEnded(.unsettled, leads: true, at: 1_000_000))
    XCTAssertNil(watch.turnEnded(.unsettled, leads: true, at: 60_000_000))
  }

  // MARK: - Words

  private static let limit = 2 * (RaftOptions().electionTimeoutMaxMicroseconds + 100_000)

  private func watch(standing: Divergence.Standing) -> StandingWatch {
    var watch = StandingWatch(RaftOptions())
    _ = watch.turnEnded(standing, leads: false, at: 0)
    return watch
  }
}
