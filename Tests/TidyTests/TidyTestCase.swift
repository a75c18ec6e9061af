import XCTest

/// What the tests of all rules share: a clean repository, and planted violations that are found.
class TidyTestCase: XCTestCase {
  func assertTidy(_ violations: [Violation], file: StaticString = #filePath, line: UInt = #line) {
    for violation in violations {
      XCTFail("\(violation)", file: file, line: line)
    }
  }

  /// A planted case: a name, the source, and the rules it breaks in order of its lines.
  typealias Planted = (name: String, path: String, source: String, rules: [String])

  func assertFinds(
    _ cases: [Planted],
    by find: (SourceFile) -> [Violation],
    file: StaticString = #filePath,
    line: UInt = #line
  ) {
    for planted in cases {
      let found = find(SourceFile(path: planted.path, text: planted.source))
      let rules = found.sorted { $0.line < $1.line }.map(\.rule)
      XCTAssertEqual(rules, planted.rules, planted.name, file: file, line: line)
    }
  }
}
