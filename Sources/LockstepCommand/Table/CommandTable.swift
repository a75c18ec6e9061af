/// Every command there is; parsing, help and suggestions read nothing else.
struct CommandTable: Sendable {
  let commands: [CommandRow]

  /// The flags that every command understands.
  static let globalFlags = [
    Flag(
      "url",
      .text("URL"),
      "where the cluster is, and how to ask it: lockstep help url",
      fallback: "lockstep://127.0.0.1:7311,127.0.0.1:7321,127.0.0.1:7331/default"
    ),
    Flag("timeout", .duration, "how long to wait for an answer (5s if nobody says)"),
    Flag("consistency", .text("LEVEL"), "of reads: linearizable, or for example stale:500ms"),
    Flag("output", .choice(["table", "json", "ndjson"]), "the form of the result")
      .abbreviated("o"),
    Flag("color", .choice(["auto", "always", "never"]), "colour in tables", fallback: "auto"),
    Flag("no-progress", .toggle, "show no progress bar"),
    Flag("config", .text("FILE"), "a file of 'flag = value' lines"),
  ]

  /// The command that exactly these words call.
  func command(at path: [String]) -> CommandRow? {
    commands.first { $0.path == path }
  }

  /// The first words of all commands, each once, in the table's order.
  var firstWords: [String] { verbs(behind: []) }

  /// The words that may follow these, each once, in the table's order.
  func verbs(behind words: [String]) -> [String] {
    let paths = commands.map(\.path).filter { $0.starts(with: words) }
    return Self.unique(paths.compactMap { $0.dropFirst(words.count).first })
  }

  /// As many of the first words as a command has that needs more of them.
  func knownPrefix(of words: [String]) -> [String] {
    let counts = words.indices.map { $0 + 1 }
    let known = counts.last { !verbs(behind: Array(words.prefix($0))).isEmpty }
    return Array(words.prefix(known ?? 0))
  }

  /// The names of all flags that a configuration file may set.
  var flagNames: [String] {
    let flags = commands.flatMap(\.flags) + Self.globalFlags
    return Self.unique(flags.filter { !$0.isOfCommandLine }.map(\.name))
  }

  private static func unique(_ words: [String]) -> [String] {
    var found: [String] = []
    for word in words where !found.contains(word) { found.append(word) }
    return found
  }
}
