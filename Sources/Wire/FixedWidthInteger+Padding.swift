extension FixedWidthInteger {
  /// Its digits, with zeros before them up to a width; more digits than that are kept.
  package func padded(to width: Int, radix: Int = 10) -> String {
    let digits = String(self, radix: radix)
    return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
  }
}
