import Foundation
import Glibc
import JepsenHarness
import XCTest

@testable import LockstepCommand

final class NewFileTests: ProgramTestCase {
  func test_file_untilItIsWhole_isNotThereAndThenStays() throws {
    let path = folder + "/receipt"
    var file: NewFile? = try NewFile(path)
    let before = Folder.names(in: folder).map { $0 == "receipt" }

    try file?.write(Array("whole".utf8))
    file = nil

    XCTAssertEqual(before, [false], "a draft of another name")
    XCTAssertEqual(Folder.names(in: folder), ["receipt"])
    XCTAssertEqual(try String(contentsOfFile: path, encoding: .utf8), "whole")
  }

  func test_file_whenGivenUp_leavesNothing() throws {
    var file: NewFile? = try NewFile(folder + "/receipt")
    withExtendedLifetime(file) {}
    file = nil

    XCTAssertEqual(Folder.names(in: folder), [])
  }

  func test_file_whenADraftIsLeftOrTheNameIsALink_isMadeOrRefused() throws {
    let path = folder + "/receipt"
    try Data("left".utf8).write(to: URL(fileURLWithPath: "\(path).\(getpid()).tmp"))
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/link",
      withDestinationPath: folder + "/nowhere"
    )

    try NewFile(path).write([7])

    XCTAssertEqual(try Array(Data(contentsOf: URL(fileURLWithPath: path))), [7])
    XCTAssertThrowsError(try NewFile(folder + "/link"))
  }

  func test_file_whenTheNameIsTaken_isRefusedAtOnceOrAtItsEnd() throws {
    let path = folder + "/receipt"
    let late = try NewFile(path)
    try Data("other".utf8).write(to: URL(fileURLWithPath: path))

    XCTAssertThrowsError(try NewFile(path))
    XCTAssertThrowsError(try late.write([1]))
    XCTAssertEqual(try String(contentsOfFile: path, encoding: .utf8), "other")
  }

  func test_file_whenItsNameIsNotSureToLast_isNotThere() throws {
    let path = folder + "/receipt"
    let file = try NewFile(path)
    // No more files can be opened, and so the folder cannot be synced.
    var limit = rlimit()
    XCTAssertEqual(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit), 0)
    var none = rlimit(rlim_cur: 0, rlim_max: limit.rlim_max)
    XCTAssertEqual(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &none), 0)
    let result = Result { try file.write([1]) }
    XCTAssertEqual(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit), 0)

    XCTAssertThrowsError(try result.get())
    XCTAssertFalse(Folder.exists(path))
  }
}
