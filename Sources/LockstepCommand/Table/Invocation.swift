/// A command together with everything it was given, checked against the table.
struct Invocation: Sendable {
  let command: CommandRow
  let arguments: [String]
  private let values: [String: SettingValue]

  init(command: CommandRow, arguments: [String], values: [String: SettingValue]) {
    self.command = command
    self.arguments = arguments
    self.values = values
  }

  /// An argument that the table requires.
  subscript(index: Int) -> String { arguments[index] }

  /// An argument that may be absent.
  func argument(_ index: Int) -> String? {
    index < arguments.count ? arguments[index] : nil
  }

  /// The text of a flag, nil where nobody gave one.
  func optional(_ name: String) -> String? { values[name]?.text }

  /// The text of a flag that is required or has a default.
  func text(_ name: String) -> String {
    guard let value = values[name] else {
      fatalError("the table gives --\(name) neither a default nor makes it required")
    }
    return value.text
  }

  /// Whether somebody gave a flag a value, wherever; its default is nobody's.
  func isGiven(_ name: String) -> Bool {
    values[name].map { $0.origin != .fallback } ?? false
  }

  /// How an error names a flag: by the place that gave it its value.
  func place(of name: String) -> String {
    guard let value = values[name], let flag = flag(name) else { return "--\(name)" }
    return value.place(of: flag)
  }

  private func flag(_ name: String) -> Flag? {
    (command.flags + CommandTable.globalFlags).first { $0.name == name }
  }

  func toggle(_ name: String) -> Bool {
    FlagKind.truth(of: values[name]?.text ?? "false") ?? false
  }

  func integer(_ name: String) -> Int {
    checked(Int(text(name)), name)
  }

  func microseconds(_ name: String) -> Int {
    checked(Quantity.microseconds(text(name)), name)
  }

  func bytes(_ name: String) -> Int {
    checked(Quantity.bytes(text(name)), name)
  }

  func optionalInteger(_ name: String) -> Int? {
    optional(name) == nil ? nil : integer(name)
  }

  private func checked(_ value: Int?, _ name: String) -> Int {
    guard let value else { fatalError("--\(name) was checked when it was parsed") }
    return value
  }
}
