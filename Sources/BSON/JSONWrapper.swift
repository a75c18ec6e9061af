/// The objects by which Extended JSON v2 says what plain JSON cannot: `{"$oid": "…"}` and so on.
enum JSONWrapper: String {
  case binary = "$binary"
  case uuid = "$uuid"
  case date = "$date"
  case objectID = "$oid"
  case int32 = "$numberInt"
  case int64 = "$numberLong"
  case double = "$numberDouble"
  case decimal = "$numberDecimal"
  case timestamp = "$timestamp"
  case regex = "$regularExpression"
  case minKey = "$minKey"
  case maxKey = "$maxKey"
  case code = "$code"
  case symbol = "$symbol"
  case undefined = "$undefined"
  case pointer = "$dbPointer"

  /// How deep the objects go by which one of them is written.
  static let levelsMax = 2

  /// What the object must look like, for an error message.
  var form: String {
    switch self {
    case .binary: "{\"$binary\": {\"base64\": \"…\", \"subType\": \"00\"}}"
    case .uuid: "{\"$uuid\": \"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx\"}"
    case .date: "{\"$date\": \"2026-01-31T23:59:59.999Z\"}"
    case .objectID: "{\"$oid\": \"24 hexadecimal digits\"}"
    case .int32: "{\"$numberInt\": \"a 32-bit integer\"}"
    case .int64: "{\"$numberLong\": \"a 64-bit integer\"}"
    case .double: "{\"$numberDouble\": \"a number, NaN, Infinity or -Infinity\"}"
    case .decimal: "{\"$numberDecimal\": \"a number of at most 34 digits\"}"
    case .timestamp: "{\"$timestamp\": {\"t\": seconds, \"i\": increment}}"
    case .regex: "{\"$regularExpression\": {\"pattern\": \"…\", \"options\": \"…\"}}"
    case .minKey: "{\"$minKey\": 1}"
    case .maxKey: "{\"$maxKey\": 1}"
    case .code, .symbol, .undefined, .pointer: "a supported type"
    }
  }

  /// The value that a wrapper with this content stands for; nil if the content is wrong.
  func value(of content: BSONValue) -> BSONValue? {
    switch (self, content) {
    case (.binary, .document(let parts)): Self.binary(parts)
    case (.uuid, .string(let text)): Self.uuid(Array(text.utf8))
    case (.date, .string(let text)):
      Timestamp8601.decode(Array(text.utf8)).map { .datetime($0) }
    case (.date, .int64(let milliseconds)): .datetime(milliseconds)
    case (.date, .int32(let milliseconds)): .datetime(Int64(milliseconds))
    case (.objectID, .string(let text)): ObjectID(hexadecimal: text).map { .objectID($0) }
    case (.int32, .string(let text)): Self.integer(text).map { .int32($0) }
    case (.int64, .string(let text)): Self.integer(text).map { .int64($0) }
    case (.double, .string(let text)): Self.double(text).map { .double($0) }
    case (.decimal, .string(let text)): Decimal128(text: Array(text.utf8)).map { .decimal128($0) }
    case (.timestamp, .document(let parts)): Self.timestamp(parts)
    case (.regex, .document(let parts)): Self.regex(parts)
    case (.minKey, .int32(1)): .minKey
    case (.maxKey, .int32(1)): .maxKey
    default: nil
    }
  }

  private static func binary(_ parts: BSONDocument) -> BSONValue? {
    guard case .string(let text)? = parts["base64"], case .string(let code)? = parts["subType"],
      Array(parts.fields).count == 2, let bytes = Base64.decode(Array(text.utf8))
    else { return nil }
    let digits = Array(code.utf8)
    let padded = digits.count == 1 ? [UInt8(ascii: "0")] + digits : digits
    guard let subtype = Hexadecimal.decode(padded), subtype.count == 1 else { return nil }
    return .binary(subtype: subtype[0], bytes: bytes)
  }

  private static func uuid(_ text: [UInt8]) -> BSONValue? {
    let dashes = text.indices.filter { text[$0] == UInt8(ascii: "-") }
    guard dashes == [8, 13, 18, 23],
      let bytes = Hexadecimal.decode(text.filter { $0 != UInt8(ascii: "-") }), bytes.count == 16
    else { return nil }
    return .binary(subtype: 4, bytes: bytes)
  }

  private static func timestamp(_ parts: BSONDocument) -> BSONValue? {
    guard let seconds = parts["t"]?.unsigned32, let increment = parts["i"]?.unsigned32,
      Array(parts.fields).count == 2
    else { return nil }
    return .timestamp(seconds: seconds, increment: increment)
  }

  private static func regex(_ parts: BSONDocument) -> BSONValue? {
    guard case .string(let pattern)? = parts["pattern"],
      case .string(let options)? = parts["options"], Array(parts.fields).count == 2,
      !pattern.utf8.contains(0), !options.utf8.contains(0)
    else { return nil }
    return .regex(
      pattern: pattern,
      options: String(decoding: options.utf8.sorted(), as: UTF8.self)
    )
  }

  /// Swift's own reader also takes a leading plus, which Extended JSON has not.
  private static func integer<Kind: FixedWidthInteger>(_ text: String) -> Kind? {
    text.utf8.first == UInt8(ascii: "+") ? nil : Kind(text)
  }

  private static func double(_ text: String) -> Double? {
    switch text {
    case "NaN": .nan
    case "Infinity": .infinity
    case "-Infinity": -.infinity
    default: finite(text)
    }
  }

  /// Swift's own reader also takes hexadecimal numbers and words.
  private static func finite(_ text: String) -> Double? {
    guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }),
      let number = Double(text), number.isFinite
    else { return nil }
    return number
  }
}

extension BSONValue {
  fileprivate var unsigned32: UInt32? {
    switch self {
    case .int32(let number): UInt32(exactly: number)
    case .int64(let number): UInt32(exactly: number)
    default: nil
    }
  }
}

extension JSONReader {
  /// Puts the value that a wrapper stands for in the place of the document at `start`.
  mutating func unwrap(
    _ wrapper: JSONWrapper,
    at start: Int,
    textStart: Int
  ) throws(BSONError) -> BSONType {
    switch wrapper {
    case .code, .symbol, .undefined, .pointer:
      throw .unsupportedType(
        name: wrapper.rawValue,
        at: .text(at: textStart, in: text)
      )
    default: break
    }
    var fields = BSONFields(bytes: Array(out[start...]))
    guard let content = fields.next()?.value, fields.next() == nil,
      let value = wrapper.value(of: content)
    else { throw failure(wrapper.form, at: textStart) }
    let wrapped = try BSONBuilder.wrapping(value)
    out.removeSubrange(start...)
    out.append(contentsOf: wrapped[6..<wrapped.count - 1])
    return value.type
  }
}
