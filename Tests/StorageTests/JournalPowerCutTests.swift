import Foundation
import XCTest

@testable import Storage

/// Power cuts after every disk call, with every subset of what was not synced (P1, D1, D2, D20).
///
/// A sample in each test run; everything where `LOCKSTEP_EXHAUSTIVE` is set.
final class JournalPowerCutTests: XCTestCase {
  private let isExhaustive =
    ProcessInfo.processInfo.environment["LOCKSTEP_EXHAUSTIVE"] != nil
  private var numbers = SeededNumbers(2)

  func test_D1_D2_recovery_whenPowerIsCutAfterAnyDiskCall_keepsAllThatWasSynced() throws {
    let calls = try countCalls()
    var (cuts, most) = (0, 0)

    for cut in 0...calls {
      let (run, disk) = live(until: cut)
      most = max(most, disk.pendingCount)
      for survives in survivals(of: disk.pendingCount) {
        cuts += 1
        let wrong = run.judge(disk.afterPowerCut { survives[$0] })
        XCTAssertNil(wrong, "after call \(cut), surviving \(survives)")
      }
    }

    print("power cuts judged: \(cuts) after \(calls) calls, up to \(most) things pending")
    XCTAssertGreaterThan(calls, 100)
  }

  func test_W8_D18_recovery_whenPowerIsCutWhileRecordsAreForgottenAgainAndAgain_opens() throws {
    let whole = CrashDisk()
    var run = ReferenceRun()
    try run.live(on: whole, batches: 40, keeping: 12)
    let segments = whole.contents.keys.compactMap(SegmentHeader.number(of:))
    var cuts = 0

    for cut in 0...whole.calls {
      let disk = CrashDisk()
      disk.cutAfter = cut
      var run = ReferenceRun()
      _ = storageError { try run.live(on: disk, batches: 40, keeping: 12) }
      for survives in survivals(of: disk.pendingCount) {
        cuts += 1
        let wrong = run.judge(disk.afterPowerCut { survives[$0] })
        XCTAssertNil(wrong, "after call \(cut), surviving \(survives)")
      }
    }

    print("power cuts judged while forgetting: \(cuts) after \(whole.calls) calls")
    XCTAssertGreaterThan(segments.min() ?? 0, 4)
    XCTAssertLessThanOrEqual(run.filesMost, 7)
  }

  func test_D2_recovery_whenPowerIsCutWhileABatchGoesOverSegments_opens() throws {
    let batch = (2...6).map { number in
      number == 4
        ? JournalRecord.fixture(number, size: 50, isVital: true)
        : JournalRecord.fixture(number, size: 5000)
    }

    for cut in 0..<40 {
      let disk = CrashDisk()
      var journal = try Journal.fixture(on: disk)
      try journal.keep([.fixture(1)])
      disk.cutAfter = disk.calls + cut
      _ = storageError { try journal.append(batch) }
      for survives in survivals(of: disk.pendingCount) {
        let found = try reopen(disk.afterPowerCut { survives[$0] })

        XCTAssertEqual(
          found.records.map(\.payload),
          ([.fixture(1)] + batch).prefix(found.records.count).map(\.payload),
          "call \(cut)"
        )
        XCTAssertGreaterThanOrEqual(found.records.count, 1)
      }
    }
  }

  func test_P1_recovery_whenPowerIsCutDuringRecoveryToo_keepsAllThatWasSynced() throws {
    let calls = try countCalls()
    let step = isExhaustive ? 1 : 4

    for cut in stride(from: 0, through: calls, by: step) {
      let (run, disk) = live(until: cut)
      guard run.isMade else { continue }
      let first = randomSurvival(of: disk.pendingCount)
      let whole = disk.afterPowerCut { first[$0] }
      XCTAssertNil(run.judge(whole))
      for second in 0..<whole.calls {
        let crashed = disk.afterPowerCut { first[$0] }
        crashed.cutAfter = second
        _ = storageError {
          try DataDirectory.open(on: crashed).openJournal(
            options: .small,
            neededFrom: run.neededFrom
          )
        }
        let survives = randomSurvival(of: crashed.pendingCount)
        let wrong = run.judge(crashed.afterPowerCut { survives[$0] })
        XCTAssertNil(wrong, "after call \(cut), then call \(second) of the recovery")
      }
    }
  }

  func test_D1_recovery_whenOnlyTheProcessDies_keepsEvenWhatWasNotSynced() throws {
    let calls = try countCalls()

    for cut in 0...calls {
      let (run, disk) = live(until: cut)
      guard run.isMade else { continue }
      disk.cutAfter = .max
      disk.killProcess()

      XCTAssertNil(run.judge(disk), "killed after call \(cut)")
    }
  }

  // MARK: Helpers

  private func countCalls() throws -> Int {
    let disk = CrashDisk()
    var run = ReferenceRun()
    try run.live(on: disk)
    return disk.calls
  }

  private func live(until cut: Int) -> (run: ReferenceRun, disk: CrashDisk) {
    let disk = CrashDisk()
    disk.cutAfter = cut
    var run = ReferenceRun()
    _ = storageError { try run.live(on: disk) }
    return (run, disk)
  }

  /// Which of `count` unsynced things survive: nothing, everything, and others.
  private func survivals(of count: Int) -> [[Bool]] {
    var all = [[Bool](repeating: false, count: count)]
    guard count > 0 else { return all }
    if count <= (isExhaustive ? 10 : 3) {
      return (0..<(1 << count)).map { mask in (0..<count).map { mask >> $0 & 1 == 1 } }
    }
    all.append([Bool](repeating: true, count: count))
    for _ in 0..<(isExhaustive ? 1000 : 6) { all.append(randomSurvival(of: count)) }
    return all
  }

  /// Sometimes most, sometimes few of the things.
  private func randomSurvival(of count: Int) -> [Bool] {
    let odds = 1 + numbers.next(below: 9)
    return (0..<count).map { _ in numbers.next(below: 10) < odds }
  }
}
