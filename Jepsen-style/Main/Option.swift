/// A flag of a command: what it is called, what it takes, what it is when nobody says.
struct Option: Sendable {
  /// What a value must look like.
  enum Kind: Sendable {
    case text(String)
    case number(ClosedRange<Int>)
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
      guard !bounds.contains(number) else { return nil }
      return bounds.upperBound == .max
        ? "\(number) is less than \(bounds.lowerBound)"
        : "\(number) is not within \(bounds.lowerBound) and \(bounds.upperBound)"
    }
  }
}
