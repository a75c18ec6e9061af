/// Turns the words of a command line into an invocation, by the table alone.
struct CommandParser {
  /// What the words ask for.
  enum Request {
    case run(Invocation)
    /// Help about a command or the group of commands that begin like this.
    case help(path: [String], isFull: Bool)
  }

  private let table: CommandTable
  private let surroundings: Surroundings

  init(table: CommandTable, surroundings: Surroundings) {
    self.table = table
    self.surroundings = surroundings
  }

  /// The words as they fall to command, arguments and flags.
  private struct Words {
    var command: CommandRow?
    var positional: [String] = []
    var given: [String: String] = [:]
    var help: String?
  }

  /// Reads the words behind the program's name.
  func parse(_ words: [String]) throws(CommandFailure) -> Request {
    let sorted = try sort(words)
    if let help = sorted.help {
      let path = sorted.command?.path ?? sorted.positional
      return .help(path: path, isFull: help == "--help")
    }
    guard let command = sorted.command else {
      guard !sorted.positional.isEmpty else { return .help(path: [], isFull: false) }
      throw unknownCommand(sorted.positional)
    }
    try checkCount(of: sorted.positional, for: command)
    let values = try resolve(command, sorted.given)
    return .run(Invocation(command: command, arguments: sorted.positional, values: values))
  }

  // MARK: - Words

  private func sort(_ words: [String]) throws(CommandFailure) -> Words {
    var result = Words()
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--" {
        result.positional += rest
        break
      } else if word == "-h" || word == "--help" {
        result.help = word
      } else if word == "--version", result.command == nil {
        rest = ["version"] + rest
      } else if Self.isFlag(word) {
        try takeFlag(word, from: &rest, into: &result)
      } else {
        result.positional.append(word)
        guard result.command == nil, let found = table.command(at: result.positional) else {
          continue
        }
        result.command = found
        result.positional = []
      }
    }
    return result
  }

  /// A negative number and a lone `-` are arguments.
  private static func isFlag(_ word: String) -> Bool {
    guard word.hasPrefix("-"), let second = word.dropFirst().first else { return false }
    return !(second.isASCII && second.isNumber)
  }

  private func takeFlag(
    _ word: String,
    from rest: inout ArraySlice<String>,
    into result: inout Words
  ) throws(CommandFailure) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let flags = (result.command?.flags ?? []) + CommandTable.globalFlags
    guard let flag = flags.first(where: { Self.matches($0, parts[0]) }) else {
      throw unknownFlag(String(parts[0]), flags, result.command)
    }
    guard result.given[flag.name] == nil else {
      throw .usage("--\(flag.name) is given twice")
    }
    if parts.count == 2 {
      result.given[flag.name] = String(parts[1])
    } else if flag.kind == .toggle {
      result.given[flag.name] = "true"
    } else if let value = rest.popFirst() {
      result.given[flag.name] = value
    } else {
      throw .usage("--\(flag.name) needs a value: \(flag.usage)")
    }
  }

  private static func matches(_ flag: Flag, _ word: Substring) -> Bool {
    word == "--\(flag.name)" || flag.short.map { word == "-\($0)" } ?? false
  }

  // MARK: - Checks

  private func checkCount(
    of arguments: [String],
    for command: CommandRow
  ) throws(CommandFailure) {
    let allowed = command.argumentCounts
    if arguments.count < allowed.lowerBound {
      let missing = command.arguments[arguments.count].name
      throw .usage("\(missing) is missing", hint: command.usage)
    }
    guard arguments.count > allowed.upperBound else { return }
    throw .usage("'\(arguments[allowed.upperBound])' is one argument too many", hint: command.usage)
  }

  private func resolve(
    _ command: CommandRow,
    _ given: [String: String]
  ) throws(CommandFailure) -> [String: SettingValue] {
    let resolver = try SettingResolver(
      given: given,
      surroundings: surroundings,
      knownKeys: table.flagNames.filter { $0 != "config" }
    )
    var values: [String: SettingValue] = [:]
    for flag in command.flags + CommandTable.globalFlags {
      values[flag.name] = try resolver.value(of: flag, given: given)
      if flag.isRequired, values[flag.name] == nil {
        throw .usage("--\(flag.name) is missing", hint: command.usage)
      }
    }
    return values
  }

  // MARK: - What was meant

  private func unknownCommand(_ words: [String]) -> CommandFailure {
    let known = table.knownPrefix(of: words)
    guard !known.isEmpty else { return unknownFirstWord(words[0]) }
    let verbs = table.verbs(behind: known)
    let group = known.joined(separator: " ")
    let choice = "one of \(verbs.joined(separator: ", "))"
    guard known.count < words.count else { return .usage("'\(group)' needs a verb", hint: choice) }
    let near = Suggestion.nearest(to: words[known.count], among: verbs)
    return .usage(
      "'\(group)' has no verb '\(words[known.count])'",
      hint: near.map { "lockstep \(group) \($0)" } ?? choice
    )
  }

  private func unknownFirstWord(_ word: String) -> CommandFailure {
    let near = Suggestion.nearest(to: word, among: table.firstWords) ?? nameOfVerb(near: word)
    let hint = near.map { "did you mean 'lockstep \($0)'?" } ?? "lockstep --help"
    return .usage("there is no command '\(word)'", hint: hint)
  }

  /// The one command, or group of them, whose verb somebody wrote without its noun.
  private func nameOfVerb(near word: String) -> String? {
    let nouns = table.firstWords
    let verbs = nouns.flatMap { table.verbs(behind: [$0]) }
    guard let verb = Suggestion.nearest(to: word, among: verbs) else { return nil }
    let found = nouns.filter { table.verbs(behind: [$0]).contains(verb) }
    return found.count == 1 ? "\(found[0]) \(verb)" : nil
  }

  private func unknownFlag(
    _ word: String,
    _ flags: [Flag],
    _ command: CommandRow?
  ) -> CommandFailure {
    let near = Suggestion.nearest(to: word, among: flags.map { "--\($0.name)" })
    let help = (["lockstep"] + (command?.path ?? []) + ["--help"]).joined(separator: " ")
    return .usage("unknown flag '\(word)'", hint: near.map { "did you mean '\($0)'?" } ?? help)
  }
}
