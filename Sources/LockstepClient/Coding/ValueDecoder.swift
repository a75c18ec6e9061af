import BSON
import FoundationEssentials

/// Reads one value; hands out the containers that a type asks for.
struct ValueDecoder: Decoder {
  let value: BSONValue
  let codingPath: [any CodingKey]
  let userInfo: [CodingUserInfoKey: Any] = [:]
  /// What the outermost document shows as `_id`.
  let id: BSONValue?

  init(_ value: BSONValue, id: BSONValue? = nil, at path: [any CodingKey] = []) {
    self.value = value
    self.id = id
    codingPath = path
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .document(let document) = value else {
      throw mismatch("document", [String: Any].self)
    }
    return KeyedDecodingContainer(
      FieldDecoder<Key>(document: document, id: id, codingPath: codingPath)
    )
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .array(let values) = value else { throw mismatch("array", [Any].self) }
    return ElementDecoder(values: values, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer {
    SingleDecoder(decoder: self)
  }

  /// Decodes the kinds BSON has of its own, else whatever the type itself reads.
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    if type == JSON.self, let json = JSON(value) as? Value { return json }
    if type == DocumentID.self, let id = try DocumentID(value) as? Value { return id }
    if type == Date.self {
      guard case .datetime(let milliseconds) = value else { throw mismatch("datetime", type) }
      let date = Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
      if let date = date as? Value { return date }
    }
    if type == Data.self {
      guard case .binary(let subtype, let bytes) = value else { throw mismatch("binary", type) }
      // It would be written back as plain bytes.
      guard subtype == 0 else { throw corrupted("binary of subtype \(subtype) is no Data") }
      if let data = Data(bytes) as? Value { return data }
    }
    return try Value(from: self)
  }

  /// Decodes a whole number of any kind that has exactly this value.
  func decode<Integer: FixedWidthInteger>(integer type: Integer.Type) throws -> Integer {
    let exact: Integer? =
      switch value {
      case .int32(let number): Integer(exactly: number)
      case .int64(let number): Integer(exactly: number)
      case .double(let number): Integer(exactly: number)
      default: throw mismatch("number", type)
      }
    guard let exact else { throw corrupted("the number does not fit \(type)") }
    return exact
  }

  /// Decodes a floating-point number, or a whole one that it holds exactly.
  func decodeDouble() throws -> Double {
    let exact: Double? =
      switch value {
      case .double(let number): number
      case .int32(let number): Double(number)
      case .int64(let number): Double(exactly: number)
      default: throw mismatch("number", Double.self)
      }
    guard let exact else { throw corrupted("a Double does not hold the number exactly") }
    return exact
  }

  /// Decodes a floating-point number, or a whole one that it holds exactly; a fraction is rounded.
  func decodeFloat() throws -> Float {
    let number = try decodeDouble()
    let float = Float(number)
    let isKept = number == number.rounded() ? Double(float) == number : float.isFinite
    guard isKept || !number.isFinite else { throw corrupted("a Float does not hold the number") }
    return float
  }

  func mismatch(_ wanted: String, _ type: Any.Type) -> DecodingError {
    let reason = "expected \(wanted), found \(value.type)"
    let context = DecodingError.Context(codingPath: codingPath, debugDescription: reason)
    return value == .null ? .valueNotFound(type, context) : .typeMismatch(type, context)
  }

  func corrupted(_ reason: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: codingPath, debugDescription: reason))
  }
}

/// Decodes the fields of a document.
private struct FieldDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let document: BSONDocument
  let id: BSONValue?
  let codingPath: [any CodingKey]

  /// Without `_id`, which is found by its name alone: it need not be of the kind that a
  /// dictionary's values are.
  var allKeys: [Key] { document.fields.compactMap { Key(stringValue: $0.name) } }

  func contains(_ key: Key) -> Bool {
    find(key.stringValue) != nil
  }

  func decodeNil(forKey key: Key) throws -> Bool {
    try decoder(for: key).value == .null
  }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try decoder(for: key).decode(type)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type,
    forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try decoder(for: key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try decoder(for: key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder {
    ValueDecoder(find(PathKey.parent.stringValue) ?? .null, at: codingPath + [PathKey.parent])
  }

  func superDecoder(forKey key: Key) throws -> any Decoder {
    try decoder(for: key)
  }

  private func find(_ name: String) -> BSONValue? {
    if let id, name == DocumentCoding.idField { return id }
    return document[name]
  }

  private func decoder(for key: Key) throws -> ValueDecoder {
    guard let value = find(key.stringValue) else {
      let context = DecodingError.Context(codingPath: codingPath, debugDescription: "no such field")
      throw DecodingError.keyNotFound(key, context)
    }
    return ValueDecoder(value, at: codingPath + [key])
  }
}

/// Decodes the elements of an array.
private struct ElementDecoder: UnkeyedDecodingContainer {
  let values: [BSONValue]
  let codingPath: [any CodingKey]
  private(set) var currentIndex = 0

  init(values: [BSONValue], codingPath: [any CodingKey]) {
    self.values = values
    self.codingPath = codingPath
  }

  var count: Int? { values.count }
  var isAtEnd: Bool { currentIndex >= values.count }

  mutating func decodeNil() throws -> Bool {
    guard try peek().value == .null else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let value = try peek().decode(type)
    currentIndex += 1
    return value
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    try superDecoder().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try superDecoder().unkeyedContainer()
  }

  mutating func superDecoder() throws -> any Decoder {
    let decoder = try peek()
    currentIndex += 1
    return decoder
  }

  private func peek() throws -> ValueDecoder {
    let path = codingPath + [PathKey(index: currentIndex)]
    guard !isAtEnd else {
      let context = DecodingError.Context(codingPath: path, debugDescription: "the array ends here")
      throw DecodingError.valueNotFound(Any.self, context)
    }
    return ValueDecoder(values[currentIndex], at: path)
  }
}

/// Decodes a value without parts.
private struct SingleDecoder: SingleValueDecodingContainer {
  let decoder: ValueDecoder

  var codingPath: [any CodingKey] { decoder.codingPath }
  private var value: BSONValue { decoder.value }

  func decodeNil() -> Bool { value == .null }
  func decode(_ type: Int.Type) throws -> Int { try decoder.decode(integer: type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try decoder.decode(integer: type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try decoder.decode(integer: type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try decoder.decode(integer: type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try decoder.decode(integer: type) }
  func decode(_ type: UInt.Type) throws -> UInt { try decoder.decode(integer: type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try decoder.decode(integer: type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try decoder.decode(integer: type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try decoder.decode(integer: type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try decoder.decode(integer: type) }
  func decode(_ type: Double.Type) throws -> Double { try decoder.decodeDouble() }
  func decode(_ type: Float.Type) throws -> Float { try decoder.decodeFloat() }

  func decode(_ type: Bool.Type) throws -> Bool {
    guard case .boolean(let flag) = value else { throw decoder.mismatch("boolean", type) }
    return flag
  }

  func decode(_ type: String.Type) throws -> String {
    guard case .string(let text) = value else { throw decoder.mismatch("string", type) }
    return text
  }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try decoder.decode(type)
  }
}
