import BSON

/// A value of any shape: for documents without a Swift type of their own.
///
/// It keeps what plain JSON cannot say (dates, ObjectIds, the kinds of number) and shows it as
/// Extended JSON, for example `{"$date": "2026-01-01T00:00:00Z"}`.
public struct JSON: Sendable {
  let value: BSONValue

  init(_ value: BSONValue) {
    self.value = value
  }

  /// Reads JSON text, strictly.
  ///
  /// - Throws: `invalid_json` with line and column, `number_out_of_range`, `duplicate_field` or
  ///   `nesting_too_deep`.
  public init(parsing text: String) throws(LockstepError) {
    try self.init(parsing: Array(text.utf8))
  }

  /// Reads JSON text in UTF-8, strictly.
  ///
  /// - Throws: As `init(parsing:)` of a string does.
  public init(parsing utf8: [UInt8]) throws(LockstepError) {
    do {
      value = try BSONValue(json: utf8)
    } catch {
      throw LockstepError(error)
    }
  }

  /// Compact JSON text in UTF-8; of arrays in more than 64 arrays, which only literals can make, a
  /// text that says what is wrong.
  public var utf8: [UInt8] {
    do {
      return try value.json()
    } catch {
      let text = BSONValue.string("no text: \(error)")
      return (try? text.json()) ?? []
    }
  }

  /// Compact JSON text, as `utf8` has it.
  public var text: String { String(decoding: utf8, as: UTF8.self) }

  /// The field of a document, nil if there is none or this is no document.
  public subscript(name: String) -> JSON? {
    guard case .document(let document) = value else { return nil }
    return document[name].map(JSON.init)
  }

  /// The element of an array, nil past its end or if this is no array.
  public subscript(index: Int) -> JSON? {
    guard case .array(let values) = value, values.indices.contains(index) else { return nil }
    return JSON(values[index])
  }

  /// The text, if this is text.
  public var string: String? {
    if case .string(let text) = value { text } else { nil }
  }

  /// The whole number, if this is one that fits.
  public var int: Int? {
    if case .int32(let number) = value { return Int(number) }
    if case .int64(let number) = value { return Int(exactly: number) }
    return nil
  }

  /// The number, if this is one that a `Double` holds exactly.
  public var double: Double? {
    if case .double(let number) = value { return number }
    return int.flatMap { Double(exactly: $0) }
  }

  /// The truth value, if this is one.
  public var bool: Bool? {
    if case .boolean(let flag) = value { flag } else { nil }
  }

  /// The elements, if this is an array.
  public var array: [JSON]? {
    if case .array(let values) = value { values.map(JSON.init) } else { nil }
  }

  /// The fields in their order, if this is a document.
  public var fields: [(name: String, value: JSON)]? {
    guard case .document(let document) = value else { return nil }
    return document.fields.map { ($0.name, JSON($0.value)) }
  }

  /// Whether this is null.
  public var isNull: Bool { value == .null }
}

extension JSON: Equatable {
  /// Whether both values are of one kind and have the same bytes.
  public static func == (left: JSON, right: JSON) -> Bool {
    left.value == right.value
  }
}

extension JSON: CustomStringConvertible {
  /// Compact JSON text.
  public var description: String { text }
}
