import ByzantineSimulation
import ClientProtocol

/// `lockstep sim run --mode bft`.
enum ByzantineSimulationCommand {
  static let lies = Lie.allCases.map(\.rawValue)

  static func run(_ invocation: Invocation) throws(CommandFailure) {
    let nodes = invocation.optional("nodes").flatMap { Int($0) }
    guard [nil, 1, 4, 7].contains(nodes) else {
      throw .usage("--nodes: mode bft has 1, 4 or 7 replicas")
    }
    let lie = invocation.optional("lie").flatMap { Lie(rawValue: $0) }
    let form = Output(invocation).form
    let first = UInt64(invocation.integer("seed"))
    let watcher: ((String) -> Void)? =
      invocation.toggle("trace") ? { StandardStream.error.writeLine($0) } : nil
    if invocation.toggle("show-hashing") {
      StandardStream.error.writeLine("hashing \("lockstep".hashValue)")
    }
    var failed: ByzantineReport?
    for seed in first..<first + UInt64(invocation.integer("count")) {
      var plan = ByzantinePlan(seed: seed, nodes: nodes, lie: lie)
      if invocation.optional("storm") != nil {
        plan.stormMicroseconds = UInt64(invocation.microseconds("storm"))
      }
      let report = ByzantineRun.run(plan, watcher: watcher)
      switch form {
      case .json, .ndjson: StandardStream.output.writeLine(report.jsonText)
      case .table: StandardStream.output.writeLine(report.tableText)
      }
      if report.problem != nil { failed = failed ?? report }
    }
    guard let failed else { return }
    // What the seed draws depends on what was asked for.
    let asked = ["nodes", "lie", "storm"].compactMap { name in
      invocation.optional(name).map { " --\(name) \($0)" }
    }
    throw CommandFailure(
      exitCode: .checkFailed,
      code: "simulation_failed",
      message: "seed \(failed.plan.seed) broke a promise: \(failed.problem ?? "")",
      hint: "lockstep sim run --mode bft --seed \(failed.plan.seed)" + asked.joined()
    )
  }
}
