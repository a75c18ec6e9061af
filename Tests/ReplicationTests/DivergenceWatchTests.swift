import Consensus
import XCTest

@testable import Replication

/// Who is judged to be wrong (decision 0022), also where a snapshot heals a wrong state.
final class DivergenceWatchTests: XCTestCase {
  private static let members = (1...5).map {
    Member(id: NodeID(UInt32($0)), incarnation: Incarnation(UInt64($0)))
  }

  func test_judge_whenAMajoritySaysSomethingElse_fencesThisNode() {
    var watch = DivergenceWatch(of: Self.members[0], boot: 1)
    for peer in 1...3 { watch.take(report(of: results(through: 40)), from: Self.members[peer]) }

    let hasChanged = watch.judge(results(through: 40, wrongFrom: 35), Self.hasQuorum)

    XCTAssertTrue(hasChanged)
    XCTAssertEqual(watch.divergence.standing, .fenced)
  }

  func test_judge_whenAWrongNodeWasHealedByASnapshot_forgetsThatItDiffered() {
    let own = results(through: 40)
    var watch = DivergenceWatch(of: Self.members[0], boot: 1)
    for peer in 2...4 { watch.take(report(of: own), from: Self.members[peer]) }
    watch.take(report(of: results(through: 40, wrongFrom: 35)), from: Self.members[1])
    _ = watch.judge(own, Self.hasQuorum)
    XCTAssertEqual(watch.divergence.differing, [NodeID(2)])

    watch.take(report(of: own), from: Self.members[1])
    _ = watch.judge(own, Self.hasQuorum)

    XCTAssertEqual(watch.divergence.differing, [])
    XCTAssertEqual(watch.divergence.standing, .sound)
  }

  /// Node 2 is wrong at 16, healed by then, and wrong again at 40: what it says of 32 is what
  /// everybody says, and must not make a majority against this node.
  func test_judge_whenAHealedNodeIsWrongAgain_countsOnlyWhatDiffersFromOurs() {
    let own = results(through: 40)
    var watch = DivergenceWatch(of: Self.members[0], boot: 1)
    watch.take(report(of: results(through: 16, wrongFrom: 16)), from: Self.members[1])
    _ = watch.judge(own, Self.hasQuorum)
    watch.take(report(of: results(through: 40, wrongFrom: 40)), from: Self.members[1])
    watch.take(report(of: results(through: 40, wrongFrom: 39)), from: Self.members[2])
    for peer in 3...4 {
      watch.take(report(of: results(through: 36)), from: Self.members[peer])
    }

    _ = watch.judge(own, Self.hasQuorum)

    XCTAssertNotEqual(watch.divergence.standing, .fenced)
  }

  func test_confirms_whenAMajorityCameToTheSame_isTrueThroughThatEntry() {
    let watch = watch(hearing: [results(through: 40), results(through: 33)])

    XCTAssertTrue(watch.confirms(LogIndex(33), waitingFor: 0, Self.hasQuorum))
    XCTAssertFalse(watch.confirms(LogIndex(34), waitingFor: 0, Self.hasQuorum))
  }

  func test_confirms_whenOneAloneAnswersForLong_takesItsWord() {
    let watch = watch(hearing: [results(through: 40)])

    XCTAssertFalse(watch.confirms(LogIndex(40), waitingFor: 29_999_999, Self.hasQuorum))
    XCTAssertTrue(watch.confirms(LogIndex(40), waitingFor: 30_000_000, Self.hasQuorum))
    XCTAssertFalse(watch.confirms(LogIndex(41), waitingFor: 30_000_000, Self.hasQuorum))
  }

  func test_confirms_whenNobodyAnswers_neverTakesItsOwnWord() {
    let watch = watch(hearing: [])

    XCTAssertFalse(watch.confirms(LogIndex(1), waitingFor: .max, Self.hasQuorum))
  }

  func test_confirms_whenAnotherDiffers_waitsForAMajority() {
    let sound = results(through: 40)
    let watch = watch(hearing: [results(through: 40, wrongFrom: 35), sound])

    XCTAssertFalse(watch.confirms(LogIndex(34), waitingFor: .max, Self.hasQuorum))
  }

  func test_confirms_whenItIsTheOnlyVoter_needsNobody() {
    let watch = watch(hearing: [])

    XCTAssertTrue(
      watch.confirms(LogIndex(40), waitingFor: 0) { holds in holds(Self.members[0]) }
    )
  }

  /// Node 1, with results through 40, that has heard so many of the others.
  private func watch(hearing others: [ResultDigests]) -> DivergenceWatch {
    var watch = DivergenceWatch(of: Self.members[0], boot: 1)
    for (place, results) in others.enumerated() {
      watch.take(report(of: results), from: Self.members[place + 1])
    }
    _ = watch.judge(results(through: 40), Self.hasQuorum)
    return watch
  }

  private static func hasQuorum(_ holds: (Member) -> Bool) -> Bool {
    members.count(where: holds) > members.count / 2
  }

  private func report(of results: ResultDigests) -> DigestReport {
    DigestReport(boot: 1, marks: results.marks(stretchesMax: 8))
  }

  private func results(through last: UInt64, wrongFrom wrong: UInt64 = .max) -> ResultDigests {
    var results = ResultDigests()
    for index in 1...last {
      results.close(
        LogIndex(index),
        machineDigest: index >= wrong ? index + last + wrong : index,
        sessionsCount: 0
      )
    }
    return results
  }
}
