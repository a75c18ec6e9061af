import BSON
import ClientProtocol
import FoundationEssentials
import XCTest

@testable import LockstepClient

private struct Account: Codable, Sendable, Equatable {
  enum Kind: String, Codable, Sendable { case gold, silver }
  struct Line: Codable, Sendable, Equatable {
    var text: String
    var amount: Double
  }

  var owner: String
  var balance: Int
  var kind: Kind
  var note: String?
  var lines: [Line]
  var opened: Date
  var photo: Data
  var flags: [String: Bool]
  var extra: JSON
}

private struct Tagged: Codable, Sendable, Equatable {
  enum CodingKeys: String, CodingKey {
    case id = "_id"
    case name
  }
  var id: Int
  var name: String
}

private struct Big: Codable, Sendable {
  struct Inner: Codable, Sendable { var counts: [UInt64] }
  var inner: Inner
}

final class CodingTests: XCTestCase {
  private let account = Account(
    owner: "Ada",
    balance: 100,
    kind: .gold,
    note: nil,
    lines: [.init(text: "tea", amount: 1.5)],
    opened: Date(timeIntervalSince1970: 1_000.25),
    photo: Data([1, 2, 3]),
    flags: ["vip": true],
    extra: ["a": [1, 2.5, nil, "x"]]
  )

  /// As optionals, and enums that try one case after the other, decode themselves.
  func test_value_whenItIsReadThroughAnotherType_findsItsID() throws {
    let (id, document) = try DocumentCoding.encode(Optional(Tagged(id: 7, name: "x")))
    let shown = try XCTUnwrap(id)

    let back = try DocumentCoding.decode(Tagged?.self, document.bytes, id: shown)

    XCTAssertEqual(back, Tagged(id: 7, name: "x"))
  }

  func test_dictionary_whenEncodedAndDecoded_isTheSame() throws {
    let (_, numbers) = try DocumentCoding.encode(["a": 1])
    let (_, texts) = try DocumentCoding.encode(["a": "b"])

    XCTAssertEqual(try DocumentCoding.decode([String: Int].self, numbers.bytes, id: "x"), ["a": 1])
    XCTAssertEqual(
      try DocumentCoding.decode([String: String].self, texts.bytes, id: "x"),
      ["a": "b"]
    )
  }

  func test_float_whenItDoesNotHoldTheNumber_isRefused() throws {
    let (_, large) = try DocumentCoding.encode(["a": 1e300])
    let (_, whole) = try DocumentCoding.encode(["a": 16_777_217])
    let (_, fraction) = try DocumentCoding.encode(["a": 0.1])

    XCTAssertThrowsError(try DocumentCoding.decode([String: Float].self, large.bytes, id: "x"))
    XCTAssertThrowsError(try DocumentCoding.decode([String: Float].self, whole.bytes, id: "x"))
    let back = try DocumentCoding.decode([String: Float].self, fraction.bytes, id: "x")
    XCTAssertEqual(back, ["a": 0.1])
  }

  func test_value_whenEncodedAndDecoded_isTheSame() throws {
    let (id, document) = try DocumentCoding.encode(account)
    let back = try DocumentCoding.decode(Account.self, document.bytes, id: "ada")

    XCTAssertNil(id)
    XCTAssertEqual(back, account)
  }

  func test_value_whenEncoded_usesTheKindsOfBSON() throws {
    let (_, document) = try DocumentCoding.encode(account)

    XCTAssertEqual(document["owner"], .string("Ada"))
    XCTAssertEqual(document["balance"], .int32(100))
    XCTAssertEqual(document["opened"], .datetime(1_000_250))
    XCTAssertEqual(document["photo"], .binary(subtype: 0, bytes: [1, 2, 3]))
    XCTAssertFalse(document.contains("note"))
    XCTAssertEqual(document["extra"]?.type, .document)
  }

  func test_numbers_whenTheyDoNotFit_throwWithThePath() {
    let big = Big(inner: .init(counts: [1, UInt64(Int64.max), UInt64(Int64.max) + 1]))

    XCTAssertThrowsError(try DocumentCoding.encode(big)) { error in
      let error = error as? LockstepError
      XCTAssertEqual(error?.code, .numberOutOfRange)
      XCTAssertTrue(error?.message.contains("inner.counts.2") ?? false, error?.message ?? "")
    }
  }

  func test_id_whenInTheDocument_isTakenOutAndPutBack() throws {
    let (id, document) = try DocumentCoding.encode(Tagged(id: 7, name: "x"))

    XCTAssertEqual(id, 7)
    XCTAssertFalse(document.contains("_id"))
    let back = try DocumentCoding.decode(Tagged.self, document.bytes, id: 7)
    XCTAssertEqual(back, Tagged(id: 7, name: "x"))
  }

