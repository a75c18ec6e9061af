/// Milliseconds since 1970 as text such as `2026-01-31T23:59:59.250Z` (ISO 8601, RFC 3339).
enum Timestamp8601 {
  private static let millisecondsPerDay = 86_400_000
  /// The years that Extended JSON writes as text: 1970 through 9999.
  static let writable: Range<Int64> = 0..<253_402_300_800_000

  /// Writes a time within `writable`; milliseconds only where there are some.
  static func encode(_ milliseconds: Int64) -> [UInt8] {
    let (days, rest) = Int(milliseconds).quotientAndRemainder(dividingBy: millisecondsPerDay)
    let date = CivilDate(daysSince1970: days)
    var text: [UInt8] = []
    text.reserveCapacity(24)
    append(date.year, digits: 4, to: &text)
    text.append(UInt8(ascii: "-"))
    append(date.month, digits: 2, to: &text)
    text.append(UInt8(ascii: "-"))
    append(date.day, digits: 2, to: &text)
    text.append(UInt8(ascii: "T"))
    append(rest / 3_600_000, digits: 2, to: &text)
    text.append(UInt8(ascii: ":"))
    append(rest / 60_000 % 60, digits: 2, to: &text)
    text.append(UInt8(ascii: ":"))
    append(rest / 1_000 % 60, digits: 2, to: &text)
    if rest % 1_000 != 0 {
      text.append(UInt8(ascii: "."))
      append(rest % 1_000, digits: 3, to: &text)
    }
    text.append(UInt8(ascii: "Z"))
    return text
  }

  /// Reads a time with at most three digits of a second's fraction, `Z` or an offset `±hh:mm`.
  static func decode(_ text: [UInt8]) -> Int64? {
    var reader = Reader(text: text)
    guard let year = reader.number(digits: 4), reader.skip("-"),
      let month = reader.number(digits: 2), reader.skip("-"),
      let day = reader.number(digits: 2), reader.skip("T"),
      let hour = reader.number(digits: 2), reader.skip(":"),
      let minute = reader.number(digits: 2), reader.skip(":"),
      let second = reader.number(digits: 2), hour < 24, minute < 60, second < 60,
      let fraction = reader.fraction(), let offset = reader.offset(), reader.isAtEnd
    else { return nil }
    let date = CivilDate(year: year, month: month, day: day)
    guard date.exists else { return nil }
    let seconds = hour * 3_600 + (minute - offset) * 60 + second
    return Int64(date.daysSince1970 * millisecondsPerDay + seconds * 1_000 + fraction)
  }

  private static func append(_ number: Int, digits: Int, to text: inout [UInt8]) {
    var divisor = 1
    for _ in 1..<digits {
      divisor *= 10
    }
    while divisor > 0 {
      text.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
      divisor /= 10
    }
  }

  private struct Reader {
    let text: [UInt8]
    var position = 0

    var isAtEnd: Bool { position == text.count }

    mutating func skip(_ mark: Unicode.Scalar) -> Bool {
      guard position < text.count, text[position] == UInt8(ascii: mark) else { return false }
      position += 1
      return true
    }

    mutating func digit() -> Int? {
      guard position < text.count,
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[position])
      else { return nil }
      position += 1
      return Int(text[position - 1] - UInt8(ascii: "0"))
    }

    mutating func number(digits: Int) -> Int? {
      var number = 0
      for _ in 0..<digits {
        guard let digit = digit() else { return nil }
        number = number * 10 + digit
      }
      return number
    }

    /// Milliseconds: `.5`, `.25`, `.125`, or nothing at all.
    mutating func fraction() -> Int? {
      guard skip(".") else { return 0 }
      guard let first = digit() else { return nil }
      let second = digit()
      let third = second == nil ? nil : digit()
      return first * 100 + (second ?? 0) * 10 + (third ?? 0)
    }

    /// Minutes east of Greenwich.
    mutating func offset() -> Int? {
      if skip("Z") { return 0 }
      let isEast = skip("+")
      guard isEast || skip("-"), let hours = number(digits: 2) else { return nil }
      _ = skip(":")
      guard let minutes = number(digits: 2), hours < 24, minutes < 60 else { return nil }
      return (isEast ? 1 : -1) * (hours * 60 + minutes)
    }
  }
}
