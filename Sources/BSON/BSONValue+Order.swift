/// One total order over all values: by class, then within the class.
///
/// Numbers of all kinds compare by exact value; NaN stands below all numbers and equals itself,
/// and zero has no sign. Text compares by UTF-8 bytes. Documents compare field by field: by the
/// class of the value, the name, the value; then the shorter is less. Binary compares by length,
/// subtype and bytes.
extension BSONValue {
  /// How this value stands to another; the cost is linear in their size.
  package func compare(_ other: BSONValue) -> BSONOrdering {
    switch (self, other) {
    case (.int32(let left), .int32(let right)): BSONOrdering(left, right)
    case (.int64(let left), .int64(let right)): BSONOrdering(left, right)
    case (.string(let left), .string(let right)): Self.compare(left, right)
    case (.document(let left), .document(let right)): Self.compare(left, right)
    case (.array(let left), .array(let right)): Self.compare(left, right)
    case (.binary(let left, let leftBytes), .binary(let right, let rightBytes)):
      BSONOrdering(leftBytes.count, rightBytes.count)
        .then(BSONOrdering(left, right))
        .then(BSONOrdering(bytes: leftBytes.span, rightBytes.span))
    case (.objectID(let left), .objectID(let right)):
      BSONOrdering(left.high, right.high).then(BSONOrdering(left.low, right.low))
    case (.boolean(let left), .boolean(let right)): BSONOrdering(left ? 1 : 0, right ? 1 : 0)
    case (.datetime(let left), .datetime(let right)): BSONOrdering(left, right)
    case (.timestamp(let left, let leftStep), .timestamp(let right, let rightStep)):
      BSONOrdering(left, right).then(BSONOrdering(leftStep, rightStep))
    case (.regex(let left, let leftOptions), .regex(let right, let rightOptions)):
      Self.compare(left, right).then(Self.compare(leftOptions, rightOptions))
    default: compareByClass(other)
    }
  }

  /// Values of different kinds: of different classes, or two numbers, or two of a kind that has
  /// but one value.
  private func compareByClass(_ other: BSONValue) -> BSONOrdering {
    guard let left = number, let right = other.number else {
      return BSONOrdering(type.orderClass, other.type.orderClass)
    }
    return left.compare(right)
  }

  /// The number of this value, whatever its kind; nil for what is no number.
  var number: BSONNumber? {
    switch self {
    case .int32(let number): .integer(Int64(number))
    case .int64(let number): .integer(number)
    case .double(let number): .double(number)
    case .decimal128(let number): .decimal(number)
    case .string, .document, .array, .binary, .objectID, .boolean, .datetime, .null, .timestamp,
      .regex, .minKey, .maxKey:
      nil
    }
  }

  private static func compare(_ left: String, _ right: String) -> BSONOrdering {
    BSONOrdering(bytes: left.utf8Span.span, right.utf8Span.span)
  }

  private static func compare(_ left: [BSONValue], _ right: [BSONValue]) -> BSONOrdering {
    for (left, right) in zip(left, right) {
      let ordering = left.compare(right)
      guard ordering == .equal else { return ordering }
    }
    return BSONOrdering(left.count, right.count)
  }

  private static func compare(_ left: BSONDocument, _ right: BSONDocument) -> BSONOrdering {
    guard left.bytes != right.bytes else { return .equal }
    var (lefts, rights) = (left.fields, right.fields)
    while let left = lefts.next() {
      guard let right = rights.next() else { return .greater }
      let ordering = BSONOrdering(left.value.type.orderClass, right.value.type.orderClass)
        .then(compare(left.name, right.name))
        .then(left.value.compare(right.value))
      guard ordering == .equal else { return ordering }
    }
    return rights.next() == nil ? .equal : .less
  }
}
