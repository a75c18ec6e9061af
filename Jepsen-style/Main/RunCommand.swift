import ClientProtocol
import Glibc
import JepsenHarness
import Linearizability

/// `lockstep-jepsen run`.
enum RunCommand {
  static let row = Command(
    name: "run",
    summary: "runs a cluster under a workload and faults, and judges what clients saw",
    details: [
      "Real lockstep processes are started on this machine, on ports from --base-port; none "
        + "outlives this program. Clients call; at the end there is a quiet time in which "
        + "everything must recover, and every key is read once more.",
      "--out gets history.ndjson, verdicts.json and index.html, and in cluster/ the logs of the "
        + "nodes; their data directories stay there unless all went well.",
      "lockstep history check judges the history again where it has a model for the workload: "
        + "\(rejudged.joined(separator: ", ")). The promises of \(own.joined(separator: ", ")) "
        + "only this program knows.",
    ],
    options: RunOptions.all + RunMode.options + [
      Option("workload", .text("NAME"), "what clients do; see list", fallback: "kv"),
      Option("nemesis", .text("KIND,…"), "faults, mixed by the dice; see list"),
      Option("combination", .text("NAME"), "faults that found bugs elsewhere; see list"),
      Option("minutes", .number(1...10_000), "how long, the quiet time not counted"),
      Option("seconds", .number(1...600_000), "the same in seconds (default: 60)"),
    ],
    examples: [
      "run --workload kv --nemesis kill,partition-halves --seconds 30",
      "run --nodes 5 --workload register --combination partial-topologies --minutes 10 --seed 7",
      "run --liar equivocate --nemesis kill,partition-halves --minutes 2",
      "run --network namespaces --combination partial-topologies --nodes 5",
    ],
    action: run
  )

  /// The workloads that `lockstep history check` has a model for, and those that it has none for.
  private static let rejudged = WorkloadCatalogue.all.filter { hasModel($0) }.map { $0.name }
  private static let own = WorkloadCatalogue.all.filter { !hasModel($0) }.map { $0.name }

  private static func hasModel(_ workload: any Workload.Type) -> Bool {
    if case .model = workload.judge { true } else { false }
  }

  @MainActor
  private static func run(_ orders: Orders) async throws(Failure) {
    let screen = try Screen(orders)
    var plan = try RunOptions.plan(orders, nodes: RunMode.nodes(orders))
    plan.workload = try RunOptions.workload(orders.text("workload") ?? "")
    plan.faults = try RunOptions.faults(orders)
    try RunOptions.check(plan)
    try RunMode.complete(&plan, orders)
    let show = RunShow(screen)
    let report = try await show.carryOut(plan)
    screen.show(report.json)
    Screen.note("report: \(plan.folder)/index.html")
    try RunShow.fail(report)
    guard !show.wasInterrupted else {
      throw Failure(exitCode: .interrupted, message: "the run was ended early", code: "interrupted")
    }
  }
}
