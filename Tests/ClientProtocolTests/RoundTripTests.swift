import Wire
import XCTest

@testable import ClientProtocol

final class RoundTripTests: XCTestCase {
  func test_values_whenEncodedAndDecoded_areTheSame() throws {
    for (name, value) in Samples.commands {
      XCTAssertEqual(try Command(decoding: value.encoded()), value, name)
    }
    for (name, value) in Samples.queries {
      XCTAssertEqual(try Query(decoding: value.encoded()), value, name)
    }
    for (name, value) in Samples.commandReplies {
      XCTAssertEqual(try CommandReply(decoding: value.encoded()), value, name)
    }
    for (name, value) in Samples.queryReplies {
      XCTAssertEqual(try QueryReply(decoding: value.encoded()), value, name)
    }
    for (name, value) in Samples.hellos {
      XCTAssertEqual(try Hello(decoding: value.encoded()), value, name)
    }
    XCTAssertEqual(try HelloAck(decoding: Samples.ack.encoded()), Samples.ack)
  }

  func test_cursor_ofAQueryInBytes_isTheOneItNames() {
    for (name, value) in Samples.queries {
      let expected: UInt64 =
        switch value.question {
        case .next(let cursor), .closeCursor(let cursor): cursor
        default: 0
        }
      XCTAssertEqual(Query.cursor(ofEncoded: value.encoded()), expected, name)
    }
    let next = Query(.next(cursor: 0x0102_0304_0506_0708)).encoded()
    XCTAssertEqual(Query.cursor(ofEncoded: next), 0x0102_0304_0506_0708)
    XCTAssertEqual(Query.cursor(ofEncoded: Array(next.dropLast())), 0)
  }

  /// Behind what earlier builds read, so that they skip it.
  func test_featureLevel_whenStated_standsBehindEverythingElse() throws {
    var hello = Hello(clusterHigh: 5, clusterLow: 6, speaker: .peer(Samples.card))
    var ack = Samples.ack
    let before = (hello.encoded(), ack.encoded())
    hello.featureLevel = 7
    ack.featureLevel = 7

    XCTAssertEqual(hello.encoded(), before.0 + [7, 0])
    XCTAssertEqual(ack.encoded(), before.1 + [7, 0])
    XCTAssertEqual(try Hello(decoding: hello.encoded()), hello)
    XCTAssertEqual(try HelloAck(decoding: ack.encoded()), ack)
    XCTAssertEqual(try Hello(decoding: before.0).featureLevel, 1)
    XCTAssertNil(try HelloAck(decoding: before.1).featureLevel)
    let digest = [UInt8](repeating: 9, count: 32)
    hello.genesisDigest = digest
    ack.genesisDigest = digest
    XCTAssertEqual(hello.encoded(), before.0 + [7, 0] + digest)
    XCTAssertEqual(try Hello(decoding: hello.encoded()), hello)
    XCTAssertEqual(try HelloAck(decoding: ack.encoded()), ack)
  }

  func test_requests_whenFramedAndRead_areTheSame() throws {
    for (name, value) in Samples.requests {
      let bytes = Samples.frame { value.writeFrame(into: &$0, requestID: 9) }

      let frame = try XCTUnwrap(try reader.next(in: bytes, 0..<bytes.count), name)

      XCTAssertEqual(try Request(in: bytes, frame), value, name)
      XCTAssertEqual(frame.head.requestID, 9, name)
      XCTAssertEqual(frame.end, bytes.count, name)
    }
  }

  func test_replies_whenFramedAndRead_areTheSame() throws {
    for (name, value) in Samples.replies {
      let bytes = Samples.frame { value.writeFrame(into: &$0, requestID: 9, more: true) }

      let frame = try XCTUnwrap(try reader.next(in: bytes, 0..<bytes.count), name)

      XCTAssertEqual(try Reply(in: bytes, frame), value, name)
      XCTAssertEqual(frame.head.flags, .more, name)
    }
  }

  func test_text_whenOverItsLimit_isCutAtACharacter() throws {
    let long = String(repeating: "ü", count: Limits.messageSizeMax)

    let failure = CommandReply.Failure(.internalError, "x" + long)
    let read = try CommandReply.Failure(decoding: failure.encoded())

    XCTAssertEqual(read.message, "x" + String(repeating: "ü", count: 511))
  }

  func test_versions_whenRangesMeet_giveTheHighestCommonOne() {
    let cases: [(ours: (UInt16, UInt16), theirs: (UInt16, UInt16), chosen: UInt16?)] = [
      ((1, 1), (1, 1), 1), ((1, 3), (2, 5), 3), ((2, 5), (1, 3), 3), ((1, 1), (2, 3), nil),
      ((4, 5), (1, 3), nil), ((1, 9), (4, 4), 4),
    ]
    for (ours, theirs, chosen) in cases {
      let left = VersionRange(lowest: ours.0, highest: ours.1)
      let right = VersionRange(lowest: theirs.0, highest: theirs.1)

      XCTAssertEqual(left.chosen(with: right), chosen, "\(ours) with \(theirs)")
    }
  }

  private let reader = FrameReader(sizeMax: Limits.frameSizeMax)
}
