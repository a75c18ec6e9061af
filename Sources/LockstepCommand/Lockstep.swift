import ClientProtocol
import Glibc

/// The binary: reads its words by the command table, runs one command, says how it ended.
@main
struct Lockstep {
  @MainActor
  static func main() async {
    StandardStream.reserveNumbers()
    do throws(CommandFailure) {
      let surroundings = Surroundings(
        environment: try ProcessEnvironment.checked(),
        readFile: TextFile.read
      )
      try await run(try OwnProgram.words(), table: .complete, surroundings: surroundings)
    } catch {
      for line in error.lines { StandardStream.error.writeLine(line) }
      exit(error.exitCode.rawValue)
    }
  }

  @MainActor
  private static func run(
    _ words: [String],
    table: CommandTable,
    surroundings: Surroundings
  ) async throws(CommandFailure) {
    switch try CommandParser(table: table, surroundings: surroundings).parse(words) {
    case .help(let path, let isFull):
      StandardStream.output.writeLine(try Help(table: table).text(path: path, isFull: isFull))
    case .run(let invocation):
      try await invocation.command.action(invocation)
    }
  }
}
