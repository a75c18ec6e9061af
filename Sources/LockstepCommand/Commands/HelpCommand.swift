/// `lockstep help`.
enum HelpCommand {
  @MainActor
  static func run(_ invocation: Invocation) async throws(CommandFailure) {
    let help = Help(table: .complete)
    let text = try help.text(path: invocation.arguments, isFull: true)
    StandardStream.output.writeLine(text)
  }
}
