/// A value in a history: what was written, read, or both.
///
/// Numbers are equal if they are the same number; text compares by its bytes. A keyword of an EDN
/// history is the text of its name.
public indirect enum HistoryValue: Hashable, Sendable {
  /// Nothing; for most models: absent.
  case null
  /// True or false.
  case boolean(Bool)
  /// A whole number.
  case integer(Int64)
  /// Any other number.
  case number(Double)
  /// Text.
  case text([UInt8])
  /// A list.
  case list([HistoryValue])
  /// Named values, in order of the names' bytes: `init(fields:)` takes them in any.
  case fields([Field])

  /// One of several named values.
  public struct Field: Hashable, Sendable {
    /// The name, UTF-8.
    public var name: [UInt8]
    /// The value.
    public var value: HistoryValue

    /// A named value.
    public init(name: [UInt8], value: HistoryValue) {
      self.name = name
      self.value = value
    }

    /// A named value.
    public init(name: String, value: HistoryValue) {
      self.init(name: Array(name.utf8), value: value)
    }
  }

  /// About how many bytes it takes in memory.
  var size: Int {
    switch self {
    case .null, .boolean, .integer, .number: 16
    case .text(let bytes): 64 + bytes.count
    case .list(let values): values.reduce(64) { $0 + $1.size }
    case .fields(let fields): fields.reduce(64) { $0 + 64 + $1.name.count + $1.value.size }
    }
  }

  /// Text of a Swift string.
  public init(_ text: String) { self = .text(Array(text.utf8)) }

  /// Named values, whatever their order.
  public init(fields: [Field]) {
    self = .fields(fields.sorted { $0.name.lexicographicallyPrecedes($1.name) })
  }

  /// The value of a field; nil if there is none of this name.
  public func field(_ name: String) -> HistoryValue? {
    guard case .fields(let fields) = self else { return nil }
    return fields.first { $0.name.elementsEqual(name.utf8) }?.value
  }
}

extension HistoryValue: CustomStringConvertible {
  /// The value as JSON, for people.
  public var description: String {
    switch self {
    case .null: "null"
    case .boolean(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let value): String(value)
    case .text(let bytes): Self.quoted(bytes)
    case .list(let values): "[" + values.map(\.description).joined(separator: ",") + "]"
    case .fields(let fields):
      "{"
        + fields.map { Self.quoted($0.name) + ":" + $0.value.description }
        .joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ bytes: [UInt8]) -> String {
    var text = "\""
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\u{0}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}
