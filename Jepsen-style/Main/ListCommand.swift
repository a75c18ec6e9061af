import JepsenHarness
import Linearizability

/// `lockstep-jepsen list`.
enum ListCommand {
  static let row = Command(
    name: "list",
    summary: "the workloads, nemeses and combinations there are",
    details: ["The first column names the flag of run that takes the name in the second."],
    examples: ["list", "list -o json"],
    action: list
  )

  @MainActor
  private static func list(_ orders: Orders) async throws(Failure) {
    let workloads = WorkloadCatalogue.all.map { ("workload", $0.name, $0.summary) }
    let kinds = FaultKind.allCases.map { ("nemesis", $0.rawValue, $0.summary) }
    let recipes = FaultRecipe.all.map { ("combination", $0.name, $0.summary) }
    let rows = (workloads + kinds + recipes).map { kind, name, summary in
      HistoryValue.object([
        ("kind", HistoryValue(kind)), ("name", HistoryValue(name)),
        ("summary", HistoryValue(summary)),
      ])
    }
    try Screen(orders).show(rows, ["kind", "name", "summary"])
  }
}
