/// A command of this program: the one table from which words are read and help is written.
struct Command: Sendable {
  let name: String
  let summary: String
  var details: [String] = []
  var options: [Option] = []
  var examples: [String] = []
  let action: @MainActor @Sendable (Orders) async throws(Failure) -> Void

  /// Flags of every command.
  static let shared = [
    Option(
      "output",
      .text("table|json"),
      "how results are printed (default table, json on a pipe)"
    ),
    Option("no-progress", .toggle, "no progress bar"),
  ]

  /// How it is called.
  var usage: String { "lockstep-jepsen \(name)\(options.isEmpty ? "" : " [flags]")" }

  /// The page of `--help`; `-h` is without details and examples.
  func page(isFull: Bool) -> String {
    var lines = ["usage: \(usage)", "", summary]
    if isFull { lines += details.flatMap { ["", $0] } }
    if !options.isEmpty { lines += ["", "flags:"] + options.map(Self.line) }
    guard isFull else { return lines.joined(separator: "\n") }
    lines += ["", "flags of every command:"] + Self.shared.map(Self.line)
    if !examples.isEmpty {
      lines += ["", "examples:"] + examples.map { "  lockstep-jepsen \($0)" }
    }
    return lines.joined(separator: "\n")
  }

  private static func line(_ option: Option) -> String {
    let width = 26
    let padding = String(repeating: " ", count: max(2, width - option.usage.count))
    let note = option.fallback.map { " (default \($0))" } ?? ""
    return "  \(option.usage)\(padding)\(option.summary)\(note)"
  }
}
