import ClientProtocol
import Simulation

/// `lockstep sim crashes`.
enum CrashCommand {
  static let row = CommandRow(
    "sim crashes",
    "ends a node at every call of its disk in a run of 200 operations, in every way",
    flags: [
      Flag("node", .choice(["1", "2", "3", "4"]), "the node; 4 joins in the run", fallback: "1"),
      Flag("case", .integer(1...Int.max >> 1), "the first case; else says how many there are"),
      Flag("count", .integer(1...Int.max >> 1), "so many cases, from that one on", fallback: "1"),
      Flag("pairs", .toggle, "pairs of crashes, drawn: the cases are seeds"),
      Flag("trace", .toggle, "writes every event to standard error as it happens"),
    ],
    action: run
  ).explained(
    [
      "The run is simulated: journal segments turn, snapshots are taken and installed, a member is "
        + "added. Each case repeats it up to one call and leaves nothing, all, any part or a torn "
        + "write of what was not synced. The node must come back with everything acknowledged, the "
        + "cluster must agree and go on. Each case is one line of JSON. The exit status is 9 if a "
        + "promise is broken."
    ],
    examples: [
      "sim crashes --node 2", "sim crashes --node 2 --case 1 --count 100",
      "sim crashes --node 2 --pairs --case 7 --trace",
    ]
  )

  @MainActor
  static func run(_ invocation: Invocation) async throws(CommandFailure) {
    let node = Int(invocation.text("node")) ?? 1
    let enumeration: CrashEnumeration
    do throws(Violation) {
      enumeration = try CrashEnumeration(node: node)
    } catch {
      throw failure("the run breaks a promise without any crash: \(error.reason)", "sim crashes")
    }
    if let missing = enumeration.facts.missing {
      throw failure("the reference run has only \(missing)", "sim crashes --node \(node)")
    }
    guard let first = invocation.optional("case").flatMap({ Int($0) }) else {
      return StandardStream.output.writeLine(enumeration.facts.jsonText)
    }
    let isPair = invocation.toggle("pairs")
    let watcher: ((String) -> Void)? =
      invocation.toggle("trace") ? { StandardStream.error.writeLine($0) } : nil
    var failed: Int?
    for number in first..<first + invocation.integer("count") {
      guard isPair || number <= enumeration.facts.cases else { break }
      let report =
        isPair
        ? enumeration.runPair(seed: number, watcher: watcher)
        : enumeration.run(number, watcher: watcher)
      StandardStream.output.writeLine(report.jsonText)
      if report.verdict != .ok { failed = failed ?? number }
    }
    guard let failed else { return }
    let words = "sim crashes --node \(node)\(isPair ? " --pairs" : "") --case \(failed)"
    throw failure("case \(failed) broke a promise", words)
  }

  private static func failure(_ message: String, _ words: String) -> CommandFailure {
    CommandFailure(
      exitCode: .checkFailed,
      code: "simulation_failed",
      message: message,
      hint: "lockstep \(words) --trace"
    )
  }
}
