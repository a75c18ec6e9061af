import BSON

extension JSON: Codable {
  /// Encodes any shape; our own encoder takes the value as it is instead.
  public func encode(to encoder: any Encoder) throws {
    switch value {
    case .document(let document):
      var container = encoder.container(keyedBy: PathKey.self)
      for field in document.fields {
        try container.encode(JSON(field.value), forKey: PathKey(stringValue: field.name))
      }
    case .array(let values):
      var container = encoder.unkeyedContainer()
      for element in values { try container.encode(JSON(element)) }
    case .null:
      var container = encoder.singleValueContainer()
      try container.encodeNil()
    case .boolean(let flag): try Self.encode(flag, to: encoder)
    case .int32(let number): try Self.encode(number, to: encoder)
    case .int64(let number): try Self.encode(number, to: encoder)
    case .double(let number): try Self.encode(number, to: encoder)
    case .string(let text): try Self.encode(text, to: encoder)
    case .binary, .objectID, .datetime, .decimal128, .timestamp, .regex, .minKey, .maxKey:
      try Self.encode(text, to: encoder)
    }
  }

  /// Decodes any shape.
  ///
  /// - Throws: Besides what the decoder throws, `nesting_too_deep` past 64 levels,
  ///   `invalid_document` for a zero byte in a name, `duplicate_field`.
  public init(from decoder: any Decoder) throws {
    if let own = decoder as? ValueDecoder {
      self.init(own.value)
      return
    }
    do {
      self.init(try Self.value(from: decoder))
    } catch let error as BSONError {
      throw LockstepError(error)
    }
  }

  private static func value(from decoder: any Decoder) throws -> BSONValue {
    if let container = try? decoder.container(keyedBy: PathKey.self) {
      var builder = BSONBuilder()
      for key in container.allKeys {
        try builder.append(container.decode(JSON.self, forKey: key).value, for: key.stringValue)
      }
      return .document(try builder.finish())
    }
    if var container = try? decoder.unkeyedContainer() {
      var values: [BSONValue] = []
      while !container.isAtEnd { values.append(try container.decode(JSON.self).value) }
      // A document is checked when it is finished, an array when it is written.
      _ = try BSONBuilder.wrapping(.array(values))
      return .array(values)
    }
    return try single(decoder.singleValueContainer())
  }

  private static func encode(_ value: some Encodable, to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }

  private static func single(_ container: any SingleValueDecodingContainer) throws -> BSONValue {
    if container.decodeNil() { return .null }
    if let flag = try? container.decode(Bool.self) { return .boolean(flag) }
    if let number = try? container.decode(Int64.self) {
      return Int32(exactly: number).map { .int32($0) } ?? .int64(number)
    }
    if let number = try? container.decode(Double.self) { return .double(number) }
    return .string(try container.decode(String.self))
  }
}

extension DocumentID: Codable {
  /// Encodes the id as its value.
  public func encode(to encoder: any Encoder) throws {
    try json.encode(to: encoder)
  }

  /// Decodes a value that can be an id.
  public init(from decoder: any Decoder) throws {
    try self.init(JSON(from: decoder))
  }
}
