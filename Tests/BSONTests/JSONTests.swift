import XCTest

@testable import BSON

final class JSONTests: XCTestCase {
  func test_json_whenReadAndWritten_comesBackTheSame() throws {
    let texts = [
      "{}", #"{"a":1}"#, #"{"a":1.0}"#, #"{"a":-0.0}"#, #"{"a":2147483648}"#,
      #"{"a":-2147483649}"#, #"{"a":{"$numberLong":"2147483647"}}"#,
      #"{"a":9223372036854775807,"b":-9223372036854775808}"#, #"{"a":1e+300}"#,
      #"{"a":0.1,"b":5e-324,"c":1.7976931348623157e+308}"#,
      #"{"a":[],"b":[1,"x",[true,false,null],{}]}"#, #"{"":""}"#,
      #"{"a":"\"\\\b\f\n\r\t\u0001\u001f/ü😀"}"#, #"{"a":"\u0000"}"#,
      #"{"a":{"$numberDouble":"NaN"},"b":{"$numberDouble":"-Infinity"}}"#,
      #"{"a":{"$date":"2026-01-31T23:59:59.250Z"},"b":{"$date":"1970-01-01T00:00:00Z"}}"#,
      #"{"a":{"$date":"9999-12-31T23:59:59.999Z"}}"#,
      #"{"a":{"$date":{"$numberLong":"-1"}},"b":{"$date":{"$numberLong":"253402300800000"}}}"#,
      #"{"a":{"$oid":"0123456789abcdef01234567"}}"#,
      #"{"a":{"$binary":{"base64":"","subType":"00"}}}"#,
      #"{"a":{"$binary":{"base64":"AP8=","subType":"80"}}}"#,
      #"{"a":{"$binary":{"base64":"AA==","subType":"04"}}}"#,
      #"{"a":{"$timestamp":{"t":4294967295,"i":1}}}"#,
      #"{"a":{"$regularExpression":{"pattern":"^\\d+$","options":"im"}}}"#,
      #"{"a":{"$minKey":1},"b":{"$maxKey":1}}"#,
      #"{"a":{"$numberDecimal":"1.50"},"b":{"$numberDecimal":"-Infinity"}}"#,
      #"{"a":{"$numberDecimal":"9.999999999999999999999999999999999E+6144"}}"#,
      #"{"a":{"$numberDecimal":"1E-6176"},"b":{"$numberDecimal":"NaN"}}"#,
      #"{"a":{"$numberDecimal":"0.000001"},"b":{"$numberDecimal":"1E-7"}}"#,
      #"{"$set":{"a":1}}"#,
    ]
    for text in texts {
      let document = try BSONDocument(json: text)

      XCTAssertEqual(String(decoding: document.json, as: UTF8.self), text)
      XCTAssertNoThrow(try BSONDocument(validating: document.bytes), text)
    }
  }

