import XCTest

final class SizeTests: TidyTestCase {
  func test_repository_whenMeasured_keepsItsSizes() {
    assertTidy(Repository.files.flatMap(SizeRule.violations(in:)))
  }

  func test_sizes_whenAtTheirLimits_pass_andOneMoreIsFound() {
    let room = "Sources/Raft/A.swift"
    let test = "Tests/RaftTests/A.swift"
    let function = { "func f() {\n" + String(repeating: "\n", count: $0 - 2) + "}\n" }
    let column = { String(repeating: "x", count: $0) + "\n" }

    assertFinds(
      [
        ("400 lines", room, String(repeating: "\n", count: 400), []),
        ("401 lines", room, String(repeating: "\n", count: 401), ["file-length"]),
        ("600 test lines", test, String(repeating: "\n", count: 600), []),
        ("601 test lines", test, String(repeating: "\n", count: 601), ["file-length"]),
        ("100 columns", room, column(100), []),
        ("101 columns", room, column(101), ["line-length"]),
        ("60 lines of function", room, function(60), []),
        ("61 lines of function", room, function(61), ["function-length"]),
      ],
      by: SizeRule.violations(in:)
    )
  }

  func test_parameters_whenCounted_leaveClosuresAndMembersOut() {
    let path = "Sources/Raft/A.swift"
    let names = ["a", "b", "c", "d", "e", "f"]
    let list = names.map { "\($0): Int" }.joined(separator: ", ")
    let memberwise = "init(\(list)) {" + names.map { "self.\($0) = \($0)\n" }.joined() + "}"

    assertFinds(
      [
        ("five", path, "func f(a: A, b: B, c: C, d: D, e: E) {}", []),
        ("six", path, "func f(a: A, b: B, c: C, d: D, e: E, f: F) {}", ["parameters"]),
        ("generics", path, "func f<S, T>(a: D<S, T>, b: [S: T], c: (S, T), d: T, e: T) {}", []),
        ("closure", path, "init(a: A, b: B, c: C, d: D, e: E, f: @escaping (A, B) -> C) {}", []),
        ("initializer", path, "init(a: A, b: B, c: C, d: D, e: E, f: F) {}", ["parameters"]),
        ("memberwise", path, memberwise, []),
        ("not only memberwise", path, memberwise.replacing("}", with: "g()}"), ["parameters"]),
        ("operator", path, "static func < (a: A, b: A) -> Bool { true }", []),
        ("a call", path, "let x = A.init(a, b, c, d, e, f, g)", []),
      ],
      by: SizeRule.violations(in:)
    )
  }

  func test_nesting_whenFourControlBlocksDeep_isFound() {
    let path = "Sources/Raft/A.swift"
    let three = "func f() { for x in y { switch x { case 1: if a { g() } else { h() } } } }"
    let four = "func f() { for x in y { while z { do { if a { g() } } catch { } } } }"
    let closures = "func f() { if a { g { h { i { while b { } } } } } }"
    let chain = "func f() { if a { } else if b { } else if c { } else if d { } else { } }"
    let guards = "func f() { for a in b { repeat { guard c else { return } } while d; g { } } }"
    let property = "var f: Int { if a { if b { if c { if d { return 1 } } } }; return 2 }"

    assertFinds(
      [
        ("three", path, three, []),
        ("four", path, four, ["nesting"]),
        ("closures do not count", path, closures, []),
        ("else if is one level", path, chain, []),
        ("guard and repeat", path, guards, []),
        ("a computed property", path, property, ["nesting"]),
      ],
      by: SizeRule.violations(in:)
    )
  }
}
