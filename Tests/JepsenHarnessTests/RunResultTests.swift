import XCTest

@testable import JepsenHarness

final class RunResultTests: XCTestCase {
  /// A run of a second and a quiet one.
  private func result(_ samples: [CallSample]) -> RunResult {
    RunResult(
      plan: RunPlan(binaries: ["lockstep"], folder: "run"),
      verdict: RunVerdict(word: "linearizable", judge: "kv"),
      samples: samples,
      leaders: [],
      faults: [],
      recovery: RunResult.Recovery(milliseconds: 1),
      faultTime: 1_000_000
    )
  }

  private func sample(_ began: Int64, _ ending: CallSample.Ending, isRead: Bool) -> CallSample {
    CallSample(began: began, took: 1_000, ending: ending, isRead: isRead)
  }

  func test_word_whenNothingSucceedsInTheQuietTime_isNotRecovered() {
    let early = [sample(0, .ok, isRead: false), sample(0, .ok, isRead: true)]
    let write = sample(1_500_000, .ok, isRead: false)
    let read = sample(1_500_000, .ok, isRead: true)
    let lostWrite = sample(1_500_000, .info, isRead: false)
    let lostRead = sample(1_500_000, .fail, isRead: true)
    let table: [(String, [CallSample], String)] = [
      ("both", early + [lostRead, lostWrite, read, write], "passed"),
      ("no reads at all", [write], "passed"),
      ("nothing", [], "not_recovered"),
      ("nothing later", early, "not_recovered"),
      ("all fail", early + [lostRead, lostWrite], "not_recovered"),
      ("only reads", early + [read, lostWrite], "not_recovered"),
      ("only writes", early + [write, lostRead], "not_recovered"),
    ]

    for (name, samples, word) in table { XCTAssertEqual(result(samples).word, word, name) }
  }
}
