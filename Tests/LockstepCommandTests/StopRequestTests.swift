import Synchronization
import XCTest

@testable import LockstepCommand

final class StopRequestTests: XCTestCase {
  func test_request_wheneverItIsMade_reachesWhoeverServes() {
    let told = Told()
    let request = StopRequest()

    request.hand { told.add(1) }
    request.make()
    request.hand { told.add(2) }
    request.make()

    XCTAssertEqual(told.numbers, [1, 2, 2])
  }

  func test_request_whenMadeBeforeAnybodyServes_reachesTheFirst() {
    let told = Told()
    let request = StopRequest()

    request.make()
    request.hand { told.add(1) }

    XCTAssertEqual(told.numbers, [1])
  }

  private final class Told: Sendable {
    private let list = Mutex<[Int]>([])
    var numbers: [Int] { list.withLock(\.self) }
    func add(_ number: Int) { list.withLock { $0.append(number) } }
  }
}
