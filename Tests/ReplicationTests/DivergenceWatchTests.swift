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
