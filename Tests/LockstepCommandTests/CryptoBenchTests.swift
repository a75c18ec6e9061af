import XCTest

@testable import LockstepCommand

final class CryptoBenchTests: XCTestCase {
  func test_bench_whenRun_measuresEachPrimitiveOnce() throws {
    let rows = try CryptoBench(roundMicroseconds: 100).measure()

    XCTAssertEqual(rows.count, 12)
    XCTAssertEqual(Set(rows.map(\.operation)).count, rows.count)
    for row in rows { XCTAssertGreaterThan(row.microseconds, 0, row.operation) }
  }
}
