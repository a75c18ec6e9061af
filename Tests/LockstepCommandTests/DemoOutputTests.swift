import Foundation
import Glibc
import JepsenHarness
import XCTest

/// What `> FILE` in a demo does to whatever bears that name.
final class DemoOutputTests: ProgramTestCase {
  func test_output_whenItsNameIsTaken_fillsFilesAndLeavesFoldersAlone() throws {
    let (pipe, kept, taken) = (folder + "/pipe", folder + "/kept/file", folder + "/taken")
    XCTAssertEqual(mkfifo(pipe, 0o600), 0)
    let reader = Glibc.open(pipe, O_RDWR)
    defer { close(reader) }
    try Folder.make(folder + "/kept")
    for file in [kept, taken] {
      try String(repeating: "old", count: 99).write(toFile: file, atomically: true, encoding: .utf8)
    }
    XCTAssertEqual(symlink("kept", folder + "/link"), 0)
    let lines = ["taken", "pipe", "link"].map { "lockstep version -o json > \($0)\n" }
    try lines.joined().write(toFile: folder + "/s", atomically: true, encoding: .utf8)
    let demo = "exec \(BuiltProgram.path) demo --base-port 8710 --data c --script s"

    let ending = try program.start("/bin/sh", ["-c", "cd \(folder) && \(demo)"])

    XCTAssertEqual(ending.status, .exited(1), ending.output)
    XCTAssertTrue(ending.errors.contains("link: is a directory"), ending.errors)
    XCTAssertTrue(Folder.exists(kept), "what a link leads to")
    let text = try String(contentsOfFile: taken, encoding: .utf8)
    XCTAssertTrue(text.hasPrefix("{") && !text.contains("old"), text)
    var found = stat()
    XCTAssertEqual(lstat(pipe, &found), 0)
    XCTAssertEqual(found.st_mode & S_IFMT, S_IFIFO, "no file has taken its place")
  }

  func test_folder_whenRemoved_leavesAloneWhereLinksLead() throws {
    let (kept, removed) = (folder + "/kept", folder + "/removed")
    for path in [kept, removed, removed + "/inner"] { try Folder.make(path) }
    for file in [kept + "/file", removed + "/inner/file"] {
      try Data().write(to: URL(fileURLWithPath: file))
    }
    XCTAssertEqual(symlink(kept, removed + "/inner/link"), 0)
    XCTAssertEqual(symlink(removed, folder + "/link"), 0)

    Folder.remove(folder + "/link")
    let namesThen = Folder.names(in: folder).sorted()
    Folder.remove(removed)

    XCTAssertEqual(namesThen, ["kept", "removed"])
    XCTAssertEqual(Folder.names(in: folder), ["kept"])
    XCTAssertEqual(Folder.names(in: kept), ["file"])
  }
}
