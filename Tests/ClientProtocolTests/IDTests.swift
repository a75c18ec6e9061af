import BSON
import XCTest

@testable import ClientProtocol

final class IDTests: XCTestCase {
  func test_ids_whenEncodedAndDecoded_areTheSame() throws {
    let ids: [BSONValue] = [
      .string("ada"), .string(""), .int32(-1), .int64(.max), .double(1.5), .boolean(true), .null,
      .objectID(ObjectID(high: 1, low: 2)), .datetime(0), .binary(subtype: 0, bytes: [1, 2]),
      .document(.empty),
    ]
    for id in ids {
      XCTAssertEqual(try BSONValue(idBytes: id.idBytes()), id, "\(id)")
    }
  }

  func test_id_ofAString_hasTheDocumentedBytes() throws {
    XCTAssertEqual(try BSONValue.string("ada").idBytes(), Samples.id)
  }

  func test_idBytes_whenNoSingleValue_areRefused() {
    let cases: [[UInt8]] = [
      [], [0x02], [0x10, 1, 0, 0], [0x10, 1, 0, 0, 0, 0], [0x06], [0x00],
      [0x10, 1, 0, 0, 0, 0x10, 0, 2, 0, 0, 0],
      [0x10, 1, 0, 0, 0, 0x10, 0x78, 0, 2, 0, 0, 0],
    ]
    for bytes in cases {
      XCTAssertThrowsError(try BSONValue(idBytes: bytes), "\(bytes)")
    }
  }
}
