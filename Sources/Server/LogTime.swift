/// Renders UTC times for the log, without a calendar library.
enum LogTime {
  /// The time of day, as in `14:02:11.259`.
  static func timeOfDay(_ milliseconds: UInt64) -> String {
    let day = milliseconds % 86_400_000
    let hour = two(day / 3_600_000)
    let minute = two(day / 60_000 % 60)
    let second = two(day / 1_000 % 60)
    return "\(hour):\(minute):\(second).\(three(day % 1_000))"
  }

  /// Date and time by RFC 3339, as in `2026-11-21T14:02:11.259Z`.
  static func timestamp(_ milliseconds: UInt64) -> String {
    let (year, month, day) = civil(daysSince1970: Int(milliseconds / 86_400_000))
    return "\(year)-\(two(UInt64(month)))-\(two(UInt64(day)))T\(timeOfDay(milliseconds))Z"
  }

  /// The Gregorian date of a day, by eras of 400 years that begin in March.
  private static func civil(daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
    let days = daysSince1970 + 719_468
    let era = days / 146_097
    let dayOfEra = days - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private static func two(_ number: UInt64) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }

  private static func three(_ number: UInt64) -> String {
    number < 10 ? "00\(number)" : number < 100 ? "0\(number)" : "\(number)"
  }
}
