import Synchronization
import XCTest

@testable import JepsenHarness

final class KeyedTrialTests: XCTestCase {
  private final class Clock: Sendable {
    let now = Atomic<UInt64>(1_000_000)
  }

  private let clock = Clock()

  private func finding(_ key: Int) -> CallFinding { CallFinding(key: "\(key)", sentence: "") }

  /// A trial of keys that need so many seconds each; a negative number is convicted after those.
  private func trial(of seconds: [Int], limitSeconds: UInt64 = 120) -> KeyedTrial {
    var trial = KeyedTrial(limitMicroseconds: limitSeconds * 1_000_000, badMax: 20) { [clock] in
      clock.now.load(ordering: .relaxed)
    }
    trial.judge(Array(seconds.enumerated())) { key, isTimeOver in
      for _ in 0..<abs(key.element) * 10 {
        if isTimeOver() { return .unknown(finding(key.offset)) }
        clock.now.add(100_000, ordering: .relaxed)
      }
      return key.element < 0 ? .bad(finding(key.offset)) : .fine
    }
    return trial
  }

  func test_trial_whenManyKeysAreUnknown_stillConvictsTheLast() {
    let found = trial(of: Array(repeating: 1_000, count: 30) + [-1])

    XCTAssertEqual(found.bad.map(\.key), ["30"])
    XCTAssertEqual(found.unknown.count, 30)
  }

  func test_trial_whenOneKeyIsHard_leavesTimeForTheOthers() {
    let found = trial(of: [1_000, -30, 20])

    XCTAssertEqual(found.bad.map(\.key), ["1"])
    XCTAssertEqual(found.unknown.map(\.key), ["0"])
    XCTAssertLessThanOrEqual(clock.now.load(ordering: .relaxed), 130_000_000)
  }

  func test_trial_whenConvictionsAreMany_stops() {
    let found = trial(of: [1_000] + Array(repeating: -1, count: 30))

    XCTAssertEqual(found.bad.count, 20)
    XCTAssertEqual(found.unknown.map(\.key), ["0"])
  }
}
