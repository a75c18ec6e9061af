/// What the value of a flag must look like.
enum FlagKind: Sendable, Equatable {
  /// Present or not; in the environment and in files `true` or `false`.
  case toggle
  /// Any text; the name stands for it in the help.
  case text(String)
  /// A whole number within bounds.
  case integer(ClosedRange<Int>)
  /// Such as `250ms`, `5s`, `2m`.
  case duration
  /// Such as `512`, `64KiB`, `1MiB`.
  case size
  /// One of a few words.
  case choice([String])

  /// What stands for the value in the help.
  var placeholder: String? {
    switch self {
    case .toggle: nil
    case .text(let name): name
    case .integer: "N"
    case .duration: "DURATION"
    case .size: "SIZE"
    case .choice(let words): words.joined(separator: "|")
    }
  }

  /// Says what is wrong with a value, or nil if nothing is.
  func objection(to text: String) -> String? {
    switch self {
    case .toggle:
      Self.truth(of: text) == nil ? "'\(text)' is neither true nor false" : nil
    case .text:
      text.isEmpty ? "the value is empty" : nil
    case .integer(let bounds):
      integerObjection(to: text, bounds)
    case .duration:
      Quantity.microseconds(text) == nil
        ? "'\(text)' is no duration; write 250ms, 5s or 2m" : nil
    case .size:
      Quantity.bytes(text) == nil ? "'\(text)' is no size; write 512, 64KiB or 1MiB" : nil
    case .choice(let words):
      words.contains(text) ? nil : "'\(text)' is none of \(words.joined(separator: ", "))"
    }
  }

  /// The truth that a word of the environment or of a file stands for.
  static func truth(of text: String) -> Bool? {
    switch text {
    case "true", "yes", "on", "1": true
    case "false", "no", "off", "0": false
    default: nil
    }
  }

  private func integerObjection(to text: String, _ bounds: ClosedRange<Int>) -> String? {
    guard let number = Int(text) else { return "'\(text)' is no whole number" }
    guard !bounds.contains(number) else { return nil }
    return bounds.upperBound == .max
      ? "\(number) is less than \(bounds.lowerBound)"
      : "\(number) is not within \(bounds.lowerBound) and \(bounds.upperBound)"
  }
}
