/// A number of any kind, compared by its exact value.
enum BSONNumber {
  case integer(Int64)
  case double(Double)
  case decimal(Decimal128)

  func compare(_ other: BSONNumber) -> BSONOrdering {
    switch (self, other) {
    case (.integer(let left), .integer(let right)): BSONOrdering(left, right)
    case (.integer(let left), .double(let right)): Self.compare(left, right)
    case (.double(let left), .integer(let right)): Self.compare(right, left).reversed
    case (.double(let left), .double(let right)): Self.compare(left, right)
    case (.decimal, _), (_, .decimal): BSONOrdering(bytes: sortKey.span, other.sortKey.span)
    }
  }

  private static func compare(_ left: Double, _ right: Double) -> BSONOrdering {
    if left.isNaN || right.isNaN {
      return BSONOrdering(left.isNaN ? 0 : 1, right.isNaN ? 0 : 1)
    }
    return BSONOrdering(left, right)
  }

  /// The double is cut to an integer, which is exact, rather than the integer rounded to a
  /// double: `Double(Int64.max) == 9223372036854775807.0` holds in Swift.
  private static func compare(_ left: Int64, _ right: Double) -> BSONOrdering {
    if right.isNaN { return .greater }
    if right >= 0x1p63 { return .less }
    if right < -0x1p63 { return .greater }
    let whole = Int64(right)
    return BSONOrdering(left, whole).then(BSONOrdering(Double(whole), right))
  }

  private var sortKey: [UInt8] {
    var key: [UInt8] = []
    appendSortKey(to: &key)
    return key
  }

  /// Appends bytes that compare as the numbers do; equal numbers give equal bytes.
  ///
  ///     floor  8 bytes: the greatest double not above the number, its bits made to compare
  ///     mark   0 if that is the number itself, 1 if it lies above
  ///     rest   after a mark of 1, the whole number in decimal (`DecimalRank`), 17 bytes
  func appendSortKey(to key: inout [UInt8]) {
    switch self {
    case .double(let number):
      key.appendBigEndian(Self.ordered(number))
      key.append(0)
    case .integer(let number):
      let floor = Self.floor(of: number)
      key.appendBigEndian(Self.ordered(floor))
      if Int64(floor) == number {
        key.append(0)
      } else {
        key.append(1)
        DecimalRank(
          isNegative: number < 0,
          digits: UInt128(number.magnitude),
          exponent: 0
        ).append(to: &key)
      }
    case .decimal(let number): Self.append(number, to: &key)
    }
  }

  private static func append(_ number: Decimal128, to key: inout [UInt8]) {
    switch number.meaning {
    case .nan: BSONNumber.double(.nan).appendSortKey(to: &key)
    case .infinity(let isNegative):
      BSONNumber.double(isNegative ? -.infinity : .infinity).appendSortKey(to: &key)
    case .finite(_, 0, _): BSONNumber.double(0).appendSortKey(to: &key)
    case .finite(let isNegative, let digits, let exponent):
      let rank = DecimalRank(isNegative: isNegative, digits: digits, exponent: exponent)
      let (floor, isExact) = rank.floor
      key.appendBigEndian(ordered(floor))
      key.append(isExact ? 0 : 1)
      if !isExact { rank.append(to: &key) }
    }
  }

  private static func floor(of number: Int64) -> Double {
    let nearest = Double(number)
    guard nearest < 0x1p63, Int64(nearest) <= number else { return nearest.nextDown }
    return nearest
  }

  /// Bits that compare as the doubles do: negative ones are inverted, NaN comes first of all.
  private static func ordered(_ number: Double) -> UInt64 {
    if number.isNaN { return 0 }
    let bits = number == 0 ? 0 : number.bitPattern
    return bits >> 63 == 1 ? ~bits : bits | 1 << 63
  }
}
