import XCTest

@testable import Replication

final class FairQueueTests: XCTestCase {
  func test_queue_takesOneOfEachAskerAfterTheOther_andEachInItsOrder() {
    var queue = FairQueue<Int>()
    for (element, asker) in [(11, 1), (12, 1), (13, 1), (21, 2), (31, 3), (32, 3)] as [(_, UInt64)]
    {
      queue.append(element, of: asker)
    }

    XCTAssertEqual(queue.taken(2), [11, 21])
    queue.append(22, of: 2)
    queue.append(41, of: 4)

    XCTAssertEqual(queue.count, 6)
    XCTAssertEqual(queue.taken(9), [31, 22, 41, 12, 32, 13])
    XCTAssertTrue(queue.isEmpty)
  }

  func test_queue_whenSomeAreTakenOutOfTurn_goesOnWithTheOthers() {
    var queue = FairQueue<Int>()
    for element in 1...3 {
      queue.append(element, of: 1)
      queue.append(10 * element, of: 2)
    }
    XCTAssertEqual(queue.taken(1), [1])

    XCTAssertEqual(queue.takeAll { $0 >= 10 }, [10, 20, 30])
    XCTAssertEqual(queue.takeAll { $0 == 7 }, [])
    queue.append(40, of: 2)

    XCTAssertEqual(queue.count, 3)
    XCTAssertEqual(queue.taken(2), [40, 2])
    XCTAssertEqual(queue.taken(2), [3])
  }
}

extension FairQueue {
  fileprivate mutating func taken(_ count: Int) -> [Element] {
    (0..<count).compactMap { _ in popFirst() }
  }
}
