import ClientProtocol
import Simulation

/// `lockstep sim damage`.
enum DamageCommand {
  static let row = CommandRow(
    "sim damage",
    "damages every block of a node's disk, one by one, or blocks of all nodes at once",
    flags: NumberedCases.flags(
      Flag("node", .choice(["1", "2", "3"]), "the node whose blocks are damaged", fallback: "1"),
      Flag("all", .toggle, "drawn blocks of all nodes: the cases are seeds")
    ),
    action: run
  ).explained(
    [
      "Three simulated nodes have a run of 200 operations behind them. Each 512-byte block of each "
        + "file of one has a bit flipped, is zeros or cannot be read, while the node is down or "
        + "runs; or blocks of all nodes are damaged such that everything committed is whole "
        + "somewhere. They must come back by themselves with all that was acknowledged. "
        + "Each case is one line of JSON. The exit status is 9 if a promise is broken."
    ],
    examples: [
      "sim damage --node 2", "sim damage --node 2 --case 1 --count 100",
      "sim damage --all --case 7 --trace",
    ]
  )

  @MainActor
  static func run(_ invocation: Invocation) async throws(CommandFailure) {
    let node = Int(invocation.text("node")) ?? 1
    let isAll = invocation.toggle("all")
    let sweep: DamageSweep
    do throws(Violation) {
      sweep = try DamageSweep(node: node)
    } catch {
      let message = "the run breaks a promise without damage: \(error.reason)"
      throw NumberedCases.failure(message, "sim damage")
    }
    guard let first = NumberedCases.first(invocation) else {
      return StandardStream.output.writeLine(sweep.jsonText)
    }
    let cases = NumberedCases(
      words: isAll ? "sim damage --all" : "sim damage --node \(node)",
      count: isAll ? nil : sweep.count
    )
    try cases.run(from: first, invocation) { number, watcher in
      let report =
        isAll
        ? DamageSweep.runOnAll(seed: number, watcher: watcher)
        : sweep.run(number, watcher: watcher)
      return (report.jsonText, report.verdict)
    }
  }
}
