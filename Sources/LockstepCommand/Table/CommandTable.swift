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
  var firstWords: [String] {
    var words: [String] = []
    for command in commands where !words.contains(command.path[0]) {
      words.append(command.path[0])
    }
    return words
  }

  /// The names of all flags, which are the keys of a configuration file.
  var flagNames: [String] {
    let flags = commands.flatMap(\.flags) + Self.globalFlags
    var names: [String] = []
    for flag in flags where !names.contains(flag.name) {
      names.append(flag.name)
    }
    return names
  }
}
