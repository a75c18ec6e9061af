/// Turns JSON text (RFC 8259, strictly, and Extended JSON v2) into BSON bytes in one pass.
///
/// A value is written where it will stay; its type byte, which comes before its name, and the
/// lengths of documents are filled in once they are known.
struct JSONReader {
  let text: [UInt8]
  var position = 0
  var out: [UInt8] = []
  private var names = FieldNames()
  private var depth = 0
  /// Where the first object or array begins that is too deep, unless it is a part of a wrapper.
  private var tooDeep: Int?
  private let sizeBytesMax: Int

  /// Reads text that is one object; returns the bytes of the document.
  static func document(_ text: [UInt8], sizeBytesMax: Int) throws(BSONError) -> [UInt8] {
    var reader = try JSONReader(text: text, sizeBytesMax: sizeBytesMax)
    reader.skipSpace()
    guard reader.peek == UInt8(ascii: "{") else { throw reader.failure("an object") }
    let start = reader.position
    guard try reader.object() == .document else {
      throw reader.failure("an object, not a single value", at: start)
    }
    try reader.end()
    return reader.out
  }

  /// Reads text that is any one value; returns a document with it as its one, nameless field.
  static func wrapped(_ text: [UInt8], sizeBytesMax: Int) throws(BSONError) -> [UInt8] {
    var reader = try JSONReader(text: text, sizeBytesMax: sizeBytesMax)
    reader.out = [0, 0, 0, 0, 0, 0]
    reader.skipSpace()
    try reader.value(typeAt: 4)
    try reader.end()
    reader.out.append(0)
    return reader.out
  }

  private init(text: [UInt8], sizeBytesMax: Int) throws(BSONError) {
    self.text = text
    self.sizeBytesMax = sizeBytesMax
    do {
      _ = try UTF8Span(validating: text.span)
    } catch {
      let place = JSONPlace(of: error.byteOffsets.lowerBound, in: text)
      throw .malformedJSON(
        line: place.line,
        column: place.column,
        expected: "UTF-8",
        found: "a damaged character"
      )
    }
    out.reserveCapacity(min(text.count + 64, sizeBytesMax))
  }

  // MARK: Values

