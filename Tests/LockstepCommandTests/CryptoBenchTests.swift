import Foundation
import Glibc
import JepsenHarness
import XCTest

@testable import LockstepCommand

final class CryptoBenchTests: ProgramTestCase {
  func test_bench_whenRun_measuresEachPrimitiveOnce() throws {
    let rows = try CryptoBench(roundMicroseconds: 100).measure()

    XCTAssertEqual(rows.count, 12)
    XCTAssertEqual(Set(rows.map(\.operation)).count, rows.count)
    for row in rows { XCTAssertGreaterThan(row.microseconds, 0, row.operation) }
  }

  func test_bench_whenARoundIsToTakeAges_takesThem() throws {
    let words = ["bench", "crypto", "--round", "2562047787h"]
    let (out, err) = (folder + "/out", folder + "/err")
    let bench = try ChildProcess(BuiltProgram.path, words, output: .file(out), errors: .file(err))
    Thread.sleep(forTimeInterval: 1)

    let end = bench.endIfAny()
    bench.signal(SIGKILL)
    _ = bench.waitForEnd()

    // A trap is long in dying: it writes a trace of the stack first.
    XCTAssertEqual(try String(contentsOfFile: err, encoding: .utf8), "")
    XCTAssertNil(end)
  }
}
