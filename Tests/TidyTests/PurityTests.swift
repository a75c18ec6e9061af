import XCTest

final class PurityTests: TidyTestCase {
  func test_repository_whenRead_keepsClocksDiceAndThreadsOutside() {
    assertTidy(Repository.sources.flatMap(PurityRule.violations(in:)))
  }

  func test_purity_whenBroken_isFound() {
    let pure = "Sources/Raft/A.swift"

    assertFinds(
      [
        ("date", pure, "let a = Date()", ["purity"]),
        ("a case named date", pure, "let a = .Date(1)", []),
        ("clock", pure, "let a = ContinuousClock.now", ["purity"]),
        ("generator", pure, "var a = SystemRandomNumberGenerator()", ["purity"]),
        ("dice", pure, "let a = Int.random(in: 0..<6)", ["purity"]),
        ("dice handed in", pure, "let a = Int.random(in: 0..<6, using: &source)", []),
        ("shuffle", pure, "let a = b.shuffled()", ["purity"]),
        ("hash", pure, "let a = b.hashValue", ["purity"]),
        ("hasher", pure, "var a = Hasher()", ["purity"]),
        ("conformance", pure, "func hash(into hasher: inout Hasher) {}", []),
        ("in a string", pure, "let a = \"Date()\"", []),
        ("interpolated", pure, "let a = \"\\(Date())\"", ["purity"]),
        ("in a comment", pure, "// Date() /* Date() */", []),
        ("async", pure, "func a() async {}", ["purity"]),
        ("lock on the loop", "Sources/Storage/A.swift", "let a = Mutex(1)", ["purity"]),
        ("lock at the edge", "Sources/Server/A.swift", "let a = Mutex(1)", []),
      ],
      by: PurityRule.violations(in:)
    )
  }

  func test_repository_whenRead_takesNoOrderFromHashing() {
    assertTidy(OrderRule.violations(in: Repository.sources))
  }

  func test_order_whenTakenFromHashing_isFound() {
    let path = "Sources/Raft/A.swift"
    let table = "var a: [Int: B]\n"

    assertFinds(
      [
        ("loop", path, table + "for x in a { }", ["order"]),
        ("loop over a member", path, table + "for (k, v) in self.a where k > 1 { }", ["order"]),
        ("sorted loop", path, table + "for x in a.sorted(by: <) { }", []),
        ("keys", path, table + "for x in a.keys { }", ["order"]),
        ("sorted keys", path, table + "for x in a.keys.sorted() { }", []),
        ("lookup", path, table + "for x in a[1] ?? [] { }", []),
        ("values", path, table + "let b = a.values.map { $0 }", ["order"]),
        ("values sorted later", path, table + "let b = a.values.map { $0 }.sorted()", []),
        ("largest", path, table + "let b = a.values.max()", []),
        ("array", path, table + "let b = Array(a.keys)", ["order"]),
        ("first", path, table + "let b = a.first { $0.key > 1 }", ["order"]),
        ("count", path, table + "for x in 0..<a.count { }", []),
        ("optional", path, "var a: Set<Int>?\na?.forEach { f($0) }", ["order"]),
        ("set", path, "let a = Set<Int>()\nfor x in a { }", ["order"]),
        ("literal", path, "var a = [Int: [B]]()\nfor x in a { }", ["order"]),
        ("parameter", path, "func f(_ a: inout [Int: B]) { for x in a { } }", ["order"]),
        ("result", path, "func f() -> [Int: B] { g() }\nfor x in f() { }", ["order"]),
        ("an array", path, "var a: [B]\nfor x in a { }", []),
        ("nested arrays", path, "var a: [(Int, [B])]\nfor x in a { }", []),
        ("not pure", "Sources/Server/A.swift", table + "for x in a { }", []),
      ],
      by: { OrderRule.violations(in: [$0]) }
    )
  }

  func test_order_whenTakenInAnotherChapter_isFound() {
    let type = SourceFile(path: "Sources/Raft/A.swift", text: "struct A { var b: Set<Int> }")
    let chapter = SourceFile(
      path: "Sources/Raft/A+C.swift",
      text: "extension A { func f() { for x in b { } } }"
    )

    let found = OrderRule.violations(in: [type, chapter])

    XCTAssertEqual(found.map(\.path), ["Sources/Raft/A+C.swift"])
  }
}