  /// Reads the value at `position`; appends its bytes and sets the type that stands at an offset.
  private mutating func value(typeAt typeOffset: Int) throws(BSONError) {
    let type: BSONType
    switch peek {
    case UInt8(ascii: "{"): type = try object()
    case UInt8(ascii: "["): type = try array()
    case UInt8(ascii: "\""): type = try string()
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): type = try number()
    case UInt8(ascii: "t"): type = try word("true", .boolean, [1])
    case UInt8(ascii: "f"): type = try word("false", .boolean, [0])
    case UInt8(ascii: "n"): type = try word("null", .null, [])
    default: throw failure("a value")
    }
    out[typeOffset] = type.rawValue
    guard out.count <= sizeBytesMax else { throw .documentTooLarge(maxBytes: sizeBytesMax) }
  }

  private mutating func word(
    _ word: StaticString,
    _ type: BSONType,
    _ bytes: [UInt8]
  ) throws(BSONError) -> BSONType {
    let spelling = String(describing: word).utf8
    guard text[position...].starts(with: spelling) else { throw failure("a value") }
    position += spelling.count
    out.append(contentsOf: bytes)
    return type
  }

  private mutating func string() throws(BSONError) -> BSONType {
    let start = out.count
    out.appendLittleEndian(0 as UInt32)
    try stringCharacters()
    out.append(0)
    out.setLittleEndian(UInt32(truncatingIfNeeded: out.count - start - 4), at: start)
    return .string
  }

  /// Reads an object; an Extended JSON wrapper becomes the value it stands for.
  private mutating func object() throws(BSONError) -> BSONType {
    let (start, textStart) = (out.count, position)
    let tooDeepBefore = tooDeep
    try enter()
    let base = names.mark
    var wrapper: JSONWrapper?
    skipSpace()
    if peek == UInt8(ascii: "}") {
      position += 1
    } else {
      wrapper = try fields(of: base, start: start)
    }
    if let double = names.removeAll(since: base, in: out) {
      throw duplicate(double.bytes, at: double.place)
    }
    guard let wrapper else {
      try leave(start)
      return .document
    }
    tooDeep = tooDeepBefore
    try leave(start)
    return try unwrap(wrapper, at: start, textStart: textStart)
  }

  /// Reads fields through the closing brace; tells which wrapper the first name announces.
  private mutating func fields(of base: Int, start: Int) throws(BSONError) -> JSONWrapper? {
    var wrapper: JSONWrapper?
    while true {
      skipSpace()
      let place = position
      guard peek == UInt8(ascii: "\"") else { throw failure("a field name") }
      let typeOffset = out.count
      out.append(0)
      let name = try fieldName()
      if names.add(.init(bytes: name, place: place), since: base, in: out) {
        throw duplicate(name, at: place)
      }
      if typeOffset == start + 4, out[name.lowerBound] == UInt8(ascii: "$") {
        wrapper = JSONWrapper(rawValue: out.string(in: name))
      }
      skipSpace()
      guard peek == UInt8(ascii: ":") else { throw failure("\":\"") }
      position += 1
      skipSpace()
      try value(typeAt: typeOffset)
      if try isLast(closing: UInt8(ascii: "}"), "\",\" or \"}\"") { return wrapper }
    }
  }

  private mutating func fieldName() throws(BSONError) -> Range<Int> {
    let (start, place) = (out.count, position)
    try stringCharacters()
    let name = start..<out.count
    for index in name where out[index] == 0 {
      throw .invalidFieldName(name: out.string(in: name), at: .text(at: place, in: text))
    }
    out.append(0)
    return name
  }

  private mutating func array() throws(BSONError) -> BSONType {
    let start = out.count
    try enter()
    skipSpace()
    guard peek != UInt8(ascii: "]") else {
      position += 1
      try leave(start)
      return .array
    }
    var index = 0
    repeat {
      skipSpace()
      let typeOffset = out.count
      out.append(0)
      appendIndex(index)
      try value(typeAt: typeOffset)
      index += 1
    } while try !isLast(closing: UInt8(ascii: "]"), "\",\" or \"]\"")
    try leave(start)
    return .array
  }

  private mutating func appendIndex(_ index: Int) {
    var divisor = 1
    while index / divisor > 9 {
      divisor *= 10
    }
    while divisor > 0 {
      out.append(UInt8(ascii: "0") + UInt8(index / divisor % 10))
      divisor /= 10
    }
    out.append(0)
  }

  /// Steps over a comma or the closing mark; true for the latter.
  private mutating func isLast(
    closing: UInt8,
    _ expected: @autoclosure () -> String
  ) throws(BSONError) -> Bool {
    skipSpace()
    guard peek == UInt8(ascii: ",") || peek == closing else { throw failure(expected()) }
    position += 1
    return text[position - 1] == closing
  }

  /// A wrapper of Extended JSON counts as the value that it stands for, not as two levels.
  private mutating func enter() throws(BSONError) {
    depth += 1
    if depth > BSONDocument.nestingMax { tooDeep = tooDeep ?? position }
    if depth > BSONDocument.nestingMax + JSONWrapper.levelsMax { try refuseDepth() }
    position += 1
    out.appendLittleEndian(0 as UInt32)
  }

  private func refuseDepth() throws(BSONError) {
    guard let tooDeep else { return }
    throw .nestingTooDeep(max: BSONDocument.nestingMax, at: .text(at: tooDeep, in: text))
  }

  private mutating func leave(_ start: Int) throws(BSONError) {
    if depth == BSONDocument.nestingMax { try refuseDepth() }
    depth -= 1
    out.append(0)
    out.setLittleEndian(UInt32(truncatingIfNeeded: out.count - start), at: start)
  }

  private func duplicate(_ name: Range<Int>, at place: Int) -> BSONError {
    .duplicateField(name: out.string(in: name), at: .text(at: place, in: text))
  }

  // MARK: Text

  /// The byte at `position`; zero, which JSON has nowhere, at the end.
  var peek: UInt8 {
    position < text.count ? text[position] : 0
  }

  private mutating func skipSpace() {
    while position < text.count {
      switch text[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
        position += 1
      default: return
      }
    }
  }

  private mutating func end() throws(BSONError) {
    skipSpace()
    guard position == text.count else { throw failure("the end of the text") }
    guard out.count <= sizeBytesMax else { throw .documentTooLarge(maxBytes: sizeBytesMax) }
  }

  func failure(_ expected: String, at offset: Int? = nil) -> BSONError {
    let offset = offset ?? position
    let place = JSONPlace(of: offset, in: text)
    return .malformedJSON(
      line: place.line,
      column: place.column,
      expected: expected,
      found: JSONPlace.found(at: offset, in: text)
    )
  }
}
