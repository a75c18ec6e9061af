import Glibc
import XCTest

@testable import JepsenHarness

final class ChildProcessTests: ProgramTestCase {
  func test_child_whenItEnds_tellsHow() throws {
    let cases: [(script: String, end: ChildProcess.End)] = [
      ("exit 0", .exited(0)), ("exit 3", .exited(3)), ("kill -9 $$", .signalled(SIGKILL)),
      ("read line || exit 4", .exited(4)),
    ]

    for (script, end) in cases {
      let child = try ChildProcess("/bin/sh", ["-c", script])

      XCTAssertEqual(child.waitForEnd(), end, script)
    }
  }

  func test_child_whenTheProgramDoesNotExist_isRefusedWithTheReason() {
    XCTAssertThrowsError(try ChildProcess("/nowhere/lockstep", [])) { error in
      XCTAssertEqual(
        error as? HarnessError,
        .cannotStart(program: "/nowhere/lockstep", reason: "no such file or directory")
      )
    }
  }

  func test_child_whenItsOutputGoesToAFile_appendsThere() throws {
    let file = folder + "/log"

    for word in ["one", "two"] {
      let child = try ChildProcess("/bin/echo", [word], output: .file(file))
      XCTAssertEqual(child.waitForEnd(), .exited(0))
    }

    XCTAssertEqual(try String(contentsOfFile: file, encoding: .utf8), "one\ntwo\n")
  }

  func test_child_whenStarted_leadsAProcessGroupOfItsOwn() throws {
    let child = try ChildProcess("/bin/sh", ["-c", "kill -STOP $$"])

    XCTAssertEqual(getpgid(child.id), child.id)

    child.signal(SIGKILL)
    XCTAssertEqual(child.waitForEnd(), .signalled(SIGKILL))
  }
}
