import Foundation
import JepsenHarness
import XCTest

@testable import LockstepCommand

final class OwnProgramTests: ProgramTestCase {
  func test_words_whenSwiftFindsNone_areTheKernels() throws {
    let file = folder + "/cmdline"
    try Data("lockstep\0kv\0put\0\0two words\0".utf8).write(to: URL(fileURLWithPath: file))

    XCTAssertEqual(
      try OwnProgram.words(swift: [], kernel: file),
      ["kv", "put", "", "two words"]
    )
    XCTAssertEqual(try OwnProgram.words(swift: ["lockstep", "x"], kernel: file), ["x"])
    XCTAssertEqual(try OwnProgram.words(swift: [], kernel: folder + "/none"), [])
  }

  func test_words_whenOneIsNotUTF8_areRefused() throws {
    let file = folder + "/cmdline"
    for (bytes, message) in [
      ([0x61, 0xFF], "argument 3 is not UTF-8"), ([0xEF, 0xBF, 0xBD], nil),
    ] as [([UInt8], String?)] {
      try Data(Array("lockstep\0kv\0put\0".utf8) + bytes + [0])
        .write(to: URL(fileURLWithPath: file))

      let swift = ["lockstep", "kv", "put", String(decoding: bytes, as: UTF8.self)]
      let found = Result { try OwnProgram.words(swift: swift, kernel: file) }

      switch found {
      case .success(let words):
        XCTAssertNil(message)
        XCTAssertEqual(words, ["kv", "put", "\u{FFFD}"])
      case .failure(let error):
        XCTAssertEqual((error as? CommandFailure)?.message, message)
        XCTAssertEqual((error as? CommandFailure)?.exitCode, .usage)
      }
    }
    let line = "exec \(BuiltProgram.path) kv put \"$(printf 'k\\377')\" v"
    let shell = try program.start("/bin/sh", ["-c", line])
    XCTAssertEqual(shell.status, .exited(2), shell.errors)
    XCTAssertTrue(shell.errors.contains("argument 3 is not UTF-8"), shell.errors)
  }
}
