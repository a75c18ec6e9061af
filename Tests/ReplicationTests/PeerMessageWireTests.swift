import Consensus
import Wire
import XCTest

@testable import Replication

/// The bytes between members, which hold for years, and what the decoder does with others.
final class PeerMessageWireTests: XCTestCase {
  private typealias Message = PeerMessage<ScriptedCore.Message>

  private static let request = ClientRequest(
    .write,
    session: 3,
    sequence: 4,
    answeredThrough: 2,
    command: [0xAA, 0xBB]
  )

  private static let golden: [(name: String, message: Message, bytes: [UInt8])] = [
    ("consensus", .consensus(ScriptedCore.Message(7)), [1, 7, 0, 0, 0, 0, 0, 0, 0]),
    (
      "forward", .forward(request),
      [2, 1, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]
        + [2, 0, 0, 0, 0xAA, 0xBB]
    ),
    (
      "forward refused", .forwardRefused(request.key, .notLeader(leader: NodeID(9))),
      [3, 1, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1, 9, 0, 0, 0]
    ),
    (
      "forward refused for good", .forwardRefused(request.key, .diskFull),
      [3, 1, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 5]
    ),
    (
      "digests",
      .digests(
        DigestReport(
          boot: 6,
          marks: [
            DigestMark(index: LogIndex(1_024), digest: 0x0102_0304_0506_0708),
            DigestMark(index: LogIndex(1_030), digest: 9),
          ]
        )
      ),
      [4, 6, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 4, 0, 0, 0, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1]
        + [6, 4, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]
    ),
  ]

  func test_messages_whenEncoded_haveTheBytesOfVersion1() throws {
    for (name, message, bytes) in Self.golden {
      XCTAssertEqual(message.encoded(), bytes, name)
      XCTAssertEqual(try Message(decoding: bytes).encoded(), bytes, name)
    }
  }

  func test_digests_whenNoneOrTooManyOrNotInOrder_areRefused() {
    let mark = DigestMark(index: LogIndex(7), digest: 1)
    let later = DigestMark(index: LogIndex(8), digest: 1)
    let reports: [(name: String, marks: [DigestMark])] = [
      ("none", []), ("twice", [mark, mark]), ("backwards", [later, mark]),
      ("before the first entry", [DigestMark(index: .zero, digest: 1)]),
      (
        "too many",
        (1...UInt64(DigestReport.marksMax + 1)).map { DigestMark(index: LogIndex($0), digest: 1) }
      ),
    ]

    for (name, marks) in reports {
      let bytes = Message.digests(DigestReport(boot: 1, marks: marks)).encoded()

      XCTAssertThrowsError(try Message(decoding: bytes), name)
    }
  }

  func test_messages_whenCutAtAnyByteOrLonger_areRefused() {
    for (name, _, bytes) in Self.golden {
      for count in 0..<bytes.count {
        XCTAssertThrowsError(try Message(decoding: Array(bytes[..<count])), "\(name), \(count)")
      }
      XCTAssertThrowsError(try Message(decoding: bytes + [0]), name)
    }
  }

  func test_messages_whenAnyBitIsFlipped_giveAnErrorOrTheirOwnBytes() {
    for (name, _, bytes) in Self.golden {
      for bit in 0..<bytes.count * 8 {
        var flipped = bytes
        flipped[bit / 8] ^= 1 << UInt8(bit % 8)
        guard let message = try? Message(decoding: flipped) else { continue }
        XCTAssertEqual(message.encoded(), flipped, "\(name), bit \(bit)")
      }
    }
  }

  func test_messages_whenMutated_giveAnErrorOrTheirOwnBytes() {
    var random = RandomSource(seed: 3)
    for number in 0..<10_000 {
      var bytes = Self.golden[random.number(below: Self.golden.count)].bytes
      for _ in 0...random.number(below: 3) {
        bytes[random.number(below: bytes.count)] = UInt8(truncatingIfNeeded: random.next())
      }
      guard let message = try? Message(decoding: bytes) else { continue }
      XCTAssertEqual(message.encoded(), bytes, "mutation \(number)")
    }
  }
}
