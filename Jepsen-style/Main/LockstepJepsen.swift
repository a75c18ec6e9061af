import ClientProtocol
import Glibc

/// The binary: reads its words by the table of commands, runs one, says how it ended.
@main
struct LockstepJepsen {
  private static let commands = [RunCommand.row, CampaignCommand.row, ListCommand.row]

  @MainActor
  static func main() async {
    do throws(Failure) {
      try await obey(Array(CommandLine.arguments.dropFirst()))
    } catch {
      Screen.note("error: \(error.message) (\(error.code))")
      if let hint = error.hint { Screen.note("hint: \(hint)") }
      exit(error.exitCode.rawValue)
    }
  }

  @MainActor
  private static func obey(_ words: [String]) async throws(Failure) {
    let help = words.first { $0 == "-h" || $0 == "--help" }
    if words.first == "--version" { return Screen.line("lockstep-jepsen \(lockstepVersion)") }
    let name = words.first { !$0.hasPrefix("-") && $0 != "help" }
    guard let name else {
      guard words.isEmpty || help != nil || words == ["help"] else {
        throw .usage("a command comes first", hint: "lockstep-jepsen --help")
      }
      return Screen.line(overview)
    }
    guard let command = commands.first(where: { $0.name == name }) else {
      let names = commands.map(\.name).joined(separator: ", ")
      throw .usage("there is no command '\(name)'", hint: "one of \(names)")
    }
    if help != nil || words.first == "help" {
      return Screen.line(command.page(isFull: help != "-h"))
    }
    guard words.first == name else {
      throw .usage("the command comes before its flags", hint: command.usage)
    }
    try await command.action(Orders(Array(words.dropFirst()), for: command))
  }

  private static var overview: String {
    var lines = [
      "lockstep-jepsen \(lockstepVersion): breaks real clusters and judges what clients saw", "",
      "usage: lockstep-jepsen COMMAND [flags]", "",
    ]
    for command in commands {
      let padding = String(repeating: " ", count: max(2, 10 - command.name.count))
      lines.append("  \(command.name)\(padding)\(command.summary)")
    }
    lines += [
      "", "lockstep-jepsen COMMAND --help tells more.", "",
      "exit status: 0 passed · 9 something was seen that cannot be · 6 the cluster did not recover "
        + "· 5 no verdict · 2 usage · 1 could not be run · 130 interrupted",
    ]
    return lines.joined(separator: "\n")
  }
}
