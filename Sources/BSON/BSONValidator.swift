/// Checks foreign bytes, so that everything after may trust them.
///
/// Lengths are compared with what is left before anything is read, nesting is bounded, and the
/// memory used is proportional to the bytes given.
struct BSONValidator {
  private let bytes: [UInt8]
  private var names = FieldNames()

  static func validate(_ bytes: [UInt8], sizeBytesMax: Int) throws(BSONError) {
    guard bytes.count <= sizeBytesMax else { throw .documentTooLarge(maxBytes: sizeBytesMax) }
    var validator = BSONValidator(bytes: bytes)
    let end = try validator.checkDocument(at: 0, end: bytes.count, depth: 1, isArray: false)
    guard end == bytes.count else {
      throw .malformedBSON(offset: end, reason: "bytes follow the document's end")
    }
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Checks the document that starts here and must end before `end`; returns where it ends.
  private mutating func checkDocument(
    at start: Int,
    end: Int,
    depth: Int,
    isArray: Bool
  ) throws(BSONError) -> Int {
    guard depth <= BSONDocument.nestingMax else {
      throw .nestingTooDeep(max: BSONDocument.nestingMax, at: .offset(start))
    }
    let size = try checkedSize(at: start, end: end, min: 5)
    let last = start + size - 1
    guard bytes[last] == 0 else {
      throw .malformedBSON(offset: last, reason: "the document does not end with a zero")
    }
    let base = names.mark
    var position = start + 4
    var index = 0
    while position < last {
      let name = try checkName(after: position, end: last)
      if isArray {
        try checkIndex(name, is: index)
      } else if names.add(.init(bytes: name, place: position), since: base, in: bytes) {
        throw .duplicateField(name: bytes.string(in: name), at: .offset(position))
      }
      position = try checkValue(
        ofTypeAt: position,
        at: name.upperBound + 1,
        end: last,
        depth: depth
      )
      index += 1
    }
    if let double = names.removeAll(since: base, in: bytes) {
      throw .duplicateField(name: bytes.string(in: double.bytes), at: .offset(double.place))
    }
    return last + 1
  }

  /// Reads a size and makes sure that so many bytes are there, after a head that it leaves out.
  private func checkedSize(
    at start: Int,
    end: Int,
    min: Int,
    headSize: Int = 0
  ) throws(BSONError) -> Int {
    guard end - start >= 4 else {
      throw .malformedBSON(offset: start, reason: "a length is cut off")
    }
    let size = Int(Int32(bitPattern: bytes.littleEndian32(at: start)))
    let max = end - start - headSize
    guard size >= min, size <= max else {
      throw .malformedBSON(
        offset: start,
        reason: "the length \(size) is not between \(min) and \(max)"
      )
    }
    return size
  }

  private func checkName(after position: Int, end: Int) throws(BSONError) -> Range<Int> {
    let name = position + 1..<(try checkZero(from: position + 1, end: end))
    guard bytes.isUTF8(in: name) else {
      throw .malformedBSON(offset: name.lowerBound, reason: "a field name is not UTF-8")
    }
    return name
  }

  private func checkZero(from start: Int, end: Int) throws(BSONError) -> Int {
    for position in start..<max(start, end) where bytes[position] == 0 {
      return position
    }
    throw .malformedBSON(offset: start, reason: "text without its closing zero")
  }

  /// Elements of an array are named 0, 1, 2 …: one array has one form in bytes.
  private func checkIndex(_ name: Range<Int>, is index: Int) throws(BSONError) {
    var rest = index
    for position in name.reversed() {
      guard bytes[position] == UInt8(ascii: "0") + UInt8(rest % 10) else {
        throw .malformedBSON(offset: name.lowerBound, reason: "an array skips index \(index)")
      }
      rest /= 10
    }
    guard rest == 0, !name.isEmpty,
      name.count == 1 || bytes[name.lowerBound] != UInt8(ascii: "0")
    else {
      throw .malformedBSON(offset: name.lowerBound, reason: "an array skips index \(index)")
    }
  }

  /// Checks a value; returns where it ends.
  private mutating func checkValue(
    ofTypeAt typeOffset: Int,
    at start: Int,
    end: Int,
    depth: Int
  ) throws(BSONError) -> Int {
    let code = bytes[typeOffset]
    guard let type = BSONType(rawValue: code) else {
      throw .unsupportedType(
        name: "0x" + String(code, radix: 16),
        at: .offset(typeOffset)
      )
    }
    switch type {
    case .null, .minKey, .maxKey: return start
    case .boolean: return try checkBoolean(at: start, end: end)
    case .int32: return try checkFixed(4, at: start, end: end)
    case .double, .datetime, .timestamp, .int64: return try checkFixed(8, at: start, end: end)
    case .objectID: return try checkFixed(12, at: start, end: end)
    case .decimal128: return try checkFixed(16, at: start, end: end)
    case .string: return try checkString(at: start, end: end)
    case .document:
      return try checkDocument(at: start, end: end, depth: depth + 1, isArray: false)
    case .array: return try checkDocument(at: start, end: end, depth: depth + 1, isArray: true)
    case .binary: return try checkBinary(at: start, end: end)
    case .regex: return try checkRegex(at: start, end: end)
    }
  }

  private func checkFixed(_ size: Int, at start: Int, end: Int) throws(BSONError) -> Int {
    guard end - start >= size else {
      throw .malformedBSON(offset: start, reason: "a value is cut off")
    }
    return start + size
  }

  private func checkBoolean(at start: Int, end: Int) throws(BSONError) -> Int {
    let next = try checkFixed(1, at: start, end: end)
    guard bytes[start] <= 1 else {
      throw .malformedBSON(offset: start, reason: "a boolean is neither 0 nor 1")
    }
    return next
  }

  private func checkString(at start: Int, end: Int) throws(BSONError) -> Int {
    let size = try checkedSize(at: start, end: end, min: 1, headSize: 4)
    let last = start + 4 + size - 1
    guard bytes[last] == 0 else {
      throw .malformedBSON(offset: last, reason: "a string does not end with a zero")
    }
    guard bytes.isUTF8(in: start + 4..<last) else {
      throw .malformedBSON(offset: start + 4, reason: "a string is not UTF-8")
    }
    return last + 1
  }

  private func checkBinary(at start: Int, end: Int) throws(BSONError) -> Int {
    start + 5 + (try checkedSize(at: start, end: end, min: 0, headSize: 5))
  }

  private func checkRegex(at start: Int, end: Int) throws(BSONError) -> Int {
    let pattern = start..<(try checkZero(from: start, end: end))
    let options = pattern.upperBound + 1..<(try checkZero(from: pattern.upperBound + 1, end: end))
    guard bytes.isUTF8(in: pattern), bytes.isUTF8(in: options) else {
      throw .malformedBSON(offset: start, reason: "a regular expression is not UTF-8")
    }
    return options.upperBound + 1
  }
}
