import ClientProtocol

/// Which ids of a collection are meant.
///
/// Ids of different kinds have one order: null < numbers < text < documents < binary < ObjectId <
/// booleans < dates.
public struct IDRange: Sendable {
  let wire: KeyRange

  /// All ids.
  public static let all = IDRange(wire: .all)

  /// Text ids that begin with these letters.
  public static func prefix(_ text: String) -> IDRange {
    IDRange(wire: .prefix(Array(text.utf8)))
  }

  /// Ids from one to another, both included; nil leaves a side open.
  public static func from(_ lower: DocumentID?, through upper: DocumentID?) -> IDRange {
    between(lower, true, upper, true)
  }

  /// Ids from one, included, to another, not included; nil leaves a side open.
  public static func from(_ lower: DocumentID?, upTo upper: DocumentID?) -> IDRange {
    between(lower, true, upper, false)
  }

  /// Ids behind this one.
  public static func after(_ lower: DocumentID) -> IDRange {
    between(lower, false, nil, false)
  }

  private static func between(
    _ lower: DocumentID?,
    _ lowerIncluded: Bool,
    _ upper: DocumentID?,
    _ upperIncluded: Bool
  ) -> IDRange {
    IDRange(
      wire: .between(
        lower.map { .init($0.bytes, isIncluded: lowerIncluded) },
        upper.map { .init($0.bytes, isIncluded: upperIncluded) }
      )
    )
  }
}

/// A key of plain key-value data: 1 to 1,024 bytes, usually text.
public struct Key: Hashable, Sendable {
  /// The key's bytes.
  public let bytes: [UInt8]

  /// A key of these bytes.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// A key of this text in UTF-8.
  public init(_ text: String) {
    bytes = Array(text.utf8)
  }

  /// The key as text; bytes that are no UTF-8 are replaced.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension Key: ExpressibleByStringLiteral, CustomStringConvertible {
  /// A key of this text.
  public init(stringLiteral value: String) {
    self.init(value)
  }

  /// The key as text.
  public var description: String { text }
}

/// Which keys are meant.
public struct KeySelection: Sendable {
  let wire: KeyRange

  /// All keys.
  public static let all = KeySelection(wire: .all)

  /// Keys that begin with these bytes.
  public static func prefix(_ key: Key) -> KeySelection {
    KeySelection(wire: .prefix(key.bytes))
  }

  /// Keys from one, included, to another, not included; nil leaves a side open.
  public static func from(_ lower: Key?, upTo upper: Key?) -> KeySelection {
    KeySelection(
      wire: .between(
        lower.map { .init($0.bytes, isIncluded: true) },
        upper.map { .init($0.bytes, isIncluded: false) }
      )
    )
  }
}

/// A key, its value and when it last changed.
public struct KeyValue: Hashable, Sendable {
  /// The key.
  public let key: Key
  /// The value.
  public let value: [UInt8]
  /// The log index of its last change.
  public let revision: UInt64
  /// The node that answered.
  public let servedBy: UInt32
}
