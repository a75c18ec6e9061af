import XCTest

@testable import BSON

final class BSONDocumentTests: XCTestCase {
  static let everyKind: [(name: String, value: BSONValue)] = [
    ("double", .double(1.5)), ("string", .string("häß\0x")), ("document", .document(.empty)),
    ("array", .array([.int32(1), .array([]), .string("")])),
    ("binary", .binary(subtype: 128, bytes: [1, 2, 3])),
    ("objectID", .objectID(ObjectID(high: 1, low: 2))), ("boolean", .boolean(true)),
    ("datetime", .datetime(-1)), ("null", .null),
    ("regex", .regex(pattern: "a.*", options: "im")), ("int32", .int32(.min)),
    ("timestamp", .timestamp(seconds: 7, increment: 8)), ("int64", .int64(.max)),
    ("decimal128", .decimal128(Decimal128(high: 0x3040_0000_0000_0000, low: 5))),
    ("maxKey", .maxKey), ("minKey", .minKey),
  ]

  func test_document_whenBuiltOfEveryKind_givesTheFieldsBack() throws {
    let document = try BSONDocument(fields: Self.everyKind)

    let read = try BSONDocument(validating: document.bytes)

    XCTAssertEqual(read, document)
    for (field, expected) in zip(read.fields, Self.everyKind) {
      XCTAssertEqual(field.name, expected.name)
      XCTAssertEqual(field.value, expected.value, expected.name)
      XCTAssertEqual(read[expected.name], expected.value, expected.name)
    }
    XCTAssertEqual(Array(read.fields).count, Self.everyKind.count)
    XCTAssertNil(read["missing"])
    XCTAssertFalse(read.contains("doubl"))
  }

  func test_document_whenBuilt_hasTheBytesOfTheSpecification() throws {
    let document = try BSONDocument(fields: [
      ("BSON", .array([.string("awesome"), .double(5.05), .int32(1986)]))
    ])

    let expected =
      "31000000" + "04" + "42534f4e00" + "26000000" + "02" + "3000" + "08000000"
      + "617765736f6d6500" + "01" + "3100" + "3333333333331440" + "10" + "3200" + "c2070000"
      + "00" + "00"
    XCTAssertEqual(String(decoding: Hexadecimal.encode(document.bytes), as: UTF8.self), expected)
  }

  func test_document_whenMalformed_isRefused() {
    let table: [(String, String)] = [
      ("empty", ""), ("length only", "05000000"), ("too short a length", "0400000000"),
      ("too long a length", "0600000000"), ("bytes after the end", "050000000000"),
      ("no closing zero", "0500000001"), ("negative length", "ffffffff00"),
      ("unknown kind", "0800000006610000"), ("deprecated code", "0e0000000d61000200000062000000"),
      ("boolean 2", "090000000861000200"), ("string without zero", "0e00000002610002000000626200"),
      ("string of no length", "0c0000000261000000000000"),
      ("string longer than the rest", "0e0000000261000400000062000000"),
      ("string not UTF-8", "0e000000026100020000 00ff0000"),
      ("name not UTF-8", "080000000aff0000"), ("name without end", "070000000a6161"),
      ("field twice", "0b0000000a61000a610000"),
      ("binary of negative length", "0d000000056100ffffffff0000"),
      ("array that skips an index", "1000000004610008000000 0a31000000"),
      ("array with a padded index", "11000000046100090000000a3030000000"),
      ("nested document too long", "0d000000036100060000000000"),
      ("regex without its second zero", "0a0000000b61006200"),
      ("int32 cut off", "0a0000001061000000"),
    ]
    for (name, digits) in table {
      let bytes = Hexadecimal.decode(digits.utf8.filter { $0 != 32 }) ?? []

      XCTAssertThrowsError(try BSONDocument(validating: bytes), name)
    }
  }

  func test_document_whenCutAnywhere_isRefused() throws {
    let bytes = try BSONDocument(fields: Self.everyKind).bytes

    for count in 0..<bytes.count {
      XCTAssertThrowsError(try BSONDocument(validating: Array(bytes.prefix(count))))
    }
  }

