import XCTest

@testable import Exploration

/// Small worlds in seconds; the large ones go through `tools/explore`.
final class ExplorerTests: XCTestCase {
  func test_explorer_whenAnEntryIsWrittenAndANodeCrashes_findsNoViolation() {
    let report = explore(SmallWorldBounds(entries: 1, crashes: 1, timeouts: 1))

    XCTAssertNil(report.violation, report.trace.joined(separator: "\n"))
    XCTAssertTrue(report.isComplete)
    XCTAssertGreaterThan(count(.requestCommitted, in: report), 1_000)
    XCTAssertGreaterThan(count(.leaderCrash, in: report), 100)
    XCTAssertGreaterThan(count(.recordsLost, in: report), 100)
  }

  func test_explorer_whenTwoTimersRunOut_reachesDeposedLeadersAndContradictingLogs() {
    let report = explore(SmallWorldBounds(entries: 0, crashes: 0, timeouts: 2), worldsMax: 30_000)

    XCTAssertNil(report.violation, report.trace.joined(separator: "\n"))
    XCTAssertGreaterThan(count(.twoLeaders, in: report), 0)
    XCTAssertGreaterThan(count(.contradiction, in: report), 0)
    XCTAssertGreaterThan(count(.threeTerms, in: report), 0)
  }

  func test_explorer_whenRunTwice_findsTheSameWorldsInTheSameOrder() {
    let bounds = SmallWorldBounds(entries: 0, crashes: 1, timeouts: 1)
    var explorers = [Explorer(bounds: bounds), Explorer(bounds: bounds)]
    while explorers[0].explore(worlds: 7) {}
    while explorers[1].explore(worlds: 1_000) {}

    XCTAssertEqual(explorers[0].parents, explorers[1].parents)
    XCTAssertEqual(explorers[0].actions, explorers[1].actions)
  }

  // MARK: Planted flaws: a search that finds nothing must be able to find something.

  func test_explorer_whenVotesAreForgottenInACrash_findsTheSecondVote() {
    assertFinds("S2", flaw: .votesForgotten, timeouts: 2)
  }

  func test_explorer_whenPromisesLeaveBeforeTheSync_findsTheFirst() {
    assertFinds("S3", flaw: .promisesEarly, timeouts: 1)
  }

  func test_explorer_whenACrashLosesASyncedEntry_findsTheLostCommit() {
    assertFinds("S9", flaw: .syncedLost, timeouts: 1)
  }

  func test_explorer_whenRefusalsArriveAsVotes_findsTwoLeadersInATerm() {
    assertFinds("S1", flaw: .refusalsGranted, timeouts: 2)
  }

  // MARK: Fixtures

  private func assertFinds(
    _ promise: String,
    flaw: WorldFlaw,
    timeouts: Int,
    line: UInt = #line
  ) {
    let bounds = SmallWorldBounds(entries: 0, crashes: 1, timeouts: timeouts)
    let report = explore(bounds, flaw: flaw, worldsMax: 100_000)

    XCTAssertEqual(report.violation?.promise, promise, line: line)
    XCTAssertFalse(report.isComplete, line: line)
    XCTAssertTrue(report.trace.last?.hasPrefix("broken: \(promise)") ?? false, line: line)
  }

  private func explore(
    _ bounds: SmallWorldBounds,
    flaw: WorldFlaw = .none,
    worldsMax: Int = 200_000
  ) -> ExplorationReport {
    var explorer = Explorer(bounds: bounds, flaw: flaw)
    while explorer.worlds < worldsMax, explorer.explore(worlds: 100) {}
    return explorer.report
  }

  private func count(_ mark: WorldMark, in report: ExplorationReport) -> Int {
    report.marks.first { $0.mark == mark }?.count ?? 0
  }
}
