import XCTest

@testable import Transport

/// The buffers of connections.
final class ByteQueueTests: XCTestCase {
  func test_trim_whenAPartOfAFrameIsLeft_givesBackTheRest() {
    for (size, left) in [(20_000, 0), (9 << 20, 0), (9 << 20, 1), (9 << 20, 700)] {
      var queue = ByteQueue()
      let bytes = pattern(size)
      queue.append(bytes, 0..<bytes.count)
      queue.consume(bytes.count - left)
      XCTAssertTrue(queue.isLarge)

      queue.trim()
      XCTAssertTrue(queue.isLarge, "it was needed just now")
      queue.trim()

      XCTAssertFalse(queue.isLarge, "\(left) of \(size)")
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

  func test_consume_inPieces_keepsTheRestInOrder() {
    var queue = ByteQueue()
    let bytes = pattern(10_000)
    var taken: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 100) {
      queue.append(bytes, start..<start + 100)
      let part = queue.readable.prefix(start % 130)
      taken.append(contentsOf: queue.storage[part])
      queue.consume(part.count)
    }
    taken.append(contentsOf: queue.storage[queue.readable])

    XCTAssertEqual(taken, bytes)
  }
}
