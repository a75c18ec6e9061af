import JepsenHarness
import XCTest

/// What tests share that run programs: a folder of their own, and the program that was built.
class ProgramTestCase: XCTestCase {
  /// New and empty when a test begins; removed with all that is in it when the test ends.
  private(set) var folder = ""

  var program: BuiltProgram { BuiltProgram(folder: folder) }

  override func setUpWithError() throws {
    folder = try Folder.makeTemporary("lockstep-test")
  }

  override func tearDown() {
    Folder.remove(folder)
  }
}
