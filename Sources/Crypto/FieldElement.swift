/// A number modulo 2²⁵⁵ − 19, the field of Curve25519, as five limbs of 51 bits.
///
/// Limbs may be larger between operations (Bernstein et al., "High-speed high-security signatures",
/// §4). Products have limbs below 2⁵² and take limbs below 2⁵⁵; a subtrahend is a product, or the
/// sum of two. It takes as long as its numbers like: nothing secret goes through it.
struct FieldElement: Sendable {
  private static let limbMask: UInt64 = (1 << 51) - 1

  private var limbs: (UInt64, UInt64, UInt64, UInt64, UInt64)

  static let zero = FieldElement(0)
  static let one = FieldElement(1)

  /// A small number.
  init(_ number: UInt64) {
    limbs = (number & Self.limbMask, number >> 51, 0, 0, 0)
  }

  private init(_ l0: UInt64, _ l1: UInt64, _ l2: UInt64, _ l3: UInt64, _ l4: UInt64) {
    limbs = (l0, l1, l2, l3, l4)
  }

  // MARK: Arithmetic

  static func + (left: FieldElement, right: FieldElement) -> FieldElement {
    let (a, b) = (left.limbs, right.limbs)
    return FieldElement(a.0 &+ b.0, a.1 &+ b.1, a.2 &+ b.2, a.3 &+ b.3, a.4 &+ b.4)
  }

  /// Four times the prime is added, so that no limb goes below zero.
  static func - (left: FieldElement, right: FieldElement) -> FieldElement {
    let (a, b) = (left.limbs, right.limbs)
    let (low, high): (UInt64, UInt64) = ((1 << 53) - 76, (1 << 53) - 4)
    return FieldElement(
      a.0 &+ low &- b.0,
      a.1 &+ high &- b.1,
      a.2 &+ high &- b.2,
      a.3 &+ high &- b.3,
      a.4 &+ high &- b.4
    )
  }

  /// In its smallest form, so that it may be subtracted.
  static prefix func - (element: FieldElement) -> FieldElement {
    FieldElement(words: (zero - element).words)
  }

  /// Products of limbs are added up by the power of two that they stand for; 2²⁵⁵ is 19.
  @inline(__always)
  static func * (left: FieldElement, right: FieldElement) -> FieldElement {
    let (a, b) = (left.limbs, right.limbs)
    let (a1, a2, a3, a4) = (a.1 &* 19, a.2 &* 19, a.3 &* 19, a.4 &* 19)
    return reduced(
      wide(a.0, b.0) &+ wide(a1, b.4) &+ wide(a2, b.3) &+ wide(a3, b.2) &+ wide(a4, b.1),
      wide(a.0, b.1) &+ wide(a.1, b.0) &+ wide(a2, b.4) &+ wide(a3, b.3) &+ wide(a4, b.2),
      wide(a.0, b.2) &+ wide(a.1, b.1) &+ wide(a.2, b.0) &+ wide(a3, b.4) &+ wide(a4, b.3),
      wide(a.0, b.3) &+ wide(a.1, b.2) &+ wide(a.2, b.1) &+ wide(a.3, b.0) &+ wide(a4, b.4),
      wide(a.0, b.4) &+ wide(a.1, b.3) &+ wide(a.2, b.2) &+ wide(a.3, b.1) &+ wide(a.4, b.0)
    )
  }

  /// As a multiplication by itself, with the equal products taken once.
  var squared: FieldElement {
    let a = limbs
    let (d0, d1, d2) = (a.0 &* 2, a.1 &* 2, a.2 &* 2)
    let (n3, n4) = (a.3 &* 19, a.4 &* 19)
    return Self.reduced(
      Self.wide(a.0, a.0) &+ Self.wide(d1, n4) &+ Self.wide(d2, n3),
      Self.wide(d0, a.1) &+ Self.wide(d2, n4) &+ Self.wide(a.3, n3),
      Self.wide(d0, a.2) &+ Self.wide(a.1, a.1) &+ Self.wide(a.3 &* 2, n4),
      Self.wide(d0, a.3) &+ Self.wide(d1, a.2) &+ Self.wide(a.4, n4),
      Self.wide(d0, a.4) &+ Self.wide(d1, a.3) &+ Self.wide(a.2, a.2)
    )
  }

  private static func wide(_ left: UInt64, _ right: UInt64) -> UInt128 {
    UInt128(left) &* UInt128(right)
  }

