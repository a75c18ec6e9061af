/// Durations and sizes as people write them: a whole number and a unit.
enum Quantity {
  private static let durationUnits: [(name: String, microseconds: Int)] = [
    ("us", 1), ("ms", 1_000), ("s", 1_000_000), ("m", 60_000_000), ("h", 3_600_000_000),
  ]

  private static let sizeUnits: [(name: String, bytes: Int)] = [
    ("", 1), ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
  ]

  /// The microseconds of a duration such as `250ms`; its unit is never left out.
  static func microseconds(_ text: String) -> Int? {
    let (number, unit) = split(text)
    guard let factor = durationUnits.first(where: { $0.name == unit })?.microseconds else {
      return nil
    }
    return product(number, factor)
  }

  /// The bytes of a size such as `64KiB`; without a unit they are bytes.
  static func bytes(_ text: String) -> Int? {
    let (number, unit) = split(text)
    guard let factor = sizeUnits.first(where: { $0.name == unit })?.bytes else { return nil }
    return product(number, factor)
  }

  private static func split(_ text: String) -> (number: Substring, unit: Substring) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    return (digits, text[digits.endIndex...])
  }

  private static func product(_ number: Substring, _ factor: Int) -> Int? {
    guard let number = Int(number) else { return nil }
    let (result, overflow) = number.multipliedReportingOverflow(by: factor)
    return overflow ? nil : result
  }
}
