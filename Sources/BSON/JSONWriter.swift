/// Writes checked BSON bytes as compact relaxed Extended JSON v2, straight from the bytes.
///
/// Reading the text gives back the same bytes: a double keeps its point, and an int64 small
/// enough to be read as an int32 is wrapped.
struct JSONWriter {
  private let bytes: [UInt8]
  private(set) var text: [UInt8] = []

  init(bytes: [UInt8]) {
    self.bytes = bytes
    text.reserveCapacity(bytes.count + bytes.count / 4)
  }

  /// Writes the document whose size field stands at an offset.
  mutating func document(at start: Int) {
    text.append(UInt8(ascii: "{"))
    var position = start + 4
    while let element = bytes.element(at: position) {
      if position > start + 4 { text.append(UInt8(ascii: ",")) }
      string(element.name)
      text.append(UInt8(ascii: ":"))
      value(element)
      position = element.value.upperBound
    }
    text.append(UInt8(ascii: "}"))
  }

  private mutating func array(at start: Int) {
    text.append(UInt8(ascii: "["))
    var position = start + 4
    while let element = bytes.element(at: position) {
      if position > start + 4 { text.append(UInt8(ascii: ",")) }
      value(element)
      position = element.value.upperBound
    }
    text.append(UInt8(ascii: "]"))
  }

  /// Writes the value of an element.
  mutating func value(_ element: BSONElement) {
    let start = element.value.lowerBound
    switch element.type {
    case .string: string(start + 4..<element.value.upperBound - 1)
    case .document: document(at: start)
    case .array: array(at: start)
    case .int32: append(String(Int32(bitPattern: bytes.littleEndian32(at: start))))
    case .int64: int64(Int64(bitPattern: bytes.littleEndian64(at: start)))
    case .double: double(Double(bitPattern: bytes.littleEndian64(at: start)))
    case .boolean: append(bytes[start] != 0 ? "true" : "false")
    case .null: append("null")
    case .datetime: datetime(Int64(bitPattern: bytes.littleEndian64(at: start)))
    case .objectID, .binary, .timestamp, .regex, .decimal128, .minKey, .maxKey:
      wrapped(bytes.value(of: element))
    }
  }

  private mutating func int64(_ number: Int64) {
    guard Int32(exactly: number) != nil else { return append(String(number)) }
    append("{\"$numberLong\":\"\(number)\"}")
  }

  private mutating func double(_ number: Double) {
    guard !number.isFinite else { return append(number.description) }
    let name = number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity"
    append("{\"$numberDouble\":\"\(name)\"}")
  }

  private mutating func datetime(_ milliseconds: Int64) {
    guard Timestamp8601.writable.contains(milliseconds) else {
      return append("{\"$date\":{\"$numberLong\":\"\(milliseconds)\"}}")
    }
    append("{\"$date\":\"")
    text.append(contentsOf: Timestamp8601.encode(milliseconds))
    append("\"}")
  }

  /// The kinds that plain JSON lacks altogether.
  private mutating func wrapped(_ value: BSONValue) {
    switch value {
    case .objectID(let id): append("{\"$oid\":\"\(id.hexadecimal)\"}")
    case .binary(let subtype, let content):
      append("{\"$binary\":{\"base64\":\"")
      text.append(contentsOf: Base64.encode(content))
      append("\",\"subType\":\"")
      text.append(contentsOf: Hexadecimal.encode([subtype]))
      append("\"}}")
    case .timestamp(let seconds, let increment):
      append("{\"$timestamp\":{\"t\":\(seconds),\"i\":\(increment)}}")
    case .regex(let pattern, let options):
      append("{\"$regularExpression\":{\"pattern\":\"")
      escaped(Array(pattern.utf8))
      append("\",\"options\":\"")
      escaped(Array(options.utf8))
      append("\"}}")
    case .decimal128(let number): append("{\"$numberDecimal\":\"\(number)\"}")
    case .minKey: append("{\"$minKey\":1}")
    case .maxKey: append("{\"$maxKey\":1}")
    case .double, .string, .document, .array, .boolean, .datetime, .null, .int32, .int64:
      fatalError("a kind that plain JSON has was to be wrapped")
    }
  }

  private mutating func append(_ piece: String) {
    text.append(contentsOf: piece.utf8)
  }

  private mutating func string(_ range: Range<Int>) {
    quoted(bytes[range])
  }

  /// Writes text as a JSON string.
  mutating func quoted<Text: RandomAccessCollection<UInt8>>(_ content: Text) {
    text.append(UInt8(ascii: "\""))
    escaped(content)
    text.append(UInt8(ascii: "\""))
  }

  /// Copies text in runs, escaping what JSON strings may not hold.
  private mutating func escaped<Text: RandomAccessCollection<UInt8>>(_ content: Text) {
    var run = content.startIndex
    for index in content.indices {
      let byte = content[index]
      guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
        continue
      }
      text.append(contentsOf: content[run..<index])
      escape(byte)
      run = content.index(after: index)
    }
    text.append(contentsOf: content[run...])
  }

  private mutating func escape(_ byte: UInt8) {
    text.append(UInt8(ascii: "\\"))
    switch byte {
    case 0x08: text.append(UInt8(ascii: "b"))
    case 0x09: text.append(UInt8(ascii: "t"))
    case 0x0A: text.append(UInt8(ascii: "n"))
    case 0x0C: text.append(UInt8(ascii: "f"))
    case 0x0D: text.append(UInt8(ascii: "r"))
    case 0x00..<0x20:
      append("u00")
      text.append(contentsOf: Hexadecimal.encode([byte]))
    default: text.append(byte)
    }
  }
}
