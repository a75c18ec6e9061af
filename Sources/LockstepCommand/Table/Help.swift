import ClientProtocol

/// Renders help from the table.
struct Help {
  private let table: CommandTable

  init(table: CommandTable) {
    self.table = table
  }

  /// Help about a command, a group of commands, or everything.
  func text(path: [String], isFull: Bool) throws(CommandFailure) -> String {
    if let command = table.command(at: path) { return page(of: command, isFull: isFull) }
    if path.count == 1, let topic = HelpTopic.all.first(where: { $0.name == path[0] }) {
      return topic.text()
    }
    let group = table.commands.filter { $0.path.starts(with: path) }
    guard !group.isEmpty else {
      let words = table.firstWords + HelpTopic.all.map(\.name)
      let near = Suggestion.nearest(to: path[0], among: words)
      throw .usage(
        "there is no help about '\(path.joined(separator: " "))'",
        hint: near.map { "lockstep help \($0)" } ?? "lockstep help topics"
      )
    }
    return overview(of: group, isFull: isFull)
  }

  private func overview(of commands: [CommandRow], isFull: Bool) -> String {
    var lines = [
      "lockstep \(lockstepVersion): a replicated document and key-value store", "",
      "usage: lockstep COMMAND [arguments] [flags]", "",
    ]
    lines += Self.columns(commands.map { ($0.name, $0.summary) })
    if isFull {
      lines += ["", "flags of every command:"]
      lines += Self.columns(CommandTable.globalFlags.map(Self.row))
    }
    lines += ["", "lockstep COMMAND --help tells more, and so does lockstep help topics"]
    return lines.joined(separator: "\n")
  }

  private func page(of command: CommandRow, isFull: Bool) -> String {
    var lines = ["usage: \(command.usage)", "", command.summary]
    if isFull { lines += command.details.flatMap { ["", $0] } }
    if !command.arguments.isEmpty {
      lines += ["", "arguments:"]
      lines += Self.columns(command.arguments.map { ($0.usage, $0.summary) })
    }
    if !command.flags.isEmpty {
      lines += ["", "flags:"] + Self.columns(command.flags.map(Self.row))
    }
    guard isFull else { return lines.joined(separator: "\n") }
    lines += ["", "flags of every command:"]
    lines += Self.columns(CommandTable.globalFlags.map(Self.row))
    if !command.examples.isEmpty {
      lines += ["", "examples:"] + command.examples.map { "  lockstep \($0)" }
    }
    return lines.joined(separator: "\n")
  }

  private static func row(_ flag: Flag) -> (String, String) {
    let note = flag.isRequired ? " (required)" : flag.fallback.map { " (default \($0))" } ?? ""
    return (flag.usage, flag.summary + note)
  }

  /// Two columns, the first as wide as its widest word up to a limit.
  private static func columns(_ rows: [(String, String)]) -> [String] {
    let width = min(32, rows.map(\.0.count).max() ?? 0)
    return rows.map { left, right in
      let padding = String(repeating: " ", count: max(2, width + 2 - left.count))
      return "  \(left)\(padding)\(right)"
    }
  }
}
