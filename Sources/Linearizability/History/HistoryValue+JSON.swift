import BSON

extension HistoryValue {
  /// Reads one JSON value; nil if the text is none.
  public init?(json text: String) {
    guard let value = try? BSONValue(json: text) else { return nil }
    self.init(value)
  }

  /// The fields of a JSON object.
  init(_ document: BSONDocument) {
    self.init(
      fields: document.fields.map {
        Field(name: Array($0.name.utf8), value: HistoryValue($0.value))
      }
    )
  }

  private init(_ value: BSONValue) {
    switch value {
    case .null: self = .null
    case .boolean(let value): self = .boolean(value)
    case .int32(let value): self = .integer(Int64(value))
    case .int64(let value): self = .integer(value)
    case .double(let value): self.init(number: value)
    case .string(let value): self = .text(Array(value.utf8))
    case .array(let values): self = .list(values.map { HistoryValue($0) })
    case .document(let document): self = HistoryValue(document)
    case .binary, .objectID, .datetime, .decimal128, .timestamp, .regex, .minKey, .maxKey:
      // Extended JSON: equal spellings are equal values.
      self = .text((try? value.json()) ?? [])
    }
  }

  /// A number; one that is none is text, since it does not equal itself.
  init(number: Double) {
    guard !number.isNaN else {
      self = .text(Array("NaN".utf8))
      return
    }
    self = Self.whole(number).map { .integer($0) } ?? .number(number)
  }

  /// The whole number that a number is. (`Int64(exactly:)` would need a library of mathematics.)
  private static func whole(_ value: Double) -> Int64? {
    guard value >= -0x1p63, value < 0x1p63 else { return nil }
    return Double(Int64(value)) == value ? Int64(value) : nil
  }
}
