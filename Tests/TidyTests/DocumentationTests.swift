import XCTest

final class DocumentationTests: TidyTestCase {
  func test_repository_whenRead_documentsWhatOtherRoomsSee() {
    assertTidy(Repository.sources.flatMap(DocumentationRule.violations(in:)))
  }

  func test_documentation_whenMissing_isFound() {
    let path = "Sources/Raft/A.swift"
    let packageInit = "package init(a: Int)"
    let cases =
      "/// A.\npackage enum A {\n/// B.\ncase b\ncase c\nfunc f() { switch x {\ncase d: 1 } }\n}"

    assertFinds(
      [
        ("documented", path, "/// A.\npackage struct A {}", []),
        ("bare", path, "package struct A {}", ["documentation"]),
        ("an ordinary comment", path, "// A.\npackage struct A {}", ["documentation"]),
        (
          "attributes between", path, "/// A.\n@inlinable\n@discardableResult\npackage func a() {}",
          []
        ),
        ("attributes alone", path, "@inlinable\npackage func a() {}", ["documentation"]),
        ("a modifier first", path, "struct A {\n  static package let a = 1\n}", ["documentation"]),
        ("internal", path, "struct A {}", []),
        ("an import", path, "package import B", []),
        ("a setter", path, "/// A.\npackage package(set) var a = 1", []),
        ("cases", path, cases, ["documentation"]),
        ("a memberwise initializer", path, "\(packageInit) { self.a = a }", []),
        ("one that does more", path, "\(packageInit) { self.a = a + 1 }", ["documentation"]),
        ("one of users'", path, "public init(a: Int) { self.a = a }", ["documentation"]),
        ("an internal enum", path, "enum A {\n  case b\n}", []),
      ],
      by: DocumentationRule.violations(in:)
    )
  }

  func test_repository_whenRead_isPublicOnlyWhereUsersAre() {
    assertTidy(Repository.sources.flatMap(VisibilityRule.violations(in:)))
  }

  func test_visibility_whenPublicInAnInnerRoom_isFound() {
    assertFinds(
      [
        ("inner", "Sources/Raft/A.swift", "public struct A {}", ["visibility"]),
        ("inner import", "Sources/Raft/A.swift", "public import Wire", ["visibility"]),
        ("package", "Sources/Raft/A.swift", "package struct A {}", []),
        ("client", "Sources/LockstepClient/A.swift", "public struct A {}", []),
        ("privacy of a log", "Sources/Raft/A.swift", "f(privacy: .public)", []),
      ],
      by: VisibilityRule.violations(in:)
    )
  }
}
