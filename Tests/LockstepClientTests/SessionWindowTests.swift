import XCTest

@testable import LockstepClient

final class SessionWindowTests: XCTestCase {
  func test_window_whenFull_givesNoSequenceUntilTheOldestIsSettled() {
    var window = SessionWindow(id: 1, size: 3)

    XCTAssertEqual([window.take(), window.take(), window.take()], [1, 2, 3])
    XCTAssertNil(window.take())
    window.settle(2)
    XCTAssertNil(window.take(), "the oldest still holds the window")
    XCTAssertEqual(window.answeredThrough, 0)
    window.settle(1)

    XCTAssertEqual(window.answeredThrough, 2)
    XCTAssertEqual([window.take(), window.take(), window.take()], [4, 5, nil])
  }

  func test_sequence_whenAbandoned_holdsItsPlaceUntilItIsNeeded() {
    var window = SessionWindow(id: 1, size: 2)
    _ = window.take()
    _ = window.take()

    window.abandon(1)
    window.settle(2)
    XCTAssertEqual(window.answeredThrough, 0, "its outcome can still be asked for")

    XCTAssertEqual(window.take(), 3)
    XCTAssertEqual(window.answeredThrough, 2)
  }

  func test_sequence_whenNeverTaken_cannotBeSettled() {
    var window = SessionWindow(id: 1, size: 2)

    window.settle(1)
    window.settle(0)

    XCTAssertEqual(window.answeredThrough, 0)
    XCTAssertEqual(window.take(), 1)
  }

  func test_backoff_always_staysBetweenHalfAndAllOfTheDoubledTime() {
    var random = SystemRandomNumberGenerator()
    let backoff = Backoff(firstMicroseconds: 10, mostMicroseconds: 100)

    for (retry, most) in [(0, 10), (1, 20), (3, 80), (4, 100), (1_000, 100)] as [(Int, UInt64)] {
      for _ in 0..<50 {
        let delay = backoff.delay(retry: retry, using: &random)
        XCTAssertTrue((most / 2...most).contains(delay), "retry \(retry): \(delay)")
      }
    }
  }
}
