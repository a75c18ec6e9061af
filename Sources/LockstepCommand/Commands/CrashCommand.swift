import ClientProtocol
import Simulation

/// `lockstep sim crashes`.
enum CrashCommand {
  static let row = CommandRow(
    "sim crashes",
    "ends a node at every call of its disk in a run of 200 operations, in every way",
    flags: NumberedCases.flags(
      Flag("node", .choice(["1", "2", "3", "4"]), "the node; 4 joins in the run", fallback: "1"),
      Flag("pairs", .toggle, "pairs of crashes, drawn: the cases are seeds")
    ),
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
      let message = "the run breaks a promise without any crash: \(error.reason)"
      throw NumberedCases.failure(message, "sim crashes")
    }
    if let missing = enumeration.facts.missing {
      let message = "the reference run has only \(missing)"
      throw NumberedCases.failure(message, "sim crashes --node \(node)")
    }
    guard let first = NumberedCases.first(invocation) else {
      return StandardStream.output.writeLine(enumeration.facts.jsonText)
    }
    let isPair = invocation.toggle("pairs")
    let cases = NumberedCases(
      words: "sim crashes --node \(node)\(isPair ? " --pairs" : "")",
      count: isPair ? nil : enumeration.facts.cases
    )
    try cases.run(from: first, invocation) { number, watcher in
      let report =
        isPair
        ? enumeration.runPair(seed: number, watcher: watcher)
        : enumeration.run(number, watcher: watcher)
      return (report.jsonText, report.verdict)
    }
  }
}
