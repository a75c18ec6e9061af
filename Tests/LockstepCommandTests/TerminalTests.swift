import XCTest

@testable import LockstepCommand

final class TerminalTests: XCTestCase {
  func test_quantity_whenRead_isAWholeNumberAndAUnit() {
    let durations: [(String, Int?)] = [
      ("250ms", 250_000), ("5s", 5_000_000), ("2m", 120_000_000), ("1h", 3_600_000_000),
      ("7us", 7), ("0s", 0), ("5", nil), ("ms", nil), ("-1s", nil), ("1.5s", nil), ("", nil),
      ("9223372036854775807h", nil), ("1 s", nil), ("٣s", nil),
    ]
    let sizes: [(String, Int?)] = [
      ("512", 512), ("512B", 512), ("64KiB", 65_536), ("1MiB", 1_048_576), ("2GiB", 2_147_483_648),
      ("1MB", nil), ("", nil), ("KiB", nil), ("9223372036854775807KiB", nil),
    ]

    for (text, expected) in durations {
      XCTAssertEqual(Quantity.microseconds(text), expected, text)
    }
    for (text, expected) in sizes { XCTAssertEqual(Quantity.bytes(text), expected, text) }
  }

  func test_suggestion_whenAWordIsNear_namesIt() {
    let cases: [(String, String?)] = [
      ("exprot", "export"), ("imprt", "import"), ("status", "status"), ("zebra", nil), ("", nil),
    ]

    for (word, expected) in cases {
      let found = Suggestion.nearest(to: word, among: ["export", "import", "status"])
      XCTAssertEqual(found, expected, word)
    }
  }

  func test_json_whenWritten_isStrict() {
    let cases: [(JSONValue, String)] = [
      (.null, "null"), (.truth(true), "true"), (.integer(-7), "-7"),
      (.decimal(1.005, places: 1), "1.0"), (.decimal(0.96, places: 1), "1.0"),
      (.decimal(-0.04, places: 1), "0.0"), (.decimal(-12.34, places: 1), "-12.3"),
      (.decimal(12.5, places: 0), "13"), (.decimal(.nan, places: 1), "null"),
      (.decimal(.infinity, places: 1), "null"), (.decimal(0.007, places: 3), "0.007"),
      (.text("a\"\\\n\u{1}é"), #""a\"\\\n\u0001é""#),
      (.list([.integer(1), .text("x")]), #"[1,"x"]"#),
      (
        .object([JSONValue.Field("a", .list([])), JSONValue.Field("b", .rendered("{}"))]),
        #"{"a":[],"b":{}}"#
      ),
    ]

    for (value, expected) in cases { XCTAssertEqual(value.json, expected) }
  }

  func test_cell_whenTextWouldSteerTheTerminal_showsItInstead() {
    let cases: [(JSONValue, String)] = [
      (.text("a\u{1B}[31mb\nc\td"), #"a\u{1b}[31mb\u{a}c\u{9}d"#),
      (.text("\u{9B}2J\u{7F}\u{202E}"), #"\u{9b}2J\u{7f}\u{202e}"#),
      (.text("naïve – ü"), "naïve – ü"), (.rendered("{\"a\":\"\u{9B}\"}"), #"{"a":"\u{9b}"}"#),
    ]

    for (value, expected) in cases { XCTAssertEqual(value.cell, expected) }
  }

  func test_list_whenBytesAreNoText_showsBase64() {
    let row = [KeyValueCommands.field("key", [0xFF, 0xFE])]

    XCTAssertEqual(
      Output(form: .ndjson, bold: false).lines(ofList: [row], titles: ["key"]),
      [#"{"key_base64":"//4="}"#]
    )
    XCTAssertEqual(
      Output(form: .table, bold: false).lines(ofList: [row], titles: ["key"]),
      ["KEY", "base64://4="]
    )
  }

  func test_list_whenPrinted_hasTheFormAskedFor() {
    let rows = [
      [JSONValue.Field("id", .text("a")), JSONValue.Field("size", .integer(7))],
      [JSONValue.Field("id", .text("bcd")), JSONValue.Field("size", .integer(1_000))],
    ]
    let cases: [(OutputForm, [String])] = [
      (.ndjson, [#"{"id":"a","size":7}"#, #"{"id":"bcd","size":1000}"#]),
      (.json, [#"[{"id":"a","size":7},{"id":"bcd","size":1000}]"#]),
      (.table, ["ID   SIZE", "a       7", "bcd  1000"]),
    ]

    for (form, expected) in cases {
      let lines = Output(form: form, bold: false).lines(ofList: rows, titles: ["id", "size"])
      XCTAssertEqual(lines, expected)
    }
  }

  func test_progress_whenHalfWay_saysPercentRateAndTimeLeft() {
    let bar = ProgressBar(total: 200, columns: 80)

    let line = bar.line(done: 100, items: 10, seconds: 2)

    XCTAssertTrue(line.hasSuffix("  50%  5/s  0:02 left"), line)
    XCTAssertEqual(line.filter { $0 == "█" }.count, line.filter { $0 == "░" }.count)
  }

  func test_progress_whenAtItsEnds_staysWithinItsLine() {
    let cases: [(done: Int, total: Int, seconds: Double)] = [
      (0, 10, 0), (10, 10, 1), (20, 10, 1), (0, 0, 0), (1, 1_000_000, 1),
    ]

    for (done, total, seconds) in cases {
      let line = ProgressBar(total: total, columns: 80).line(
        done: done,
        items: done,
        seconds: seconds
      )
      XCTAssertLessThanOrEqual(line.count, 80)
    }
  }

  func test_progress_whenShownOften_drawsTenTimesASecond() {
    var progress = Progress(bar: ProgressBar(total: 10, columns: 80))

    let drawn = [0, 50_000, 100_000, 199_999, 200_000].map { time in
      progress.line(done: 1, items: 1, atMicroseconds: time) != nil
    }

    XCTAssertEqual(drawn, [true, false, true, false, true])
  }

  func test_progress_whenNoBarIsWanted_drawsNothing() {
    var progress = Progress(bar: nil)

    XCTAssertNil(progress.line(done: 1, items: 1, atMicroseconds: 0))
  }
}
