/// What somebody typed behind a command, checked.
struct Orders: Sendable {
  private let values: [String: String]

  /// Reads the words behind a command's name.
  init(_ words: [String], for command: Command) throws(Failure) {
    let options = command.options + Command.shared
    var values: [String: String] = [:]
    for option in options { values[option.name] = option.fallback.map(option.plain) }
    var given: Set<String> = []
    var rest = words[...]
    while let word = rest.popFirst() {
      let parts = (word == "-o" ? "--output" : word)
        .split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let option = options.first(where: { "--\($0.name)" == parts[0] }) else {
        throw .usage(
          word.hasPrefix("-") ? "unknown flag '\(parts[0])'" : "'\(word)' is one word too many",
          hint: "lockstep-jepsen \(command.name) --help"
        )
      }
      guard given.insert(option.name).inserted else {
        throw .usage("--\(option.name) is given twice", hint: command.usage)
      }
      let value = try Self.value(of: option, parts, &rest)
      if let objection = option.objection(to: value) {
        throw .usage("--\(option.name): \(objection)", hint: option.usage)
      }
      values[option.name] = option.plain(value)
    }
    self.values = values
  }

  private static func value(
    of option: Option,
    _ parts: [Substring],
    _ rest: inout ArraySlice<String>
  ) throws(Failure) -> String {
    if parts.count == 2 { return String(parts[1]) }
    if case .toggle = option.kind { return "true" }
    guard let value = rest.popFirst() else {
      throw .usage("--\(option.name) needs a value", hint: option.usage)
    }
    return value
  }

  /// The text of a flag; nil where nobody gave one and there is no default.
  func text(_ name: String) -> String? { values[name] }

  /// The parts of a list with commas.
  func list(_ name: String) -> [String] {
    (values[name] ?? "").split(separator: ",").map(String.init)
  }

  /// The number of a flag that has a default; its form was checked.
  func number(_ name: String) -> Int { values[name].flatMap { Int($0) } ?? 0 }

  /// Whether a toggle was given.
  func has(_ name: String) -> Bool { values[name] != nil }
}
