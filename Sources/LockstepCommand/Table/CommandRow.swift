/// A row of the table: one command, from which parsing, help and suggestions all come.
struct CommandRow: Sendable {
  typealias Action = @MainActor @Sendable (Invocation) async throws(CommandFailure) -> Void

  /// The words that call it, such as `kv put`.
  let path: [String]
  let summary: String
  var arguments: [Argument]
  var flags: [Flag]
  /// Paragraphs that only the full help shows.
  var details: [String] = []
  /// Lines that can be run, without the leading `lockstep`.
  var examples: [String] = []
  let action: Action

  init(
    _ path: String,
    _ summary: String,
    arguments: [Argument] = [],
    flags: [Flag] = [],
    action: @escaping Action
  ) {
    self.path = path.split(separator: " ").map(String.init)
    self.summary = summary
    self.arguments = arguments
    self.flags = flags
    self.action = action
  }

  /// The same command with examples, and paragraphs for those who want to know more.
  func explained(_ details: [String] = [], examples: [String] = []) -> CommandRow {
    var row = self
    row.details = details
    row.examples = examples
    return row
  }

  var name: String { path.joined(separator: " ") }

  /// `lockstep kv put KEY VALUE [flags]`.
  var usage: String {
    let words =
      ["lockstep", name] + arguments.map(\.usage) + flags.filter(\.isRequired).map(\.usage)
    return (words + ["[flags]"]).joined(separator: " ")
  }

  /// The fewest and the most arguments that it takes.
  var argumentCounts: ClosedRange<Int> {
    let fewest = arguments.count { $0.presence != .optional }
    let isOpen = arguments.contains { $0.presence == .repeated }
    return fewest...(isOpen ? .max : arguments.count)
  }
}
