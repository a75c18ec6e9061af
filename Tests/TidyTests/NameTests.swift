import XCTest

final class NameTests: TidyTestCase {
  func test_repository_whenLookedThrough_namesFilesAfterTheirTypes() {
    assertTidy(NameRule.violations(in: Repository.files))
  }

  func test_fileName_whenItsTypeIsMissing_isFound() {
    assertFinds(
      [
        ("its type", "Sources/Raft/RaftLog.swift", "package struct RaftLog {}", []),
        ("functions alone", "Sources/Raft/Invariant.swift", "func invariant() {}", []),
        ("fixtures", "Tests/RaftTests/Fixtures.swift", "extension A {}", []),
        ("a test case", "Tests/RaftTests/A.swift", "class B: XCTestCase {}", ["file-name"]),
        ("its alias", "Sources/Raft/A.swift", "typealias A = B\nstruct C {}", []),
        ("another type", "Sources/Raft/RaftLog.swift", "struct Log {}", ["file-name"]),
        ("a chapter", "Sources/Raft/RaftLog+Wire.swift", "extension RaftLog {}", []),
        ("a chapter of a part", "Sources/Raft/A+B.swift", "extension A.Part {}", []),
        ("no extension", "Sources/Raft/A+B.swift", "struct A {}", ["file-name"]),
      ],
      by: { NameRule.violations(in: [$0]) }
    )
  }

  func test_chapter_whenItExtendsANeighbour_passes() {
    let type = SourceFile(path: "Sources/Raft/A.swift", text: "struct A {}\nstruct B {}")
    let chapter = SourceFile(path: "Sources/Raft/A+Wire.swift", text: "extension B {}")

    XCTAssertEqual(NameRule.violations(in: [type, chapter]), [])
    XCTAssertEqual(NameRule.violations(in: [chapter]).map(\.rule), ["file-name"])
  }
}
