import Foundation
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
}
