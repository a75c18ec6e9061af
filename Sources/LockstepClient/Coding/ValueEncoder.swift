import BSON

/// Fills one node; hands out the containers that a type asks for.
struct ValueEncoder: Encoder {
  let node: EncodingNode
  let codingPath: [any CodingKey]
  let userInfo: [CodingUserInfoKey: Any] = [:]

  init(_ node: EncodingNode, _ path: [any CodingKey]) {
    self.node = node
    codingPath = path
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    node.becomeFields()
    return KeyedEncodingContainer(FieldEncoder<Key>(node: node, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    node.becomeElements()
    return ElementEncoder(node: node, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    SingleEncoder(node: node, codingPath: codingPath)
  }
}

/// Encodes the fields of a document.
private struct FieldEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: EncodingNode
  let codingPath: [any CodingKey]

  mutating func encodeNil(forKey key: Key) {
    node.add(EncodingNode(.null), for: key.stringValue)
  }

  mutating func encode(_ value: some Encodable, forKey key: Key) throws {
    node.add(try EncodingNode.encode(value, at: codingPath + [key]), for: key.stringValue)
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy keyType: Nested.Type,
    forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    nested(for: key).container(keyedBy: keyType)
  }

  mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    nested(for: key).unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder {
    let child = EncodingNode()
    node.add(child, for: PathKey.parent.stringValue)
    return ValueEncoder(child, codingPath + [PathKey.parent])
  }

  mutating func superEncoder(forKey key: Key) -> any Encoder {
    nested(for: key)
  }

  private func nested(for key: Key) -> ValueEncoder {
    let child = EncodingNode()
    node.add(child, for: key.stringValue)
    return ValueEncoder(child, codingPath + [key])
  }
}

/// Encodes the elements of an array.
private struct ElementEncoder: UnkeyedEncodingContainer {
  let node: EncodingNode
  let codingPath: [any CodingKey]
  var count: Int { node.count }

  mutating func encodeNil() {
    node.add(EncodingNode(.null))
  }

  mutating func encode(_ value: some Encodable) throws {
    node.add(try EncodingNode.encode(value, at: codingPath + [PathKey(index: count)]))
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy keyType: Nested.Type
  ) -> KeyedEncodingContainer<Nested> {
    nested().container(keyedBy: keyType)
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    nested().unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder {
    nested()
  }

  private func nested() -> ValueEncoder {
    let path = codingPath + [PathKey(index: count)]
    let child = EncodingNode()
    node.add(child)
    return ValueEncoder(child, path)
  }
}

/// Encodes a value without parts.
private struct SingleEncoder: SingleValueEncodingContainer {
  let node: EncodingNode
  let codingPath: [any CodingKey]

  mutating func encodeNil() { node.become(EncodingNode(.null)) }
  mutating func encode(_ value: Bool) { node.become(EncodingNode(.boolean(value))) }
  mutating func encode(_ value: String) { node.become(EncodingNode(.string(value))) }
  mutating func encode(_ value: Double) { node.become(EncodingNode(.double(value))) }
  mutating func encode(_ value: Float) { node.become(EncodingNode(.double(Double(value)))) }
  mutating func encode(_ value: Int) throws { try encode(integer: value) }
  mutating func encode(_ value: Int8) throws { try encode(integer: value) }
  mutating func encode(_ value: Int16) throws { try encode(integer: value) }
  mutating func encode(_ value: Int32) throws { try encode(integer: value) }
  mutating func encode(_ value: Int64) throws { try encode(integer: value) }
  mutating func encode(_ value: UInt) throws { try encode(integer: value) }
  mutating func encode(_ value: UInt8) throws { try encode(integer: value) }
  mutating func encode(_ value: UInt16) throws { try encode(integer: value) }
  mutating func encode(_ value: UInt32) throws { try encode(integer: value) }
  mutating func encode(_ value: UInt64) throws { try encode(integer: value) }

  mutating func encode(_ value: some Encodable) throws {
    node.become(try EncodingNode.encode(value, at: codingPath))
  }

  private func encode(integer: some FixedWidthInteger) throws {
    node.become(try EncodingNode.encode(integer: integer, at: codingPath))
  }
}
