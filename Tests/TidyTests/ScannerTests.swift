import XCTest

final class ScannerTests: XCTestCase {
  func test_scanner_whenGivenLiteralsAndComments_keepsThemApart() {
    let cases: [(name: String, source: String, expected: [String])] = [
      ("words and signs", "a.b(c) ?? d", ["a", ".", "b", "(", "c", ")", "??", "d"]),
      ("escaped quote", #"f("a\"b") + g"#, ["f", "(", #""ab"#, ")", "+", "g"]),
      ("interpolation", #""a\(b("c"))d" e"#, [#""ad"#, "(", "b", "(", #""c"#, ")", ")", "e"]),
      ("raw string", ##"#"a"b\(c)"# d"##, [#""a"b\(c)"#, "d"]),
      ("long string", "\"\"\"\n a \"b\" \n\"\"\" c", ["\"\n a \"b\" \n", "c"]),
      ("line comment", "a // b\nc", ["a", "c"]),
      ("nested comment", "a /* b /* c */ d */ e", ["a", "e"]),
      ("numbers", "0x1F 1_000 2.5", ["0x1F", "1_000", "2", ".", "5"]),
      ("arrow", "() -> [A<B<C>>]", ["(", ")", "->", "[", "A", "<", "B", "<", "C", ">", ">", "]"]),
    ]

    for (name, source, expected) in cases {
      let texts = SwiftScanner(source).tokens.map(\.text)
      XCTAssertEqual(texts, expected, name)
    }
  }

  func test_scanner_whenCountingLines_pointsAtEachToken() {
    let scanner = SwiftScanner("a\n/* b\n */ c\n\"\"\"\n d\n\"\"\"\ne // f")

    XCTAssertEqual(scanner.tokens.map(\.line), [1, 3, 4, 7])
    XCTAssertEqual(scanner.comments.map(\.line), [2, 7])
  }

  func test_blocks_whenParsed_areKnownByTheirKeyword() {
    let source = """
      extension A.B {
        var c: Int { d.map { $0 } }
        let e = f { g() }
        func h() { if let i { j(for: k) { } } }
      }
      """

    let blocks = BlockParser(SwiftScanner(source).tokens).blocks

    XCTAssertEqual(
      blocks.map { "\($0.kind) \($0.name)" },
      [
        "type A.B", "function c", "closure ", "closure ", "function h", "control ", "closure ",
      ]
    )
  }
}
