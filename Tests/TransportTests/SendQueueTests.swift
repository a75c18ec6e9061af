import XCTest

@testable import Transport

/// What connections still have to send.
final class SendQueueTests: XCTestCase {
  func test_append_howeverMuchWaits_movesNothingAndTakesNoMoreThanAPieceBesides() {
    var queue = SendQueue()
    let bytes = pattern(700_000)
    for _ in 0..<20 { queue.append(bytes, 0..<bytes.count) }

    XCTAssertEqual(queue.count, 20 * bytes.count)
    XCTAssertLessThan(heldSize(queue), queue.count + 2 * SendQueue.pieceSize)
    XCTAssertEqual(drain(&queue, by: { $0 }), Array(repeatElement(bytes, count: 20).joined()))
  }

  func test_consume_inStepsOfAnySize_keepsTheOrder() {
    let bytes = pattern(3 * SendQueue.pieceSize + 77)
    for step in [1_000, SendQueue.pieceSize - 1, SendQueue.pieceSize, bytes.count] {
      var queue = SendQueue()
      var taken: [UInt8] = []
      for start in stride(from: 0, to: bytes.count, by: 10_001) {
        queue.append(bytes, start..<min(start + 10_001, bytes.count))
        taken += take(step % 20_011, of: &queue)
      }
      taken += drain(&queue) { min($0, step) }

      XCTAssertEqual(taken, bytes, "\(step)")
      XCTAssertTrue(queue.isEmpty)
    }
  }

  func test_consume_ofEverything_leavesAtMostAPieceWhichASecondTrimGivesBack() {
    for size in [20_000, SendQueue.pieceSize, 9 << 20] {
      var queue = SendQueue()
      let burst = pattern(size)
      queue.append(burst, 0..<size)
      _ = drain(&queue) { $0 }
      XCTAssertLessThanOrEqual(heldSize(queue), SendQueue.pieceSize * 5 / 4, "\(size)")

      queue.trim()
      XCTAssertTrue(queue.isLarge, "a burst since the last look is no reason yet")
      queue.trim()

      XCTAssertFalse(queue.isLarge)
    }
  }

  func test_trim_whenAPartWaits_keepsIt() {
    var queue = SendQueue()
    let bytes = pattern(200_000)
    queue.append(bytes, 0..<bytes.count)
    queue.consume(bytes.count - 700)

    queue.trim()
    queue.trim()

    XCTAssertFalse(queue.isLarge)
    XCTAssertEqual(drain(&queue) { $0 }, Array(bytes.suffix(700)))
  }

  /// Takes at most so many bytes, of one piece.
  private func take(_ size: Int, of queue: inout SendQueue) -> [UInt8] {
    let taken = queue.withFront { Array($0[$1.prefix(size)]) }
    queue.consume(taken.count)
    return taken
  }

  /// Takes everything, of each piece as much as `size` makes of what it has.
  private func drain(_ queue: inout SendQueue, by size: (Int) -> Int) -> [UInt8] {
    var taken: [UInt8] = []
    while !queue.isEmpty { taken += take(size(queue.frontCount), of: &queue) }
    return taken
  }

  /// The memory that is held, in bytes.
  private func heldSize(_ queue: SendQueue) -> Int {
    queue.pieces.reduce(queue.last.storage.capacity) { $0 + $1.storage.capacity }
  }
}
