import XCTest

@testable import Transport

/// The buffers of connections.
final class ByteQueueTests: XCTestCase {
  func test_trim_whenAPartOfAFrameIsLeft_givesBackTheRest() {
    for left in [0, 1, 700] {
      var queue = ByteQueue()
      let bytes = (0..<9 << 20).map { UInt8(truncatingIfNeeded: $0) }
      queue.append(bytes, 0..<bytes.count)
      queue.consume(bytes.count - left)
      XCTAssertTrue(queue.isLarge)

      queue.trim()
      XCTAssertTrue(queue.isLarge, "it was needed just now")
      queue.trim()

      XCTAssertFalse(queue.isLarge, "\(left)")
      XCTAssertEqual(Array(queue.storage[queue.readable]), Array(bytes.suffix(left)))
    }
  }

  func test_trim_whenAsMuchIsNeededAgain_keepsTheMemory() {
    var queue = ByteQueue()
    let bytes = [UInt8](repeating: 7, count: 64 << 10)
    for _ in 0..<3 {
      queue.append(bytes, 0..<bytes.count)
      queue.consume(bytes.count)
      queue.trim()
      XCTAssertTrue(queue.isLarge)
    }
  }
}
