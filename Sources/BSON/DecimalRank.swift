/// A finite decimal number other than zero, its digits filled up to 34 so that equal numbers
/// look equal: `1.0` and `1.00` have one rank.
struct DecimalRank {
  private let isNegative: Bool
  private let digits: UInt128
  private let exponent: Int

  init(isNegative: Bool, digits: UInt128, exponent: Int) {
    var (digits, exponent) = (digits, exponent)
    while digits < Decimal128.digitsBound / 10 {
      digits *= 10
      exponent -= 1
    }
    self.isNegative = isNegative
    self.digits = digits
    self.exponent = exponent
  }

  /// Appends 17 bytes that compare as the numbers do, among numbers of one sign.
  func append(to key: inout [UInt8]) {
    let flip: UInt8 = isNegative ? 0xFF : 0
    let biased = UInt16(exponent + 7_000)
    key.append(UInt8(biased >> 8) ^ flip)
    key.append(UInt8(biased & 0xFF) ^ flip)
    for shift in stride(from: 112, through: 0, by: -8) {
      key.append(UInt8(truncatingIfNeeded: digits >> UInt128(shift)) ^ flip)
    }
  }

  /// The greatest double that is not above the number, and whether it is the number.
  var floor: (value: Double, isExact: Bool) {
    let leading = exponent + 33
    let least = Double.leastNonzeroMagnitude
    guard leading >= -324 else { return (isNegative ? -least : 0, false) }
    guard leading <= 308 else {
      return (isNegative ? -.infinity : .greatestFiniteMagnitude, false)
    }
    var value = approximation
    while compare(to: value) == .less {
      value = value.nextDown
    }
    while value.nextUp.isFinite, compare(to: value.nextUp) != .less {
      value = value.nextUp
    }
    return (value, value.isFinite && compare(to: value) == .equal)
  }

  /// A finite double close by; the search around it makes its rounding irrelevant.
  private var approximation: Double {
    let magnitude = Double(String(digits) + "e" + String(exponent)) ?? 0
    let finite = min(magnitude, .greatestFiniteMagnitude)
    return isNegative ? -finite : finite
  }

  /// How this number stands to a double: both as whole numbers, multiplied alike.
  private func compare(to double: Double) -> BSONOrdering {
    guard double.isFinite else { return double < 0 ? .greater : .less }
    guard double != 0, (double < 0) == isNegative else { return isNegative ? .less : .greater }
    let fraction = Int(double.significandBitPattern) | (double.isNormal ? 1 << 52 : 0)
    let power = max(Int(double.exponentBitPattern), 1) - 1_075
    var left = Natural(digits)
    var right = Natural(UInt128(fraction))
    left.multiply(byTenTo: max(exponent, 0))
    right.multiply(byTenTo: max(-exponent, 0))
    left.multiply(byTwoTo: max(-power, 0))
    right.multiply(byTwoTo: max(power, 0))
    let ordering = left.compare(right)
    return isNegative ? ordering.reversed : ordering
  }
}

/// A whole number of any size, as far as comparing needs it.
private struct Natural {
  /// 32 bits each, the least first.
  private var limbs: [UInt32] = []

  init(_ value: UInt128) {
    for shift in stride(from: 0, to: 128, by: 32) {
      limbs.append(UInt32(truncatingIfNeeded: value >> UInt128(shift)))
    }
  }

  mutating func multiply(byTenTo power: Int) {
    for _ in 0..<power / 9 {
      multiply(by: 1_000_000_000)
    }
    for _ in 0..<power % 9 {
      multiply(by: 10)
    }
  }

  mutating func multiply(byTwoTo power: Int) {
    multiply(by: 1 << UInt32(power % 32))
    limbs.insert(contentsOf: repeatElement(0, count: power / 32), at: 0)
  }

  private mutating func multiply(by factor: UInt32) {
    var carry: UInt64 = 0
    for index in limbs.indices {
      let product = UInt64(limbs[index]) * UInt64(factor) + carry
      limbs[index] = UInt32(truncatingIfNeeded: product)
      carry = product >> 32
    }
    limbs.append(UInt32(carry))
  }

  func compare(_ other: Natural) -> BSONOrdering {
    for index in (0..<max(limbs.count, other.limbs.count)).reversed() {
      let left = index < limbs.count ? limbs[index] : 0
      let right = index < other.limbs.count ? other.limbs[index] : 0
      guard left == right else { return BSONOrdering(left, right) }
    }
    return .equal
  }
}
