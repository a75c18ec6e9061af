import ClientProtocol
import Simulation

/// `lockstep sim run`.
enum SimulationCommand {
  @MainActor
  static func run(_ invocation: Invocation) async throws(CommandFailure) {
    let nodes = invocation.optional("nodes").flatMap { Int($0) }
    let report = SimulationRun.run(seed: UInt64(invocation.integer("seed")), nodes: nodes)
    switch Output(invocation).form {
    case .json, .ndjson: StandardStream.output.writeLine(report.jsonText)
    case .table: StandardStream.output.writeLine(report.tableText)
    }
    guard report.verdict != .ok else { return }
    throw CommandFailure(
      exitCode: .checkFailed,
      code: "simulation_failed",
      message: "seed \(report.seed) broke a promise (\(report.verdict.name))",
      hint: "lockstep sim run --seed \(report.seed) --nodes \(report.nodes)"
    )
  }
}
