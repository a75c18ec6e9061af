/// What durations are counted in, by the word behind a number.
enum DurationUnit: String, CaseIterable, CustomStringConvertible, Sendable {
  case milliseconds = "ms"
  case seconds = "s"
  case minutes = "m"
  case hours = "h"

  private static let digitsMax = 9

  var description: String {
    switch self {
    case .milliseconds: "milliseconds"
    case .seconds: "seconds"
    case .minutes: "minutes"
    case .hours: "hours"
    }
  }

  private var milliseconds: Int {
    switch self {
    case .milliseconds: 1
    case .seconds: 1_000
    case .minutes: 60_000
    case .hours: 3_600_000
    }
  }

  /// How many of this unit a text such as `3s` means, or `3`, which has no other unit; nil if it
  /// is none, or no whole number of them.
  func count(in text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let word = text.dropFirst(digits.count)
    guard digits.count <= Self.digitsMax, let number = Int(digits),
      let unit = word.isEmpty ? self : DurationUnit(rawValue: String(word))
    else { return nil }
    let (count, rest) = (number * unit.milliseconds).quotientAndRemainder(
      dividingBy: milliseconds
    )
    return rest == 0 ? count : nil
  }
}
