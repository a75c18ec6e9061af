import ClientProtocol
import Simulation

/// `lockstep sim run`.
enum SimulationCommand {
  @MainActor
  static func run(_ invocation: Invocation) async throws(CommandFailure) {
    if invocation.text("mode") == "bft" { return try ByzantineSimulationCommand.run(invocation) }
    let options = try options(invocation)
    let form = Output(invocation).form
    let first = UInt64(invocation.integer("seed"))
    let watcher: ((String) -> Void)? =
      invocation.toggle("trace") ? { StandardStream.error.writeLine($0) } : nil
    if invocation.toggle("show-hashing") {
      // Of another value in every process, unless SWIFT_DETERMINISTIC_HASHING is set.
      StandardStream.error.writeLine("hashing \("lockstep".hashValue)")
    }
    var failed: SimulationReport?
    for seed in first..<first + UInt64(invocation.integer("count")) {
      let report = SimulationRun.run(seed: seed, options, watcher: watcher)
      switch form {
      case .json, .ndjson: StandardStream.output.writeLine(report.jsonText)
      case .table: StandardStream.output.writeLine(report.tableText)
      }
      if report.verdict != .ok { failed = failed ?? report }
    }
    guard let failed else { return }
    let adjusted = ["without", "storm"].compactMap { name in
      invocation.optional(name).map { " --\(name) \($0)" }
    }
    throw CommandFailure(
      exitCode: .checkFailed,
      code: "simulation_failed",
      message: "seed \(failed.seed) broke a promise (\(failed.verdict.name))",
      hint: "lockstep sim run --seed \(failed.seed) --nodes \(failed.nodes)"
        + adjusted.joined()
    )
  }

  private static func options(_ invocation: Invocation) throws(CommandFailure) -> RunOptions {
    if invocation.optional("nodes") == "4" {
      throw .usage("--nodes: mode raft has 1, 3, 5 or 7 nodes")
    }
    var options = RunOptions(nodes: invocation.optional("nodes").flatMap { Int($0) })
    if invocation.optional("storm") != nil {
      options.stormMicroseconds = UInt64(invocation.microseconds("storm"))
    }
    for word in invocation.optional("without")?.split(separator: ",") ?? [] {
      try leaveOut(String(word), of: &options)
    }
    return options
  }

  /// Leaves out one strike, such as `3`, several, such as `5-9`, or a kind of weather, such as
  /// `loss`.
  private static func leaveOut(
    _ word: String,
    of options: inout RunOptions
  ) throws(CommandFailure) {
    let bounds = word.split(separator: "-").compactMap { Int($0) }
    if let kind = FaultKind(rawValue: word) {
      options.withoutWeather.insert(kind)
    } else if let low = bounds.first, let high = bounds.last, low <= high, bounds.count <= 2 {
      options.withoutStrikes.formUnion(low...high)
    } else {
      throw .usage(
        "--without: '\(word)' is neither a strike's number, nor two as in 5-9, nor a kind of fault"
      )
    }
  }
}
