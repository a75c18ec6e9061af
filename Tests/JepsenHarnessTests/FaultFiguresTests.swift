import Linearizability
import XCTest

@testable import JepsenHarness

final class FaultFiguresTests: XCTestCase {
  /// A run with a fault from second 10 to 12, and calls every 100 ms that take a millisecond
  /// outside and 50 within.
  private func result(_ fault: RunFault, leaders: [LeaderSight] = []) -> RunResult {
    let samples = (0..<200).map { number -> CallSample in
      let began = Int64(number) * 100_000
      let took: Int64 = (fault.from..<fault.to).contains(began) ? 50_000 : 1_000
      return CallSample(
        began: began,
        took: took,
        ending: .ok,
        isRead: number.isMultiple(of: 2)
      )
    }
    return RunResult(
      plan: RunPlan(binaries: ["x"], folder: "x"),
      verdict: RunVerdict(word: "linearizable", judge: "kv"),
      samples: samples,
      leaders: leaders,
      faults: [fault],
      recovery: RunResult.Recovery(milliseconds: 1),
      faultTime: 15_000_000
    )
  }

  private func fault(_ kind: FaultKind, _ targets: [Int], felt: Int) -> RunFault {
    RunFault(
      kind: kind,
      targets: targets,
      from: 10_000_000,
      to: 12_000_000,
      feltCount: felt,
      words: "<cut>"
    )
  }

  func test_figures_whenCallsAreSlowMeanwhile_tellBeforeFromDuringAndAfter() throws {
    let found = FaultFigures.all(of: result(fault(.partitionHalves, [1, 2, 3], felt: 4)))

    let figures = try XCTUnwrap(found.first)
    XCTAssertEqual(figures.feltCount, 1)
    XCTAssertEqual(figures.latencies.before.milliseconds(0.5), 1)
    XCTAssertEqual(figures.latencies.during.milliseconds(0.5), 50)
    XCTAssertEqual(figures.latencies.after.milliseconds(0.99), 1)
    XCTAssertEqual(figures.latencies.during.count, 20)
    XCTAssertLessThan(figures.longestGapMilliseconds, 200)
  }

  func test_figures_whenTheLeaderIsStruck_countTheTimeToTheNext() {
    let leaders = [
      LeaderSight(at: 0, node: 2, term: 1), LeaderSight(at: 10_700_000, node: 1, term: 2),
    ]

    let struck = FaultFigures.all(of: result(fault(.kill, [2], felt: 1), leaders: leaders))
    let spared = FaultFigures.all(of: result(fault(.kill, [3], felt: 1), leaders: leaders))

    XCTAssertEqual(struck.map(\.leaderMilliseconds), [[700]])
    XCTAssertEqual(spared.map(\.leaderMilliseconds), [[]])
  }

  @MainActor
  func test_faults_whenOneDidNotHappen_calledMeanwhileCountsForTheOthersOnly() {
    var idle = fault(.transferLeader, [], felt: 0)
    idle.hasHappened = false
    let samples = result(idle).samples

    let others = [FaultKind.kill, .fileCorrupt, .diskSlow].map { fault($0, [1], felt: 0) }
    let faults = FaultWatch.faults([idle] + others, feltBy: samples)

    XCTAssertEqual(faults.map(\.wasFelt), [false, true, true, false])
  }

  func test_row_whenARunIsOver_hasWhatEachKindOfFaultDid_andWhatFailed() throws {
    var run = result(fault(.kill, [1], felt: 1))
    run.samples[0].ending = .fail
    let row = CampaignRow(RunReport(run), folder: "x")

    let kinds = try XCTUnwrap(row.json.field("by_fault"))
    XCTAssertEqual(row.json.field("failed"), .integer(1))
    XCTAssertEqual(RunReport(run).json.field("failed"), .integer(1))
    guard case .list(let figures) = kinds else { return XCTFail("\(kinds)") }
    XCTAssertEqual(figures.map { $0.field("kind") }, [HistoryValue("kill")])
    for name in ["p99_before_ms", "p99_during_ms", "p99_after_ms", "new_leader_ms"] {
      XCTAssertNotNil(figures[0].field(name))
    }
  }

  func test_figures_whenRunsAreMerged_addUp() throws {
    let one = FaultFigures.all(of: result(fault(.kill, [2], felt: 1)))
    let two = FaultFigures.all(of: result(fault(.kill, [2], felt: 0)))

    let merged = try XCTUnwrap(FaultFigures.merged(one + two).first)

    XCTAssertEqual(merged.count, 2)
    XCTAssertEqual(merged.feltCount, 1)
    XCTAssertEqual(merged.latencies.during.count, 40)
  }

  func test_page_whenAFaultWasNotFelt_saysSoAndEscapesWhatItShows() {
    let report = RunReport(result(fault(.partitionHalves, [1, 2, 3], felt: 0)))

    let html = ReportPage(report).html

    XCTAssertTrue(html.contains("0 of 1</b><span>faults were felt"), html)
    XCTAssertTrue(html.contains("&lt;cut&gt;"))
    XCTAssertFalse(html.contains("http"), "nothing is fetched from anywhere")
  }

  func test_result_whenVerdictAndRecoveryDiffer_isTheWorst() {
    var run = result(fault(.kill, [1], felt: 1))
    XCTAssertEqual(run.word, "passed")
    run.faultProblem = "no tool"
    XCTAssertEqual(run.word, "faults_missing")
    run.recovery.problem = "no node leads"
    XCTAssertEqual(run.word, "not_recovered")
    run.verdict.word = "not_linearizable"
    XCTAssertEqual(run.word, "failed")
  }
}
