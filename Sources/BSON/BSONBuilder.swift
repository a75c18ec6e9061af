/// Puts a document together, field by field.
package struct BSONBuilder {
  private var bytes: [UInt8] = [0, 0, 0, 0]

  /// Begins a document without fields.
  package init() {}

  /// Adds a field at the end.
  ///
  /// - Throws: `BSONError.invalidFieldName` for a zero byte in the name, `nestingTooDeep`.
  package mutating func append(_ value: BSONValue, for name: String) throws(BSONError) {
    try append(value, for: name, depth: 1)
  }

  /// Copies all fields of a document to the end, but those with the given name.
  package mutating func append(fieldsOf document: BSONDocument, except name: String? = nil) {
    let omitted = name.map { Array($0.utf8) }
    var position = 4
    while let element = document.bytes.element(at: position) {
      if omitted.map({ document.bytes[element.name].elementsEqual($0) }) != true {
        bytes.append(contentsOf: document.bytes[position..<element.value.upperBound])
      }
      position = element.value.upperBound
    }
  }

  /// Closes the document and checks it.
  ///
  /// - Throws: `BSONError` if a name appears twice, or past a limit.
  package consuming func finish(
    sizeBytesMax: Int = BSONDocument.sizeBytesMax
  ) throws(BSONError) -> BSONDocument {
    bytes.append(0)
    guard bytes.count <= BSONDocument.sizeBytesMax else {
      throw .documentTooLarge(maxBytes: min(sizeBytesMax, BSONDocument.sizeBytesMax))
    }
    bytes.setLittleEndian(UInt32(bytes.count), at: 0)
    return try BSONDocument(validating: bytes, sizeBytesMax: sizeBytesMax)
  }

  /// The bytes of a document with one nameless field: how lone values are read and written.
  ///
  /// - Throws: `BSONError.nestingTooDeep` for arrays in arrays, `invalidFieldName`.
  package static func wrapping(_ value: BSONValue) throws(BSONError) -> [UInt8] {
    var builder = BSONBuilder()
    try builder.append(value, for: "", depth: 0)
    builder.bytes.append(0)
    return builder.bytes
  }

  private mutating func append(
    _ value: BSONValue,
    for name: String,
    depth: Int
  ) throws(BSONError) {
    bytes.append(value.type.rawValue)
    try appendZeroTerminated(name)
    try appendBytes(of: value, depth: depth)
  }

  private mutating func appendBytes(of value: BSONValue, depth: Int) throws(BSONError) {
    switch value {
    case .double(let number): bytes.appendLittleEndian(number.bitPattern)
    case .string(let text): append(text)
    case .document(let document): bytes.append(contentsOf: document.bytes)
    case .array(let values): try append(values, depth: depth + 1)
    case .binary(let subtype, let content):
      try appendCount(content.count)
      bytes.append(subtype)
      bytes.append(contentsOf: content)
    case .objectID(let id): id.append(to: &bytes)
    case .boolean(let flag): bytes.append(flag ? 1 : 0)
    case .datetime(let milliseconds):
      bytes.appendLittleEndian(UInt64(bitPattern: milliseconds))
    case .null, .minKey, .maxKey: break
    case .int32(let number): bytes.appendLittleEndian(UInt32(bitPattern: number))
    case .int64(let number): bytes.appendLittleEndian(UInt64(bitPattern: number))
    case .decimal128(let number):
      bytes.appendLittleEndian(number.low)
      bytes.appendLittleEndian(number.high)
    case .timestamp(let seconds, let increment):
      bytes.appendLittleEndian(increment)
      bytes.appendLittleEndian(seconds)
    case .regex(let pattern, let options):
      try appendZeroTerminated(pattern)
      try appendZeroTerminated(options)
    }
  }

  private mutating func append(_ text: String) {
    let start = bytes.count
    bytes.appendLittleEndian(0 as UInt32)
    bytes.append(contentsOf: text.utf8)
    bytes.append(0)
    bytes.setLittleEndian(UInt32(truncatingIfNeeded: bytes.count - start - 4), at: start)
  }

  private mutating func append(_ values: [BSONValue], depth: Int) throws(BSONError) {
    guard depth <= BSONDocument.nestingMax else {
      throw .nestingTooDeep(max: BSONDocument.nestingMax, at: .offset(bytes.count))
    }
    let start = bytes.count
    bytes.appendLittleEndian(0 as UInt32)
    for (index, value) in values.enumerated() {
      try append(value, for: String(index), depth: depth)
    }
    bytes.append(0)
    bytes.setLittleEndian(UInt32(truncatingIfNeeded: bytes.count - start), at: start)
  }

  private mutating func appendCount(_ count: Int) throws(BSONError) {
    guard count <= BSONDocument.sizeBytesMax else {
      throw .documentTooLarge(maxBytes: BSONDocument.sizeBytesMax)
    }
    bytes.appendLittleEndian(UInt32(count))
  }

  private mutating func appendZeroTerminated(_ text: String) throws(BSONError) {
    guard !text.utf8.contains(0) else {
      throw .invalidFieldName(name: text, at: .offset(bytes.count))
    }
    bytes.append(contentsOf: text.utf8)
    bytes.append(0)
  }
}
