import JepsenHarness
import Linearizability

/// `lockstep-jepsen list`.
enum ListCommand {
  static let row = Command(
    name: "list",
    summary: "the workloads there are",
    details: ["A name in the second column is what --workload takes."],
    examples: ["list", "list -o json"],
    action: list
  )

  @MainActor
  private static func list(_ orders: Orders) async throws(Failure) {
    let rows = WorkloadCatalogue.all.map { workload in
      HistoryValue.object([
        ("kind", HistoryValue("workload")), ("name", HistoryValue(workload.name)),
        ("summary", HistoryValue(workload.summary)),
      ])
    }
    try Screen(orders).show(rows, ["kind", "name", "summary"])
  }
}
