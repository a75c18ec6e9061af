import XCTest

@testable import Simulation

final class EventQueueTests: XCTestCase {
  func test_queue_whenTimesAreEqual_keepsTheOrderOfMaking() {
    var queue = EventQueue<Int>()
    for number in 0..<200 { queue.schedule(number, at: UInt64(number * 7 % 5)) }

    var taken: [(time: UInt64, event: Int)] = []
    while let next = queue.next() { taken.append(next) }

    XCTAssertEqual(taken.count, 200)
    for (first, second) in zip(taken, taken.dropFirst()) {
      XCTAssertLessThanOrEqual(first.time, second.time)
      if first.time == second.time { XCTAssertLessThan(first.event, second.event) }
    }
  }

  func test_clock_whenItsRateChanges_neverGoesBack() {
    var clock = SimulatedClock(startMicroseconds: 50)

    XCTAssertEqual(clock.reading(at: 1_000).monotonicMicroseconds, 1_050)
    clock.setRate(permille: 500, at: 1_000)
    XCTAssertEqual(clock.reading(at: 2_000).monotonicMicroseconds, 1_550)
    clock.setRate(permille: 2_000, at: 2_000)
    XCTAssertEqual(clock.reading(at: 3_000).monotonicMicroseconds, 3_550)
    clock.jump(milliseconds: -5_000)
    XCTAssertEqual(clock.reading(at: 3_000).monotonicMicroseconds, 3_550)
  }
}
