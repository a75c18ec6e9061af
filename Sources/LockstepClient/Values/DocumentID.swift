import BSON
import ClientProtocol

/// The id of a document: text, a number, an ObjectId, or any other value but arrays and patterns.
public struct DocumentID: Sendable {
  let value: BSONValue
  let bytes: [UInt8]

  init(_ value: BSONValue) throws(LockstepError) {
    guard value.canBeID else {
      throw LockstepError(.invalidID, "a value of type \(value.type) cannot be an id")
    }
    do {
      bytes = try value.idBytes()
    } catch {
      throw LockstepError(error)
    }
    self.value = value
    guard bytes.count <= Limits.idSizeMax else {
      throw LockstepError(
        .idTooLarge,
        "the id has \(bytes.count) bytes, at most \(Limits.idSizeMax) are allowed"
      )
    }
  }

  /// An id that a node sent.
  init(wire bytes: [UInt8]) throws(LockstepError) {
    do {
      value = try BSONValue(idBytes: bytes)
    } catch {
      throw LockstepError(.internalError, "the node sent an id that is none: \(error)")
    }
    self.bytes = bytes
  }

  private init(small value: BSONValue, bytes: [UInt8]) {
    self.value = value
    self.bytes = bytes
  }

  /// Text as an id; its size is checked when it is used.
  public init(_ text: String) {
    let size = UInt32(truncatingIfNeeded: text.utf8.count + 1)
    self.init(
      small: .string(text),
      bytes: [BSONType.string.rawValue] + size.littleEndianBytes + Array(text.utf8) + [0]
    )
  }

  /// A number as an id.
  public init(_ number: Int) {
    if let small = Int32(exactly: number) {
      let bits = UInt32(bitPattern: small)
      self.init(small: .int32(small), bytes: [BSONType.int32.rawValue] + bits.littleEndianBytes)
    } else {
      let bits = UInt64(bitPattern: Int64(number))
      self.init(
        small: .int64(Int64(number)),
        bytes: [BSONType.int64.rawValue] + bits.littleEndianBytes
      )
    }
  }

  /// A JSON value as an id, for example `{"$oid": …}`.
  ///
  /// - Throws: `invalid_id` for an array or a pattern, `id_too_large` over 1 KiB.
  public init(_ json: JSON) throws(LockstepError) {
    try self.init(json.value)
  }

  /// Any encodable value as an id, as the `id` of an `Identifiable` document.
  ///
  /// - Throws: `invalid_id` for a value that cannot be one, `id_too_large` over 1 KiB.
  public init(encoding value: some Encodable) throws(LockstepError) {
    try self.init(DocumentCoding.encodeValue(value))
  }

  /// The id as text, if it is text.
  public var string: String? {
    if case .string(let text) = value { text } else { nil }
  }

  /// The id as a whole number, if it is one.
  public var int: Int? {
    switch value {
    case .int32(let number): Int(number)
    case .int64(let number): Int(exactly: number)
    case .string, .double, .document, .array, .binary, .objectID, .boolean, .datetime, .null,
      .decimal128, .timestamp, .regex, .minKey, .maxKey:
      nil
    }
  }

  /// The id as a JSON value.
  public var json: JSON { JSON(value) }
}

extension DocumentID: Hashable {
  /// Whether both ids are of one document: 1, 1.0 and a 64-bit 1 are.
  public static func == (left: DocumentID, right: DocumentID) -> Bool {
    left.bytes == right.bytes || left.value.sortKey() == right.value.sortKey()
  }

  /// Hashes what the id sorts by.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(value.sortKey())
  }
}

extension DocumentID: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  /// Text as an id.
  public init(stringLiteral value: String) {
    self.init(value)
  }

  /// A number as an id.
  public init(integerLiteral value: Int) {
    self.init(value)
  }
}

extension DocumentID: CustomStringConvertible {
  /// The text of the id as it is, everything else as JSON.
  public var description: String {
    string ?? json.text
  }
}

extension FixedWidthInteger {
  /// The number's bytes, least significant first.
  var littleEndianBytes: [UInt8] {
    (0..<Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> Self($0 * 8)) }
  }
}
