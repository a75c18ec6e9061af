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
    var ordering = compare(to: value)
    while ordering == .less {
      value = value.nextDown
      ordering = compare(to: value)
    }
    while ordering == .greater, value.nextUp.isFinite {
      let next = compare(to: value.nextUp)
      guard next != .less else { break }
      value = value.nextUp
      ordering = next
    }
    return (value, value.isFinite && ordering == .equal)
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
    var left = Natural.powerOfTen(max(exponent, 0))
    var right = Natural.powerOfTen(max(-exponent, 0))
    left.multiply(by: digits)
    right.multiply(by: UInt128(fraction))
    left.multiply(byTwoTo: max(-power, 0))
    right.multiply(byTwoTo: max(power, 0))
    let ordering = left.compare(right)
    return isNegative ? ordering.reversed : ordering
  }
}

/// A whole number of any size, as far as comparing needs it.
private struct Natural {
  /// No decimal that lies between two doubles needs a higher power of ten: the least such is
  /// 10^-324, of 34 digits.
  private static let powersOfTen: [Natural] = (1...357).reduce(into: [Natural(1)]) { powers, _ in
    var next = powers[powers.count - 1]
    next.multiply(by: 10)
    powers.append(next)
  }

  /// 32 bits each, the least first.
  private var limbs: [UInt32] = []

  private init(_ limb: UInt32) { limbs = [limb] }

  static func powerOfTen(_ power: Int) -> Natural { powersOfTen[power] }

  /// The school's way: a few limbs on the right.
  mutating func multiply(by factor: UInt128) {
    var product = [UInt32](repeating: 0, count: limbs.count + 4)
    for shift in 0..<4 {
      let limb = UInt64(UInt32(truncatingIfNeeded: factor >> UInt128(32 * shift)))
      guard limb != 0 else { continue }
      var carry: UInt64 = 0
      for index in limbs.indices {
        let sum = UInt64(limbs[index]) * limb + UInt64(product[index + shift]) + carry
        product[index + shift] = UInt32(truncatingIfNeeded: sum)
        carry = sum >> 32
      }
      product[limbs.count + shift] = UInt32(carry)
    }
    while product.count > 1, product.last == 0 { product.removeLast() }
    limbs = product
  }

  mutating func multiply(byTwoTo power: Int) {
    multiply(by: 1 << UInt128(power % 32))
    limbs.insert(contentsOf: repeatElement(0, count: power / 32), at: 0)
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
