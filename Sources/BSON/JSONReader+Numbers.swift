/// Numbers: an integer literal becomes the smallest integer kind that holds it, one with a point
/// or an exponent a double; what fits nowhere is refused.
extension JSONReader {
  mutating func number() throws(BSONError) -> BSONType {
    let start = position
    let isNegative = peek == UInt8(ascii: "-")
    if isNegative { position += 1 }
    var literal = Literal(isNegative: isNegative)
    if peek == UInt8(ascii: "0") {
      position += 1
    } else {
      try digits(into: &literal, isFraction: false)
    }
    let isInteger = !(peek == UInt8(ascii: ".") || peek | 0x20 == UInt8(ascii: "e"))
    guard !isInteger else { return try appendInteger(literal, start: start) }
    if peek == UInt8(ascii: ".") {
      position += 1
      try digits(into: &literal, isFraction: true)
    }
    try exponent(into: &literal)
    let value = literal.exactDouble ?? Double(text.string(in: start..<position))
    guard let value, value.isFinite else { throw outOfRange(start) }
    out.appendLittleEndian(value.bitPattern)
    return .double
  }

  private mutating func digits(into literal: inout Literal, isFraction: Bool) throws(BSONError) {
    guard isDigit(peek) else { throw failure("a digit") }
    while isDigit(peek) {
      literal.append(peek - UInt8(ascii: "0"))
      position += 1
      if isFraction { literal.exponent -= 1 }
    }
  }

  private mutating func exponent(into literal: inout Literal) throws(BSONError) {
    guard peek | 0x20 == UInt8(ascii: "e") else { return }
    position += 1
    let isNegative = peek == UInt8(ascii: "-")
    if isNegative || peek == UInt8(ascii: "+") { position += 1 }
    guard isDigit(peek) else { throw failure("a digit of an exponent") }
    var exponent = 0
    while isDigit(peek) {
      exponent = min(exponent * 10 + Int(peek - UInt8(ascii: "0")), 100_000)
      position += 1
    }
    literal.exponent += isNegative ? -exponent : exponent
  }

  private mutating func appendInteger(
    _ literal: Literal,
    start: Int
  ) throws(BSONError) -> BSONType {
    guard let value = literal.integer else { throw outOfRange(start) }
    guard let small = Int32(exactly: value) else {
      out.appendLittleEndian(UInt64(bitPattern: value))
      return .int64
    }
    out.appendLittleEndian(UInt32(bitPattern: small))
    return .int32
  }

  private func isDigit(_ byte: UInt8) -> Bool {
    byte &- UInt8(ascii: "0") < 10
  }

  private func outOfRange(_ start: Int) -> BSONError {
    let literal = text.string(in: start..<min(position, start + 40))
    return .numberOutOfRange(
      literal: position > start + 40 ? literal + "…" : literal,
      at: .text(at: start, in: text)
    )
  }

  /// The digits of a number as far as they fit.
  private struct Literal {
    let isNegative: Bool
    private var digits: UInt64 = 0
    private var isExact = true
    var exponent = 0

    init(isNegative: Bool) {
      self.isNegative = isNegative
    }

    mutating func append(_ digit: UInt8) {
      let (tens, overflow) = digits.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(UInt64(digit))
      isExact = isExact && !overflow && !carry
      digits = sum
    }

    var integer: Int64? {
      guard isExact, digits <= 1 << 63 else { return nil }
      guard isNegative else { return Int64(exactly: digits) }
      return Int64(truncatingIfNeeded: 0 &- digits)
    }

    /// The double, where one exact operation yields it (Clinger 1990): up to 2⁵³ in digits and
    /// a power of ten up to 22 are doubles themselves, and one division rounds but once.
    var exactDouble: Double? {
      guard isExact, digits <= 1 << 53, (-22...22).contains(exponent) else { return nil }
      let magnitude = Double(digits)
      let value =
        exponent < 0
        ? magnitude / Self.powersOfTen[-exponent] : magnitude * Self.powersOfTen[exponent]
      return isNegative ? -value : value
    }

    private static let powersOfTen: [Double] = [
      1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
      1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]
  }
}