  func test_document_whenAnyBitIsFlipped_isRefusedOrStillValid() throws {
    let bytes = try BSONDocument(fields: Self.everyKind).bytes

    var accepted = 0
    for bit in 0..<bytes.count * 8 {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << (bit % 8)
      if exercise(damaged) { accepted += 1 }
    }

    XCTAssertGreaterThan(accepted, 0)
    XCTAssertLessThan(accepted, bytes.count * 8)
  }

  func test_document_whenMutatedAtRandom_isRefusedOrStillValid() throws {
    let bytes = try BSONDocument(fields: Self.everyKind).bytes
    var chance = SeededChance(seed: 42)

    var accepted = 0
    for _ in 0..<10_000 {
      var damaged = bytes
      for _ in 0...chance.next(below: 4) {
        damaged[chance.next(below: damaged.count)] = UInt8(chance.next(below: 256))
      }
      if chance.next(below: 4) == 0 {
        damaged.remove(at: chance.next(below: damaged.count))
        damaged.setLittleEndian(UInt32(damaged.count), at: 0)
      }
      if exercise(damaged) { accepted += 1 }
    }

    XCTAssertGreaterThan(accepted, 0)
    XCTAssertLessThan(accepted, 10_000)
  }

  func test_json_whenMutatedAtRandom_isRefusedOrValid() throws {
    let text = try BSONDocument(fields: Self.everyKind).json
    var chance = SeededChance(seed: 7)

    for _ in 0..<10_000 {
      var damaged = text
      for _ in 0...chance.next(below: 3) {
        let at = chance.next(below: damaged.count)
        switch chance.next(below: 3) {
        case 0: damaged[at] = UInt8(chance.next(below: 256))
        case 1: damaged.remove(at: at)
        default: damaged.insert(text[chance.next(below: text.count)], at: at)
        }
      }
      guard let document = try? BSONDocument(json: damaged) else { continue }
      XCTAssertTrue(exercise(document.bytes))
      XCTAssertEqual(try BSONDocument(json: document.json), document)
    }
    for count in 0..<text.count {
      XCTAssertThrowsError(try BSONDocument(json: Array(text.prefix(count))))
    }
  }

  func test_document_whenBuiltWrong_isRefused() {
    let deep = (0..<64).reduce(BSONValue.array([])) { value, _ in .array([value]) }

    XCTAssertThrowsError(try BSONDocument(fields: [("a", .null), ("a", .null)]))
    XCTAssertThrowsError(try BSONDocument(fields: [("a\0", .null)]))
    XCTAssertThrowsError(try BSONDocument(fields: [("a", .regex(pattern: "\0", options: ""))]))
    XCTAssertThrowsError(try BSONDocument(fields: [("a", deep)]))
    XCTAssertThrowsError(try BSONDocument(fields: [("a", .null)], sizeBytesMax: 7))
    XCTAssertNoThrow(try BSONDocument(fields: [("a", .null)], sizeBytesMax: 8))
  }

  func test_builder_whenCopyingFields_leavesOneOut() throws {
    let source = try BSONDocument(json: #"{"a":1,"_id":2,"b":[3]}"#)
    var builder = BSONBuilder()

    try builder.append(.string("x"), for: "_id")
    builder.append(fieldsOf: source, except: "_id")

    let document = try builder.finish()
    XCTAssertEqual(String(decoding: document.json, as: UTF8.self), #"{"_id":"x","a":1,"b":[3]}"#)
  }

  /// Bytes that pass the check must survive every use; says whether they pass.
  private func exercise(_ bytes: [UInt8]) -> Bool {
    guard let document = try? BSONDocument(validating: bytes) else { return false }
    let fields = Array(document.fields)
    XCTAssertEqual(try BSONDocument(fields: fields), document)
    XCTAssertFalse(document.json.isEmpty)
    return true
  }
}