  func test_document_whenOfAnotherShape_throwsWithThePath() throws {
    let cases: [(json: String, expected: String)] = [
      (#"{"id": 1}"#, "the field name is missing"),
      (#"{"name": 5}"#, "name: expected string, found int32"),
      (#"{"name": null}"#, "name: expected string, found null"),
    ]
    for (json, expected) in cases {
      let document = try BSONDocument(json: json)
      XCTAssertThrowsError(
        try DocumentCoding.decode(Tagged.self, document.bytes, id: 1),
        json
      ) { error in
        let error = error as? LockstepError
        XCTAssertEqual(error?.code, .decodingFailed)
        XCTAssertTrue(error?.message.contains(expected) ?? false, error?.message ?? "")
      }
    }
  }

  func test_numbers_whenDecoded_mustBeExact() throws {
    struct Numbers: Codable, Sendable {
      var small: Int8?
      var whole: Int?
      var double: Double?
    }
    let good = try BSONDocument(json: #"{"small": 127, "whole": 3.0, "double": 5}"#)
    let read = try DocumentCoding.decode(Numbers.self, good.bytes, id: 1)
    XCTAssertEqual(read.small, 127)
    XCTAssertEqual(read.whole, 3)
    XCTAssertEqual(read.double, 5)

    for json in [#"{"small": 128}"#, #"{"whole": 3.5}"#, #"{"double": 9007199254740993}"#] {
      let document = try BSONDocument(json: json)
      XCTAssertThrowsError(try DocumentCoding.decode(Numbers.self, document.bytes, id: 1), json)
    }
  }

  func test_value_whenNoDocument_isRefused() {
    XCTAssertThrowsError(try DocumentCoding.encode([1, 2, 3])) { error in
      XCTAssertEqual((error as? LockstepError)?.code, .encodingFailed)
    }
  }

  func test_json_whenParsedAndPrinted_isTheSame() throws {
    let text = #"{"a":1,"b":[true,null,1.0],"c":{"$oid":"507f1f77bcf86cd799439011"}}"#

    let json = try JSON(parsing: text)

    XCTAssertEqual(json.text, text)
    XCTAssertEqual(json["a"]?.int, 1)
    XCTAssertEqual(json["b"]?[0]?.bool, true)
    XCTAssertEqual(try JSON(parsing: "false").bool, false)
    XCTAssertNil(json["a"]?.bool)
    XCTAssertEqual(json["b"]?[2]?.double, 1.0)
    XCTAssertTrue(json["b"]?[1]?.isNull ?? false)
    XCTAssertNil(json["z"])
  }

  func test_json_whenMalformed_namesLineAndColumn() {
    XCTAssertThrowsError(try JSON(parsing: "{\"a\":\n 01}")) { error in
      let error = error as? LockstepError
      XCTAssertEqual(error?.code, .invalidJSON)
      XCTAssertTrue(error?.message.contains("line 2") ?? false, error?.message ?? "")
    }
  }

  func test_json_whenDecodedFromOutside_nestsNoDeeperThanADocument() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    let deepest = try JSONDecoder().decode(JSON.self, from: Data(nested(64).utf8))

    XCTAssertEqual(deepest.text, nested(64))
    for text in [nested(65), "{\"a\":\(nested(64))}", nested(400)] {
      XCTAssertThrowsError(try JSONDecoder().decode(JSON.self, from: Data(text.utf8))) { error in
        XCTAssertEqual((error as? LockstepError)?.code, .nestingTooDeep)
      }
    }
  }

  func test_json_whenBuiltTooDeep_saysSoInsteadOfAText() throws {
    var json: JSON = []
    for _ in 0..<64 { json = [json] }

    XCTAssertTrue(json.text.contains("64"), json.text)
    XCTAssertNotNil(try JSON(parsing: json.text).string)
  }

  func test_versionedJSON_whenShownWithItsID_hasItInFront() throws {
    let found = Versioned<JSON>(id: "ada", value: ["n": 1], revision: 3, servedBy: 1)

    XCTAssertEqual(found.withID.text, #"{"_id":"ada","n":1}"#)
  }

  func test_ids_always_haveTheBytesOfTheirValue() throws {
    XCTAssertEqual(DocumentID("ada").bytes, try BSONValue.string("ada").idBytes())
    XCTAssertEqual(DocumentID(-7).bytes, try BSONValue.int32(-7).idBytes())
    XCTAssertEqual(DocumentID(Int.max).bytes, try BSONValue.int64(.max).idBytes())
    XCTAssertEqual(try DocumentID(JSON(parsing: "7")), 7)
    XCTAssertEqual(try DocumentID(JSON(parsing: "7.0")), 7)
    XCTAssertEqual(Set([7, try DocumentID(JSON(parsing: #"{"$numberLong": "7"}"#))]).count, 1)
    XCTAssertNotEqual(try DocumentID(JSON(parsing: "7.5")), 7)
    XCTAssertThrowsError(try DocumentID(JSON(parsing: "[1]")))
    XCTAssertThrowsError(
      try DocumentID(JSON.init(stringLiteral: String(repeating: "x", count: 2_000)))
    )
  }
}
