/// Whole numbers as the text that `increment` keeps.
enum DecimalText {
  /// Reads an optional minus and 1 to 19 digits; nil for anything else.
  static func parse(_ text: [UInt8]) -> Int64? {
    let isNegative = text.first == UInt8(ascii: "-")
    let digits = isNegative ? text.dropFirst() : text[...]
    guard !digits.isEmpty, digits.count <= 19 else { return nil }
    var number: Int64 = 0
    for digit in digits {
      guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
      let value = Int64(digit - UInt8(ascii: "0"))
      let (shifted, overflow) = number.multipliedReportingOverflow(by: 10)
      let (next, overflow2) =
        isNegative
        ? shifted.subtractingReportingOverflow(value) : shifted.addingReportingOverflow(value)
      if overflow || overflow2 { return nil }
      number = next
    }
    return number
  }
}
