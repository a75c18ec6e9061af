/// Decimal numbers as text, both ways without loss (IEEE 754-2008 §3.5.2 and §5.12).
extension Decimal128 {
  static let exponentRange = -6_176...6_111

  /// What the sixteen bytes mean.
  enum Meaning {
    case nan
    case infinity(isNegative: Bool)
    /// digits × 10^exponent.
    case finite(isNegative: Bool, digits: UInt128, exponent: Int)
  }

  var meaning: Meaning {
    let isNegative = high >> 63 == 1
    switch high >> 58 & 31 {
    case 31: return .nan
    case 30: return .infinity(isNegative: isNegative)
    case 24...29:
      // Digits beyond 34 places: IEEE 754 reads such a pattern as zero.
      return .finite(
        isNegative: isNegative,
        digits: 0,
        exponent: Int(high >> 47 & 0x3FFF) - 6_176
      )
    default:
      let digits = UInt128(high & 0x1_FFFF_FFFF_FFFF) << 64 | UInt128(low)
      return .finite(
        isNegative: isNegative,
        digits: digits < Self.digitsBound ? digits : 0,
        exponent: Int(high >> 49 & 0x3FFF) - 6_176
      )
    }
  }

  /// 10^34, which no number of 34 digits reaches.
  static var digitsBound: UInt128 {
    10_000_000_000_000_000 * 1_000_000_000_000_000_000
  }

  init(isNegative: Bool, digits: UInt128, exponent: Int) {
    self.init(
      high: (isNegative ? 1 << 63 : 0) | UInt64(exponent + 6_176) << 49
        | UInt64(truncatingIfNeeded: digits >> 64),
      low: UInt64(truncatingIfNeeded: digits)
    )
  }

  /// Reads digits with an optional point and exponent, `NaN` or `Infinity`; nil for other text
  /// and for numbers that 34 digits cannot hold exactly.
  init?(text: [UInt8]) {
    var rest = text[...]
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    let word = String(decoding: rest.prefix(9), as: UTF8.self).lowercased()
    if rest.count <= 8, word == "nan" {
      self.init(high: 0x7C00_0000_0000_0000, low: 0)
    } else if rest.count <= 8, word == "infinity" || word == "inf" {
      self.init(high: isNegative ? 0xF800_0000_0000_0000 : 0x7800_0000_0000_0000, low: 0)
    } else {
      guard let number = DecimalLiteral(rest), let fitted = number.fitted() else { return nil }
      self.init(isNegative: isNegative, digits: fitted.digits, exponent: fitted.exponent)
    }
  }
}

extension Decimal128: CustomStringConvertible {
  /// The number as text, every digit and its exponent kept.
  package var description: String {
    switch meaning {
    case .nan: "NaN"
    case .infinity(let isNegative): isNegative ? "-Infinity" : "Infinity"
    case .finite(let isNegative, let digits, let exponent):
      (isNegative ? "-" : "") + Self.text(String(digits), exponent: exponent)
    }
  }

  /// Plain up to six zeros after the point, else with an exponent.
  private static func text(_ digits: String, exponent: Int) -> String {
    let leading = exponent + digits.count - 1
    guard exponent <= 0, leading >= -6 else {
      let point = digits.count > 1 ? digits.prefix(1) + "." + digits.dropFirst() : digits[...]
      return point + (leading < 0 ? "E" : "E+") + String(leading)
    }
    guard exponent < 0 else { return digits }
    let whole = digits.count + exponent
    guard whole > 0 else {
      return "0." + String(repeating: "0", count: -whole) + digits
    }
    return digits.prefix(whole) + "." + digits.dropFirst(whole)
  }
}

/// A decimal number as it was written.
private struct DecimalLiteral {
  private var digits: UInt128 = 0
  private var exponent = 0

  init?(_ text: ArraySlice<UInt8>) {
    let parts = text.split(
      maxSplits: 1,
      omittingEmptySubsequences: false,
      whereSeparator: { $0 | 0x20 == UInt8(ascii: "e") }
    )
    guard let mantissa = parts.first, readMantissa(mantissa) else { return nil }
    guard parts.count == 2 else { return }
    guard let written = Self.exponent(parts[1]) else { return nil }
    exponent += written
  }

  private mutating func readMantissa(_ text: ArraySlice<UInt8>) -> Bool {
    var (hasDigit, hasPoint) = (false, false)
    for byte in text {
      if byte == UInt8(ascii: "."), !hasPoint {
        hasPoint = true
        continue
      }
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return false }
      digits = digits * 10 + UInt128(byte - UInt8(ascii: "0"))
      guard digits < Decimal128.digitsBound else { return false }
      if hasPoint { exponent -= 1 }
      hasDigit = true
    }
    return hasDigit
  }

  private static func exponent(_ text: ArraySlice<UInt8>) -> Int? {
    let isNegative = text.first == UInt8(ascii: "-")
    let digits = isNegative || text.first == UInt8(ascii: "+") ? text.dropFirst() : text
    guard !digits.isEmpty else { return nil }
    var exponent = 0
    for byte in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      exponent = min(exponent * 10 + Int(byte - UInt8(ascii: "0")), 1_000_000)
    }
    return isNegative ? -exponent : exponent
  }

  /// The same number with an exponent that the format has; nil if it has none.
  func fitted() -> (digits: UInt128, exponent: Int)? {
    var (digits, exponent) = (digits, exponent)
    if digits == 0 {
      let range = Decimal128.exponentRange
      return (0, min(max(exponent, range.lowerBound), range.upperBound))
    }
    while exponent > Decimal128.exponentRange.upperBound {
      digits *= 10
      exponent -= 1
      guard digits < Decimal128.digitsBound else { return nil }
    }
    while exponent < Decimal128.exponentRange.lowerBound {
      guard digits.isMultiple(of: 10) else { return nil }
      digits /= 10
      exponent += 1
    }
    return (digits, exponent)
  }
}
