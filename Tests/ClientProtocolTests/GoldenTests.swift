import Foundation
import Wire
import XCTest

@testable import ClientProtocol

/// The bytes of this version, kept for ever: `LOCKSTEP_RECORD_GOLDEN=1` writes them anew, and
/// the difference is then a format change to be reviewed.
final class GoldenTests: XCTestCase {
  func test_frames_always_haveTheRecordedBytes() throws {
    try compare(Samples.frames, with: "frames-v1.hex")
  }

  func test_commands_always_haveTheRecordedBytes() throws {
    let commands = Samples.commands.map { ("command-" + $0.name, $0.value.encoded()) }
    let queries = Samples.queries.map { ("query-" + $0.name, $0.value.encoded()) }
    let replies =
      Samples.commandReplies.map { ("command-reply-" + $0.name, $0.value.encoded()) }
      + Samples.queryReplies.map { ("query-reply-" + $0.name, $0.value.encoded()) }
    try compare(commands + queries + replies, with: "commands-v1.hex")
  }

  func test_recordedCommands_always_areReadAsWhatTheyWere() throws {
    let recorded = try read("commands-v1.hex")

    for (name, value) in Samples.commands {
      let bytes = try XCTUnwrap(recorded["command-" + name], name)
      XCTAssertEqual(try Command(decoding: bytes), value, name)
    }
    for (name, value) in Samples.queries {
      let bytes = try XCTUnwrap(recorded["query-" + name], name)
      XCTAssertEqual(try Query(decoding: bytes), value, name)
    }
    for (name, value) in Samples.commandReplies {
      let bytes = try XCTUnwrap(recorded["command-reply-" + name], name)
      XCTAssertEqual(try CommandReply(decoding: bytes), value, name)
    }
  }

  func test_recordedFrames_always_areReadAsWhatTheyWere() throws {
    let recorded = try read("frames-v1.hex")
    let reader = FrameReader(sizeMax: Limits.frameSizeMax)

    for (name, value) in Samples.requests {
      let bytes = try XCTUnwrap(recorded["request-" + name], name)
      let frame = try XCTUnwrap(try reader.next(in: bytes, 0..<bytes.count), name)
      XCTAssertEqual(try Request(in: bytes, frame), value, name)
    }
    for (name, value) in Samples.replies {
      let bytes = try XCTUnwrap(recorded["reply-" + name], name)
      let frame = try XCTUnwrap(try reader.next(in: bytes, 0..<bytes.count), name)
      XCTAssertEqual(try Reply(in: bytes, frame), value, name)
    }
  }

  private func compare(_ samples: [(String, [UInt8])], with file: String) throws {
    let text = samples.map { "\($0): \(hexadecimal($1))\n" }.joined()
    if ProcessInfo.processInfo.environment["LOCKSTEP_RECORD_GOLDEN"] != nil {
      try text.write(to: url(of: file), atomically: true, encoding: .utf8)
    }

    let recorded = try String(contentsOf: url(of: file), encoding: .utf8)

    for (now, then) in zip(text.split(separator: "\n"), recorded.split(separator: "\n")) {
      XCTAssertEqual(now, then, file)
    }
    XCTAssertEqual(text.count, recorded.count, file)
  }

  private func read(_ file: String) throws -> [String: [UInt8]] {
    var recorded: [String: [UInt8]] = [:]
    for line in try String(contentsOf: url(of: file), encoding: .utf8).split(separator: "\n") {
      let parts = line.split(separator: ":")
      let digits = Array(parts[1].dropFirst())
      recorded[String(parts[0])] = try stride(from: 0, to: digits.count, by: 2).map { start in
        try XCTUnwrap(UInt8(String(digits[start...start + 1]), radix: 16))
      }
    }
    return recorded
  }

  private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private func url(of file: String) -> URL {
    URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().appendingPathComponent("Golden/\(file)")
  }
}
