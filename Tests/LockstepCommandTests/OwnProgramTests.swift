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
}
