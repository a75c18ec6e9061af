/// A row of the table: one flag, whether on the command line, in the environment or in a file.
struct Flag: Sendable {
  let name: String
  let kind: FlagKind
  let summary: String
  var short: Character?
  /// The value where nobody gives one.
  var fallback: String?
  var isRequired: Bool
  /// Whether environment and configuration file are not asked: its name means something else to
  /// other commands, or what it names is made anew each time.
  var isOfCommandLine = false

  init(
    _ name: String,
    _ kind: FlagKind,
    _ summary: String,
    fallback: String? = nil,
    isRequired: Bool = false
  ) {
    self.name = name
    self.kind = kind
    self.summary = summary
    self.fallback = fallback
    self.isRequired = isRequired
  }

  /// The same flag with a letter of its own.
  func abbreviated(_ letter: Character) -> Flag {
    var flag = self
    flag.short = letter
    return flag
  }

  /// The same flag, given on the command line or not at all.
  func onCommandLineOnly() -> Flag {
    var flag = self
    flag.isOfCommandLine = true
    return flag
  }

  /// `LOCKSTEP_BASE_PORT` for `base-port`.
  var environmentName: String {
    "LOCKSTEP_" + name.uppercased().split(separator: "-").joined(separator: "_")
  }

  /// `-o, --output table|json|ndjson`, as help shows it.
  var usage: String {
    let long = "--\(name)" + (kind.placeholder.map { " \($0)" } ?? "")
    return short.map { "-\($0), \(long)" } ?? long
  }
}
