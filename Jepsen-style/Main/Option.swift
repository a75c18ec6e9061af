/// A flag of a command: what it is called, what it takes, what it is when nobody says.
struct Option: Sendable {
  /// What a value must look like.
  enum Kind: Sendable {
    case text(String)
    case number(ClosedRange<Int>)
    /// So many of a unit, which a bare number means; other units are counted in it.
    case duration(DurationUnit, ClosedRange<Int>)
    case toggle
  }

  let name: String
  let kind: Kind
  let summary: String
  let fallback: String?

  init(_ name: String, _ kind: Kind, _ summary: String, fallback: String? = nil) {
    self.name = name
    self.kind = kind
    self.summary = summary
    self.fallback = fallback
  }

  /// The flag as help shows it.
  var usage: String {
    switch kind {
    case .text(let placeholder): "--\(name) \(placeholder)"
    case .number: "--\(name) N"
    case .duration: "--\(name) TIME"
    case .toggle: "--\(name)"
    }
  }

  /// What is wrong with a value; nil if nothing is.
  func objection(to value: String) -> String? {
    switch kind {
    case .text: return value.isEmpty ? "the value is empty" : nil
    case .toggle: return value == "true" ? nil : "takes no value"
    case .number(let bounds):
      guard let number = Int(value) else { return "'\(value)' is no whole number" }
      return Self.objection(to: number, within: bounds)
    case .duration(let unit, let bounds):
      guard let number = unit.count(in: value) else {
        return "'\(value)' is no time in whole \(unit), such as \(bounds.lowerBound)"
          + "\(unit.rawValue) or 1m"
      }
      return Self.objection(to: number, within: bounds)
    }
  }

  /// A value that is as it must be, as a bare number where it is one.
  func plain(_ value: String) -> String {
    guard case .duration(let unit, _) = kind else { return value }
    return unit.count(in: value).map(String.init) ?? value
  }

  private static func objection(to number: Int, within bounds: ClosedRange<Int>) -> String? {
    guard !bounds.contains(number) else { return nil }
    return bounds.upperBound == .max
      ? "\(number) is less than \(bounds.lowerBound)"
      : "\(number) is not within \(bounds.lowerBound) and \(bounds.upperBound)"
  }
}
