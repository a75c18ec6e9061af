import XCTest

@testable import LockstepClient

/// What waits in a client.
final class WaitingLineTests: XCTestCase {
  private func call(_ id: UInt64) -> Call {
    Call(id: id, work: .write([]), timeoutMicroseconds: 1, now: 0) { _ in }
  }

  func test_writes_whenTheyEndOrComeBack_goInTheOrderOfTheirCalls() {
    var writes = WaitingWrites()
    for id in [3, 5, 9, 1, 4, 5] as [UInt64] { writes.insert(call(id)) }
    writes.remove(4)
    XCTAssertEqual(writes.first()?.id, 1)
    writes.remove(1)
    writes.insert(call(2))

    XCTAssertFalse(writes.isEmpty)
    XCTAssertEqual(writes.removeAll().map(\.id), [2, 3, 5, 9])
    XCTAssertTrue(writes.isEmpty)
    XCTAssertNil(writes.first())
  }

  /// Each that went had all the others sorted: minutes.
  func test_writes_whenTensOfThousandsWait_goOneByOneWithoutDelay() {
    let calls = (0..<50_000 as Range<UInt64>).map(call)
    var writes = WaitingWrites()
    for call in calls { writes.insert(call) }
    let began = ContinuousClock.now

    for expected in calls {
      XCTAssertEqual(writes.first()?.id, expected.id)
      writes.remove(expected.id)
    }

    XCTAssertNil(writes.first())
    XCTAssertLessThan(ContinuousClock.now - began, .seconds(20))
  }

  func test_line_whenWhatWaitedHasLeft_holdsNothingOfIt() {
    final class Marker {}
    var line = WaitingLine<Marker>()
    weak var passed: Marker?
    do {
      let marker = Marker()
      passed = marker
      line.append(marker)
      line.append(Marker())
    }
    XCTAssertNotNil(passed)

    line.removeFirst()

    XCTAssertNil(passed)
    XCTAssertFalse(line.isEmpty)
    XCTAssertEqual(line.elements.count, 1)
    line.removeFirst()
    XCTAssertTrue(line.isEmpty)
    XCTAssertNil(line.first)
  }

  func test_writes_whenTheFirstStaysAndOthersEnd_keepNoLineOfThem() {
    var writes = WaitingWrites()
    writes.insert(call(0))
    for id in 1...20_000 as ClosedRange<UInt64> {
      writes.insert(call(id))
      writes.remove(id)
      XCTAssertLessThan(writes.lineCount, 2_000)
    }
    writes.insert(call(20_001))

    XCTAssertEqual(writes.removeAll().map(\.id), [0, 20_001])
  }

  func test_line_whenTheFirstStaysAndOthersAreOver_keepsNothingOfThem() {
    var line = WaitingLine<Int>()
    for number in 0...20_000 {
      line.append(number) { !$0.isMultiple(of: 10_000) }
      XCTAssertLessThan(line.elements.count, 1_100)
    }
    for _ in 0..<2 { line.append(7) }

    XCTAssertEqual(line.first, 0)
    XCTAssertEqual(line.elements.filter { $0.isMultiple(of: 10_000) }, [0, 10_000, 20_000])
    XCTAssertEqual(line.elements.suffix(2), [7, 7])
  }

  func test_line_afterThousands_goesOnInOrder() {
    var line = WaitingLine<Int>()
    var (next, wanted) = (0, 0)
    for round in 0..<5_000 {
      for _ in 0..<(round < 2_500 ? 3 : 1) {
        line.append(next)
        next += 1
      }
      for _ in 0..<2 where !line.isEmpty {
        XCTAssertEqual(line.first, wanted)
        line.removeFirst()
        wanted += 1
      }
    }
    XCTAssertEqual(line.elements, Array(wanted..<next))
  }
}
