import BSON
import Wire

/// A result on its way to JSON: a flat thing with ordered fields.
enum JSONValue: Sendable, Equatable {
  case null
  case truth(Bool)
  case integer(Int)
  /// A number with a fixed count of decimals.
  case decimal(Double, places: Int)
  case text(String)
  case list([JSONValue])
  case object([Field])
  /// JSON that is text already, such as a stored document.
  case rendered(String)

  struct Field: Sendable, Equatable {
    let name: String
    let value: JSONValue

    init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// A number that may be larger than an `Int`: files of others say what they like.
  static func whole(_ number: some BinaryInteger) -> JSONValue {
    Int(exactly: number).map(JSONValue.integer) ?? .rendered("\(number)")
  }

  /// The JSON text, in one line.
  var json: String {
    switch self {
    case .null: "null"
    case .truth(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .decimal(let value, let places): Self.decimal(value, places)
    case .text(let value): JSONText.quoted(value)
    case .list(let values): "[" + values.map(\.json).joined(separator: ",") + "]"
    case .object(let fields):
      "{" + fields.map { "\(JSONText.quoted($0.name)):\($0.value.json)" }.joined(separator: ",")
        + "}"
    case .rendered(let text): text
    }
  }

  /// The text of a table's cell: like JSON, but words stand without quotes.
  ///
  /// What a terminal would obey, and what would break the row, is shown instead.
  var cell: String {
    switch self {
    case .null: "-"
    case .text(let value): Self.visible(value)
    case .truth, .integer, .decimal: json
    case .list, .object, .rendered: Self.visible(json)
    }
  }

  /// The text with `\u{1b}` in the place of ESC, and so on for all control characters, line and
  /// paragraph ends and signs that turn the direction of writing.
  static func visible(_ text: String) -> String {
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x00...0x1F, 0x7F...0x9F, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069:
        shown.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
      default: shown.append(scalar)
      }
    }
    return String(shown)
  }

  /// A number with a fixed count of decimals, rounded; anything not finite is null in JSON.
  static func decimal(_ value: Double, _ places: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "null" }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let scaled = Int((abs(value) * scale).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard places > 0 else { return sign + String(scaled) }
    let padded = scaled.padded(to: places + 1)
    return sign + padded.dropLast(places) + "." + padded.suffix(places)
  }
}
