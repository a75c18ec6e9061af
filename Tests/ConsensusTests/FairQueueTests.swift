import XCTest

@testable import Consensus

final class FairQueueTests: XCTestCase {
  func test_popFirst_whenOneSourceWantsMuch_givesTheOthersTheirTurn() {
    var queue = FairQueue<String, Int>()
    for item in 1...5 { queue.append(item, of: "many") }
    for item in 11...12 { queue.append(item, of: "two") }
    queue.append(21, of: "one")

    let taken = all(of: &queue)

    XCTAssertEqual(taken, [1, 11, 21, 2, 12, 3, 4, 5])
    XCTAssertTrue(queue.isEmpty)
  }

  func test_popFirst_whenSourcesComeAndGo_keepsTheOrderOfEach() {
    var queue = FairQueue<Int, (source: Int, number: Int)>()
    var next = [0, 0, 0]
    var seen = [0, 0, 0]
    for step in 0..<3_000 {
      let source = step % 7 % 3
      queue.append((source, next[source]), of: source)
      next[source] += 1
      guard step % 3 != 0, let item = queue.popFirst() else { continue }
      XCTAssertEqual(item.number, seen[item.source])
      seen[item.source] += 1
    }
    XCTAssertEqual(queue.count(of: 0), next[0] - seen[0])

    while let item = queue.popFirst() {
      XCTAssertEqual(item.number, seen[item.source])
      seen[item.source] += 1
    }

    XCTAssertEqual(seen, next)
  }

  func test_removeAll_whenASourceIsGone_leavesTheOthersAlone() {
    var queue = FairQueue<String, Int>()
    for item in 1...3 { queue.append(item, of: "a") }
    for item in 11...13 { queue.append(item, of: "b") }
    XCTAssertEqual(queue.popFirst(), 1)

    queue.removeAll(of: "b")
    queue.removeAll(of: "nobody")
    queue.append(14, of: "b")

    XCTAssertEqual(all(of: &queue), [2, 14, 3])
  }

  func test_takeAll_whenSomeAreMeant_leavesTheOthersInTheirOrder() {
    var queue = FairQueue<String, Int>()
    for item in 1...3 { queue.append(item, of: "a") }
    for item in 11...13 { queue.append(item, of: "b") }
    XCTAssertEqual(queue.popFirst(), 1)

    XCTAssertEqual(queue.takeAll { $0 > 10 }, [11, 12, 13])
    XCTAssertEqual(queue.takeAll { $0 == 7 }, [])
    queue.append(14, of: "b")

    XCTAssertEqual(queue.count, 3)
    XCTAssertEqual(all(of: &queue), [2, 14, 3])
    XCTAssertEqual(queue.count, 0)
  }

  private func all(of queue: inout FairQueue<String, Int>) -> [Int] {
    var taken: [Int] = []
    while let item = queue.popFirst() { taken.append(item) }
    return taken
  }
}