  func test_json_whenSpelledOtherwise_meansTheSame() throws {
    let pairs: [(String, BSONValue)] = [
      (" 1 ", .int32(1)), ("-0", .int32(0)), ("1E2", .double(100)), ("1e-2", .double(0.01)),
      ("123456789012345678901234567890.0", .double(123456789012345678901234567890.0)),
      ("9007199254740993.0", .double(9007199254740992)), ("\"\\u0041\\/\"", .string("A/")),
      ("\"\\ud83d\\uDE00\"", .string("😀")), ("[ ]", .array([])),
      ("[1 ,\n2]", .array([.int32(1), .int32(2)])),
      (#"{"$numberInt":"-5"}"#, .int32(-5)), (#"{"$numberDouble":"1"}"#, .double(1)),
      (#"{"$date":{"$numberLong":"5"}}"#, .datetime(5)),
      (#"{"$date":"2026-01-31T23:59:59+01:30"}"#, .datetime(1_769_898_599_000)),
      (#"{"$binary":{"subType":"4","base64":"AA=="}}"#, .binary(subtype: 4, bytes: [0])),
      (
        #"{"$regularExpression":{"pattern":"a","options":"mi"}}"#,
        .regex(pattern: "a", options: "im")
      ),
      (
        #"{"$uuid":"00010203-0405-0607-0809-0a0b0c0d0e0f"}"#,
        .binary(subtype: 4, bytes: Array(0..<16))
      ),
      ("1e-400", .double(0)), ("0e999999999999", .double(0)), ("0", .int32(0)),
    ]
    for (text, expected) in pairs {
      XCTAssertEqual(try BSONValue(json: text), expected, text)
    }
  }

  func test_json_whenMalformed_saysWhereAndWhatWasExpected() {
    let table: [(String, String)] = [
      ("", "malformed JSON at line 1, column 1: expected an object, found the end of the text"),
      ("[]", #"malformed JSON at line 1, column 1: expected an object, found "[""#),
      ("{", "malformed JSON at line 1, column 2: expected a field name, found the end of the text"),
      ("{a:1}", #"malformed JSON at line 1, column 2: expected a field name, found "a""#),
      ("{\n  \"ü\" 1}", #"malformed JSON at line 2, column 7: expected ":", found "1""#),
      (#"{"a":1,}"#, #"malformed JSON at line 1, column 8: expected a field name, found "}""#),
      (#"{"a":tru}"#, #"malformed JSON at line 1, column 6: expected a value, found "tru""#),
      (#"{"a":truex}"#, #"malformed JSON at line 1, column 10: expected "," or "}", found "x""#),
      (#"{"a":01}"#, #"malformed JSON at line 1, column 7: expected "," or "}", found "1""#),
      (#"{"a":1.}"#, #"malformed JSON at line 1, column 8: expected a digit, found "}""#),
      (#"{"a":-}"#, #"malformed JSON at line 1, column 7: expected a digit, found "}""#),
      (
        #"{"a":1e}"#,
        #"malformed JSON at line 1, column 8: expected a digit of an exponent, found "}""#
      ),
      (#"{"a":[1,]}"#, #"malformed JSON at line 1, column 9: expected a value, found "]""#),
      (#"{"a":[1 2]}"#, #"malformed JSON at line 1, column 9: expected "," or "]", found "2""#),
      (
        #"{"a":1} x"#,
        #"malformed JSON at line 1, column 9: expected the end of the text, found "x""#
      ),
      (
        #"{"a":"\x"}"#,
        #"malformed JSON at line 1, column 8: expected one of " \ / b f n r t u after a "#
          + #"backslash, found "x""#
      ),
      (
        "{\"a\":\"\n\"}",
        "malformed JSON at line 1, column 7: expected an escape (\\n, \\t, \\u0000 …) for a "
          + "control character, found the control character 0x0a"
      ),
      (
        #"{"a":"\ud800"}"#,
        #"malformed JSON at line 1, column 7: expected a whole surrogate pair, not a half, "#
          + #"found "\""#
      ),
      (
        #"{"a":"\ud800\u0041"}"#,
        #"malformed JSON at line 1, column 13: expected the second half of a surrogate pair, "#
          + #"found "\""#
      ),
      (
        #"{"a":"abc"#,
        "malformed JSON at line 1, column 10: expected a closing quote for the string that "
          + "begins at line 1, column 6, found the end of the text"
      ),
    ]
    assertRefused(table)
  }

  func test_json_whenMeaningless_saysWhere() {
    let table: [(String, String)] = [
      (#"{"a":1,"b":2,"a":3}"#, #"the field "a" appears twice, at line 1, column 14"#),
      (#"{"a":1,"\u0061":3}"#, #"the field "a" appears twice, at line 1, column 8"#),
      (#"{"a\u0000":1}"#, "the field name \"a\0\" contains a zero byte, at line 1, column 2"),
      (
        #"{"a":9223372036854775808}"#,
        "the number 9223372036854775808 is out of range, at line 1, column 6"
      ),
      (#"{"a":1e400}"#, "the number 1e400 is out of range, at line 1, column 6"),
      (
        #"{"$oid":"5"}"#,
        #"malformed JSON at line 1, column 1: expected {"$oid": "24 hexadecimal digits"}, "#
          + #"found "{""#
      ),
      (#"{"a":{"$symbol":"x"}}"#, "values of type $symbol are not supported, at line 1, column 6"),
    ]
    assertRefused(table)
  }

  private func assertRefused(_ table: [(text: String, error: String)]) {
    for (text, expected) in table {
      XCTAssertThrowsError(try BSONDocument(json: text), text) {
        XCTAssertEqual(String(describing: $0), expected, text)
      }
    }
  }

  func test_json_whenAWrapperIsWrong_isRefused() {
    let texts = [
      #"{"$date":"2026-02-29T00:00:00Z"}"#, #"{"$date":"2026-01-01"}"#, #"{"$date":1.5}"#,
      #"{"$date":"2026-01-01T24:00:00Z"}"#, #"{"$date":"2026-01-01T00:00:00.1234Z"}"#,
      #"{"$numberLong":"9223372036854775808"}"#, #"{"$numberLong":5}"#, #"{"$numberInt":"+5"}"#,
      #"{"$numberLong":"5","x":1}"#, #"{"$numberDouble":"0x10"}"#, #"{"$numberDouble":"nan"}"#,
      #"{"$binary":{"base64":"AP9=","subType":"00"}}"#, #"{"$binary":{"base64":"AP8="}}"#,
      #"{"$binary":{"base64":"A===","subType":"00"}}"#, #"{"$oid":"0123456789abcdef0123456g"}"#,
      #"{"$timestamp":{"t":-1,"i":1}}"#, #"{"$minKey":2}"#, #"{"$numberDecimal":"1e"}"#,
      #"{"$numberDecimal":"12345678901234567890123456789012345"}"#,
      #"{"$numberDecimal":"1E6145"}"#, #"{"$regularExpression":{"pattern":"a"}}"#,
    ]
    for text in texts {
      XCTAssertThrowsError(try BSONValue(json: text), text)
    }
  }

  func test_json_whenInvalidUTF8_isRefused() {
    for damage: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]] {
      let text = Array(#"{"a":""#.utf8) + damage + Array(#""}"#.utf8)

      XCTAssertThrowsError(try BSONDocument(json: text), "\(damage)") {
        guard case BSONError.malformedJSON(1, 7, "UTF-8", _) = $0 else {
          return XCTFail("\($0)")
        }
      }
    }
  }

  func test_json_whenNested64Deep_isRead_and65_isRefused() throws {
    let nested = { (depth: Int) in
      #"{"a":"# + String(repeating: "[", count: depth - 1)
        + String(repeating: "]", count: depth - 1) + "}"
    }

    let deepest = try BSONDocument(json: nested(64))

    XCTAssertNoThrow(try BSONDocument(validating: deepest.bytes))
    XCTAssertThrowsError(try BSONDocument(json: nested(65)))
    XCTAssertThrowsError(try BSONDocument(json: nested(1_000_000)))
  }

  /// Objects of Extended JSON stand for values, which are no level of their own.
  func test_json_whenAValueInnermostIsWrittenAsAnObject_isReadBackAndNothingDeeper() throws {
    let innermost: [(depth: Int, value: BSONValue)] = [
      (64, .datetime(0)), (64, .datetime(-1)), (64, .int64(1)), (64, .double(.nan)),
      (63, .binary(subtype: 0, bytes: [1])), (64, .binary(subtype: 0, bytes: [1])),
      (64, .timestamp(seconds: 1, increment: 2)),
    ]
    for (depth, value) in innermost {
      let array = (0..<depth - 2).reduce(BSONValue.array([value])) { inner, _ in .array([inner]) }
      let document = try BSONDocument(fields: [("a", array)])

      XCTAssertEqual(try BSONDocument(json: document.json).bytes, document.bytes, "\(value)")
    }
    let arrays = { (inner: String) in
      #"{"a":"# + String(repeating: "[", count: 63) + inner + String(repeating: "]", count: 63)
        + "}"
    }
    let refused = [
      "[]", "{}", #"{"b":{"$date":0}}"#, #"{"$date":0,"b":[]}"#, #"[{"$date":0}]"#,
      #"{"$binary":{"base64":"","subType":[]}}"#, #"{"$numberInt":"1"},{}"#,
    ]
    let values = #"{"$numberInt":"1"},{"$date":"1970-01-01T00:00:00Z"}"#
    XCTAssertNoThrow(try BSONDocument(json: arrays(values)))
    for text in refused { XCTAssertThrowsError(try BSONDocument(json: arrays(text)), text) }
  }

  func test_json_whenOverItsLimit_isRefused() throws {
    let text = Array(#"{"a":"xxxxxxxxxx"}"#.utf8)
    let size = try BSONDocument(json: text).sizeBytes

    XCTAssertNoThrow(try BSONDocument(json: text, sizeBytesMax: size))
    XCTAssertThrowsError(try BSONDocument(json: text, sizeBytesMax: size - 1)) {
      XCTAssertEqual($0 as? BSONError, .documentTooLarge(maxBytes: size - 1))
    }
  }

  func test_json_whenManyFields_findsTheDouble() throws {
    var names = (0..<1000).map { "\"f\($0)\":0" }
    XCTAssertNoThrow(try BSONDocument(json: "{" + names.joined(separator: ",") + "}"))

    names[999] = "\"f3\":0"

    XCTAssertThrowsError(try BSONDocument(json: "{" + names.joined(separator: ",\n") + "}")) {
      XCTAssertEqual(
        $0 as? BSONError,
        .duplicateField(name: "f3", at: .text(line: 1000, column: 1))
      )
    }
  }
}
