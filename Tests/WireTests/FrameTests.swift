import XCTest

@testable import Wire

final class FrameTests: XCTestCase {
  func test_frame_whenReadBack_hasItsHeadAndPayload() throws {
    let heads: [FrameHead] = [
      FrameHead(kind: 7, requestID: 1),
      FrameHead(kind: 7, requestID: .max, flags: [.more, .mayForward]),
      FrameHead(kind: 0, requestID: 2, deadlineMilliseconds: 5_000),
      FrameHead(kind: 255, requestID: 3, traceID: TraceID(high: 1, low: 2)),
      FrameHead(kind: 1, requestID: 4, deadlineMilliseconds: 0, traceID: TraceID(high: 3, low: 4)),
    ]
    for head in heads {
      for payload in [[], [1], Array(0..<200)] as [[UInt8]] {
        let bytes = frame(head, payload)

        let view = try XCTUnwrap(try reader.next(in: bytes, 0..<bytes.count))

        XCTAssertEqual(view.head, head)
        XCTAssertEqual(Array(bytes[view.payload]), payload)
        XCTAssertEqual(view.end, bytes.count)
      }
    }
  }

  func test_frames_whenOneFollowsAnother_areFoundInOrder() throws {
    var writer = ByteWriter()
    for requestID in 1...3 as ClosedRange<UInt64> {
      writer.writeFrame(FrameHead(kind: 1, requestID: requestID)) { $0.write(requestID) }
    }

    var found: [UInt64] = []
    var start = 0
    while let view = try reader.next(in: writer.bytes, start..<writer.count) {
      found.append(view.head.requestID)
      start = view.end
    }

    XCTAssertEqual(found, [1, 2, 3])
    XCTAssertEqual(start, writer.count)
  }

  func test_frame_whenCutAnywhere_asksForMore() throws {
    let bytes = frame(FrameHead(kind: 7, requestID: 1, deadlineMilliseconds: 9), [1, 2, 3])

    for count in 0..<bytes.count {
      XCTAssertNil(try reader.next(in: bytes, 0..<count), "\(count) bytes")
    }
  }

  func test_frame_whenAnyBitIsFlipped_isRefusedOrIncomplete() {
    let bytes = frame(FrameHead(kind: 7, requestID: 1, deadlineMilliseconds: 9), [1, 2, 3])

    for bit in 0..<bytes.count * 8 {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      XCTAssertNil(try? reader.next(in: flipped, 0..<flipped.count), "bit \(bit)")
    }
  }

  func test_length_whenOverTheLimit_isRefusedFromFourBytes() {
    let limited = FrameReader(sizeMax: 100)
    var whole = ByteWriter()
    whole.write(UInt32(97))

    XCTAssertThrowsError(try limited.next(in: whole.bytes, 0..<4)) { error in
      XCTAssertEqual(
        error as? WireError,
        .tooLarge("frame", size: 97, limit: 100, offset: 0)
      )
    }
    whole.overwrite(UInt32(96), at: 0)
    XCTAssertNil(try limited.next(in: whole.bytes, 0..<4))
    whole.overwrite(UInt32(15), at: 0)
    XCTAssertThrowsError(try limited.next(in: whole.bytes, 0..<4))
  }

  func test_otherProtocols_whenTheySpeak_areNamed() {
    let cases: [(bytes: [UInt8], word: String)] = [
      (Array("GET / HTTP/1.1\r\n".utf8), "HTTP"),
      (Array("POST /v1/kv HTTP/1.1\r\n".utf8), "HTTP"),
      ([0x16, 0x03, 0x01, 0x02, 0x00, 0x01], "TLS"),
    ]
    for (bytes, word) in cases {
      XCTAssertThrowsError(try reader.next(in: bytes, 0..<bytes.count)) { error in
        XCTAssertTrue("\(error)".contains(word), "\(error)")
      }
    }
  }

  func test_header_whenItAsksForWhatWeCannot_isRefusedWithAReason() throws {
    let cases: [(name: String, offset: Int, byte: UInt8, refused: String)] = [
      ("another version", 8, 2, "version 2 of frame"),
      ("compression", 10, 1, "frame flags"),
      ("an unknown flag", 10, 0x80, "frame flags"),
      ("extensions past the end", 11, 200, "truncated"),
    ]
    for (name, offset, byte, refused) in cases {
      var bytes = frame(FrameHead(kind: 7, requestID: 1), [1, 2, 3])
      bytes[offset] = byte
      sealAgain(&bytes)

      XCTAssertThrowsError(try reader.next(in: bytes, 0..<bytes.count), name) { error in
        XCTAssertTrue("\(error)".contains(refused), "\(name): \(error)")
      }
    }
  }

  func test_extensions_whenUnknown_areSkipped() throws {
    let unknown: [UInt8] = [99, 1, 0xFF, 0, 1, 4, 7, 0, 0, 0, 0, 0]

    let bytes = withExtensions(unknown)
    let view = try XCTUnwrap(try reader.next(in: bytes, 0..<bytes.count))

    XCTAssertEqual(view.head.deadlineMilliseconds, 7)
    XCTAssertEqual(Array(bytes[view.payload]), [5])
  }

  func test_extensions_whenMalformed_areRefused() {
    for area in [[99, 200, 0, 0], [1, 3, 0, 0], [2, 2, 0, 0], [0, 0, 0, 99]] as [[UInt8]] {
      let bytes = withExtensions(area)
      XCTAssertThrowsError(try reader.next(in: bytes, 0..<bytes.count), "\(area)")
    }
  }

  private let reader = FrameReader(sizeMax: 1 << 20)

  private func frame(_ head: FrameHead, _ payload: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    writer.writeFrame(head) { $0.writeRaw(payload) }
    return writer.bytes
  }

  private func withExtensions(_ area: [UInt8]) -> [UInt8] {
    var bytes = frame(FrameHead(kind: 7, requestID: 1), area + [5])
    bytes[11] = UInt8(area.count / 4)
    sealAgain(&bytes)
    return bytes
  }

  private func sealAgain(_ bytes: inout [UInt8]) {
    var writer = ByteWriter(continuing: bytes)
    writer.overwrite(Frame.checksum(of: bytes, 0..<bytes.count), at: 4)
    bytes = writer.bytes
  }
}
