/// One field within checked bytes: where its name and its value lie.
///
///     element  = type (1 byte) · name · 0 · value
///     document = size (int32, all of it) · elements · 0
struct BSONElement {
  let type: BSONType
  let name: Range<Int>
  let value: Range<Int>
}

/// Reading checked bytes.
extension [UInt8] {
  /// The element at a position; nil where the document's closing zero stands.
  func element(at position: Int) -> BSONElement? {
    guard let type = BSONType(rawValue: self[position]) else { return nil }
    var nameEnd = position + 1
    while self[nameEnd] != 0 {
      nameEnd += 1
    }
    let start = nameEnd + 1
    let end = start + size(of: type, at: start)
    return BSONElement(type: type, name: position + 1..<nameEnd, value: start..<end)
  }

  /// The length of a value of checked bytes.
  private func size(of type: BSONType, at start: Int) -> Int {
    switch type {
    case .null, .minKey, .maxKey: 0
    case .boolean: 1
    case .int32: 4
    case .double, .datetime, .timestamp, .int64: 8
    case .objectID: 12
    case .decimal128: 16
    case .string: 4 + Int(littleEndian32(at: start))
    case .document, .array: Int(littleEndian32(at: start))
    case .binary: 5 + Int(littleEndian32(at: start))
    case .regex: zero(from: zero(from: start) + 1) + 1 - start
    }
  }

  private func zero(from start: Int) -> Int {
    var position = start
    while self[position] != 0 {
      position += 1
    }
    return position
  }

  /// Decodes the value of an element.
  func value(of element: BSONElement) -> BSONValue {
    let start = element.value.lowerBound
    switch element.type {
    case .double: return .double(Double(bitPattern: littleEndian64(at: start)))
    case .string: return .string(string(in: start + 4..<element.value.upperBound - 1))
    case .document: return .document(BSONDocument(checked: Array(self[element.value])))
    case .array: return .array(values(at: start))
    case .binary:
      return .binary(
        subtype: self[start + 4],
        bytes: Array(self[start + 5..<element.value.upperBound])
      )
    case .objectID: return .objectID(ObjectID(bytes: self, at: start))
    case .boolean: return .boolean(self[start] != 0)
    case .datetime: return .datetime(Int64(bitPattern: littleEndian64(at: start)))
    case .null: return .null
    case .regex:
      let end = zero(from: start)
      return .regex(
        pattern: string(in: start..<end),
        options: string(in: end + 1..<element.value.upperBound - 1)
      )
    case .int32: return .int32(Int32(bitPattern: littleEndian32(at: start)))
    case .timestamp:
      return .timestamp(
        seconds: littleEndian32(at: start + 4),
        increment: littleEndian32(at: start)
      )
    case .int64: return .int64(Int64(bitPattern: littleEndian64(at: start)))
    case .decimal128:
      return .decimal128(
        Decimal128(high: littleEndian64(at: start + 8), low: littleEndian64(at: start))
      )
    case .minKey: return .minKey
    case .maxKey: return .maxKey
    }
  }

  /// The values of the array whose size field stands at an offset.
  private func values(at start: Int) -> [BSONValue] {
    var values: [BSONValue] = []
    var position = start + 4
    while let element = element(at: position) {
      values.append(value(of: element))
      position = element.value.upperBound
    }
    return values
  }
}
