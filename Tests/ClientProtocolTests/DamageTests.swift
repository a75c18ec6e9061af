import Foundation
import Wire
import XCTest

@testable import ClientProtocol

/// Bytes from outside end in a value or an error: never a trap, never more memory than they
/// brought along.
final class DamageTests: XCTestCase {
  func test_frames_whenCutAtAnyByte_areIncompleteOrRefused() throws {
    for (name, bytes) in Samples.frames {
      for count in 0..<bytes.count {
        let cut = Array(bytes[..<count])
        XCTAssertNil(try FrameReader(sizeMax: 1 << 20).next(in: cut, 0..<count), "\(name) \(count)")

        var sealed = cut
        Mutations.seal(&sealed)
        assertBounded(sealed, "\(name) cut at \(count)")
      }
    }
  }

  func test_payloads_whenCutAtAnyByte_areRefused() {
    for (name, value) in Samples.commands { assertEveryCutRefused(value, name) }
    for (name, value) in Samples.queries { assertEveryCutRefused(value, name) }
    for (name, value) in Samples.commandReplies { assertEveryCutRefused(value, name) }
    for (name, value) in Samples.queryReplies { assertEveryCutRefused(value, name) }
    for (name, value) in Samples.hellos { assertEveryCutRefused(value, name) }
    assertEveryCutRefused(Samples.ack, "ack")
  }

  func test_frames_whenAnyBitIsFlipped_areRefused() {
    for (name, bytes) in Samples.frames {
      for bit in 0..<bytes.count * 8 {
        var flipped = bytes
        flipped[bit / 8] ^= 1 << UInt8(bit % 8)
        if case .reachedPayload = readEverything(flipped) {
          XCTFail("\(name), bit \(bit)")
        }
      }
    }
  }

  func test_frames_whenAnyBitIsFlippedAndTheChecksumMadeRight_areBounded() {
    for (name, bytes) in Samples.frames {
      for bit in 64..<bytes.count * 8 {
        var flipped = bytes
        flipped[bit / 8] ^= 1 << UInt8(bit % 8)
        Mutations.seal(&flipped)
        assertBounded(flipped, "\(name), bit \(bit)")
      }
    }
  }

  func test_mutations_whenTheChecksumIsMadeRight_reachTheDecodersAndEndInAnError() {
    let environment = ProcessInfo.processInfo.environment
    let count = environment["LOCKSTEP_MUTATIONS"].flatMap { Int($0) } ?? 10_000
    let seed = environment["SEED"].flatMap { UInt64($0) } ?? 42
    print("mutations: \(count), SEED=\(seed)")
    var mutations = Mutations(seed: seed)

    var reached = 0
    for number in 0..<count where assertBounded(mutations.next(), "mutation \(number)") {
      reached += 1
    }

    XCTAssertGreaterThan(reached * 2, count, "\(reached) of \(count) reached a payload decoder")
  }

  /// Reads the bytes and says whether a payload decoder was reached.
  @discardableResult
  private func assertBounded(_ bytes: [UInt8], _ name: String) -> Bool {
    guard case .reachedPayload(let size) = readEverything(bytes) else { return false }
    // A frame can be read as a request or reply and again by the decoder inside it.
    if size > bytes.count * 4 + 64 { XCTFail("\(name): \(bytes.count) bytes became \(size)") }
    return true
  }

  private func assertEveryCutRefused<Value: WireCodable>(_ value: Value, _ name: String) {
    let bytes = value.encoded()
    for count in 0..<bytes.count {
      XCTAssertThrowsError(try Value(decoding: Array(bytes[..<count])), "\(name), \(count) bytes")
    }
    XCTAssertThrowsError(try Value(decoding: bytes + [0]), "\(name), a byte too many")
  }
}