  /// Carries from limb to limb, and from the last one to the first.
  private static func reduced(
    _ r0: UInt128,
    _ r1: UInt128,
    _ r2: UInt128,
    _ r3: UInt128,
    _ r4: UInt128
  ) -> FieldElement {
    let s1 = r1 &+ r0 >> 51
    let s2 = r2 &+ s1 >> 51
    let s3 = r3 &+ s2 >> 51
    let s4 = r4 &+ s3 >> 51
    let s0 = UInt128(low(r0)) &+ (s4 >> 51) &* 19
    return FieldElement(
      low(s0),
      low(s1) &+ UInt64(truncatingIfNeeded: s0 >> 51),
      low(s2),
      low(s3),
      low(s4)
    )
  }

  private static func low(_ sum: UInt128) -> UInt64 {
    UInt64(truncatingIfNeeded: sum) & limbMask
  }

  // MARK: Powers

  /// Squared so many times.
  private func squared(times: Int) -> FieldElement {
    var power = self
    for _ in 0..<times { power = power.squared }
    return power
  }

  /// To the power of 2²⁵² − 3, which is (p − 5) ÷ 8: the way to roots and to inverses.
  var powerToRoot: FieldElement {
    // `ones(n)` is the power of 2ⁿ − 1, n ones in binary.
    let ones2 = squared * self
    let ones4 = ones2.squared(times: 2) * ones2
    let ones5 = ones4.squared * self
    let ones10 = ones5.squared(times: 5) * ones5
    let ones20 = ones10.squared(times: 10) * ones10
    let ones40 = ones20.squared(times: 20) * ones20
    let ones50 = ones40.squared(times: 10) * ones10
    let ones100 = ones50.squared(times: 50) * ones50
    let ones200 = ones100.squared(times: 100) * ones100
    let ones250 = ones200.squared(times: 50) * ones50
    return ones250.squared(times: 2) * self
  }

  /// What gives one when multiplied by this: the power of p − 2; of zero, zero.
  var inverse: FieldElement {
    powerToRoot.squared(times: 3) * squared * self
  }

  // MARK: Bytes

  /// Reads 32 little-endian bytes as four words; the highest bit is not looked at.
  init(words: SIMD4<UInt64>) {
    limbs = (
      words[0] & Self.limbMask,
      (words[0] >> 51 | words[1] << 13) & Self.limbMask,
      (words[1] >> 38 | words[2] << 26) & Self.limbMask,
      (words[2] >> 25 | words[3] << 39) & Self.limbMask,
      words[3] >> 12 & Self.limbMask
    )
  }

  /// The one number below the prime that it stands for, as four little-endian words.
  var words: SIMD4<UInt64> {
    // Twice, so that all limbs have 51 bits.
    let small = carried.carried.limbs
    // Whether adding 19 reaches 2²⁵⁵: then the prime is taken off once.
    var carry = (small.0 &+ 19) >> 51
    carry = (small.1 &+ carry) >> 51
    carry = (small.2 &+ carry) >> 51
    carry = (small.3 &+ carry) >> 51
    carry = (small.4 &+ carry) >> 51
    let l = FieldElement(small.0 &+ 19 &* carry, small.1, small.2, small.3, small.4).chained
    return SIMD4(
      l.0 | l.1 << 51,
      l.1 >> 13 | l.2 << 38,
      l.2 >> 26 | l.3 << 25,
      l.3 >> 39 | l.4 << 12
    )
  }

  private var carried: FieldElement {
    let top = limbs.3 &+ (limbs.2 &+ (limbs.1 &+ limbs.0 >> 51) >> 51) >> 51
    let over = (limbs.4 &+ top >> 51) >> 51
    let l = chained
    return FieldElement(l.0 &+ 19 &* over, l.1, l.2, l.3, l.4)
  }

  /// Limbs of 51 bits; what goes beyond the last is dropped.
  private var chained: (UInt64, UInt64, UInt64, UInt64, UInt64) {
    let l1 = limbs.1 &+ limbs.0 >> 51
    let l2 = limbs.2 &+ l1 >> 51
    let l3 = limbs.3 &+ l2 >> 51
    let l4 = limbs.4 &+ l3 >> 51
    let mask = Self.limbMask
    return (limbs.0 & mask, l1 & mask, l2 & mask, l3 & mask, l4 & mask)
  }
}

extension FieldElement: Equatable {
  static func == (left: FieldElement, right: FieldElement) -> Bool { left.words == right.words }

  /// Whether the number below the prime is odd: what tells a root from its opposite.
  var isOdd: Bool { words[0] & 1 == 1 }
}
