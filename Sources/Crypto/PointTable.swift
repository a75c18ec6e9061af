/// Multiples of one point, so that it is multiplied by additions alone: for each second digit of
/// base 16, the point one to eight times (Bernstein et al., "High-speed high-security signatures",
/// §4).
struct PointTable: Sendable {
  private static let multiples = 8
  private let summands: [CurvePoint.Summand]

  /// The point that signatures are made with: y is 4 ÷ 5, x even.
  static let base: PointTable = {
    let word: UInt64 = 0x6666_6666_6666_6666
    guard let base = CurvePoint(words: SIMD4(word - 0xE, word, word, word)) else {
      fatalError("the base point is on the curve")
    }
    return PointTable(of: base)
  }()

  init(of point: CurvePoint) {
    var summands: [CurvePoint.Summand] = []
    summands.reserveCapacity(32 * Self.multiples)
    var unit = point
    for _ in 0..<32 {
      let step = unit.summand
      var multiple = unit
      for _ in 0..<Self.multiples {
        summands.append(multiple.summand)
        multiple = multiple + step
      }
      for _ in 0..<8 { unit = unit.doubled }
    }
    self.summands = summands
  }

  /// Adds the point, multiplied by a digit and by 256 to the power of `place`.
  func add(_ digit: Int8, at place: Int, to sum: inout CurvePoint) {
    guard digit != 0 else { return }
    let summand = summands[Self.multiples * place + Int(digit.magnitude) - 1]
    sum = digit > 0 ? sum + summand : sum - summand
  }

  /// The base point multiplied by one number, and this one by another, added up.
  func sum(ofBaseTimes scalar: CurveScalar, andThisTimes other: CurveScalar) -> CurvePoint {
    let (baseDigits, digits) = (scalar.digits, other.digits)
    var sum = CurvePoint.neutral
    // First the digits at odd places, which are sixteen times more.
    for isEven in [false, true] {
      if isEven { for _ in 0..<4 { sum = sum.doubled } }
      for place in 0..<32 {
        let digit = 2 * place + (isEven ? 0 : 1)
        Self.base.add(baseDigits[digit], at: place, to: &sum)
        add(digits[digit], at: place, to: &sum)
      }
    }
    return sum
  }
}
