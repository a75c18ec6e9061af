import ByzantineSimulation
import ClientProtocol

/// `lockstep sim run --mode bft`.
enum ByzantineSimulationCommand {
  static func run(_ invocation: Invocation) throws(CommandFailure) {
    let nodes = invocation.optional("nodes").flatMap { Int($0) }
    guard [nil, 1, 4, 7].contains(nodes) else {
      throw .usage("--nodes: mode bft has 1, 4 or 7 replicas")
    }
    let form = Output(invocation).form
    let first = UInt64(invocation.integer("seed"))
    if invocation.toggle("show-hashing") {
      StandardStream.error.writeLine("hashing \("lockstep".hashValue)")
    }
    var failed: ByzantineReport?
    for seed in first..<first + UInt64(invocation.integer("count")) {
      let report = ByzantineRun.run(ByzantinePlan(seed: seed, nodes: nodes))
      switch form {
      case .json, .ndjson: StandardStream.output.writeLine(report.jsonText)
      case .table: StandardStream.output.writeLine(report.tableText)
      }
      if report.problem != nil { failed = failed ?? report }
    }
    guard let failed else { return }
    throw CommandFailure(
      exitCode: .checkFailed,
      code: "simulation_failed",
      message: "seed \(failed.seed) broke a promise: \(failed.problem ?? "")",
      hint: "lockstep sim run --mode bft --seed \(failed.seed) --nodes \(failed.nodes)"
    )
  }
}
