import ByzantineSchedules
import ClientProtocol
import Transport

/// `lockstep sim twins`.
enum TwinsCommand {
  static let row = CommandRow(
    "sim twins",
    "goes through schedules of Byzantine replicas that exist twice, and checks every promise",
    flags: [
      Flag("nodes", .choice(["4", "7"]), "how many replicas, twins not counted", fallback: "4"),
      Flag("depth", .integer(1...100), "how many rounds a scenario has", fallback: "2"),
      Flag("liar", .integer(0...6), "who has a twin where all are tried", fallback: "0"),
      Flag("seed", .integer(0...Int.max >> 1), "a scenario by chance, and then peace, instead"),
      Flag("count", .integer(1...Int.max >> 1), "so many seeds, from that one on", fallback: "1"),
    ],
    action: run
  ).explained(
    [
      "A liar and its twin have one key and one name; both run the core that ships, and contradict "
        + "each other. Each round puts all on sides that do not hear each other, lets some hops of "
        + "messages through, and some sides lose patience. Without --seed every scenario of so "
        + "many rounds is tried. The exit status is 9 if a promise is broken."
    ],
    examples: [
      "sim twins", "sim twins --depth 3 --liar 1 -o json",
      "sim twins --nodes 7 --seed 1 --count 1000 --depth 12",
    ]
  )

  /// What a run came to.
  private struct Outcome {
    var scenarios = 0
    var worlds = 0
    var convictions = 0
    var evidence: Set<String> = []
    var problem: String?
    var trace: [String] = []
  }

  @MainActor
  static func run(_ invocation: Invocation) async throws(CommandFailure) {
    let began = MonotonicClock.now()
    let seed = invocation.optional("seed").flatMap { UInt64($0) }
    if seed == nil { try checkSearch(invocation) }
    let outcome = seed.map { sample(from: $0, invocation) } ?? search(invocation)
    let seconds = Double(MonotonicClock.now() - began) / 1e6
    show(outcome, seconds: seconds, invocation)
    guard let problem = outcome.problem else { return }
    throw CommandFailure(
      exitCode: .checkFailed,
      code: "twins_failed",
      message: "a scenario broke a promise (\(problem))",
      hint: "its rounds are in the result: docs/liars.md"
    )
  }

  /// Each round multiplies the scenarios by 244 where there are four replicas.
  private static let depthMax = 4

  private static func checkSearch(_ invocation: Invocation) throws(CommandFailure) {
    guard invocation.integer("depth") <= depthMax else {
      let hint = "longer scenarios come by chance: --seed 1 --count 1000"
      throw .usage("--depth: without --seed at most \(depthMax) rounds", hint: hint)
    }
    guard invocation.integer("liar") < nodes(invocation) else {
      throw .usage("--liar: replicas are numbered from 0 to \(nodes(invocation) - 1)")
    }
  }

  private static func nodes(_ invocation: Invocation) -> Int {
    Int(invocation.text("nodes")) ?? 4
  }

  @MainActor
  private static func search(_ invocation: Invocation) -> Outcome {
    let nodes = nodes(invocation)
    let first = invocation.integer("liar")
    let liars = nodes == 4 ? [first] : [first, (first + 1) % nodes].sorted()
    var search = TwinsSearch(depth: invocation.integer("depth"), liars: liars, replicas: nodes)
    for round in search.rounds.indices where search.failure == nil { search.play(first: round) }
    return Outcome(
      scenarios: search.tally.scenarios,
      worlds: search.tally.worlds,
      convictions: search.tally.convictions,
      evidence: search.tally.evidence,
      problem: search.failure?.problem,
      trace: search.failure?.rounds.map(\.text) ?? []
    )
  }

  @MainActor
  private static func sample(from first: UInt64, _ invocation: Invocation) -> Outcome {
    var outcome = Outcome()
    for seed in first..<first + UInt64(invocation.integer("count")) {
      let sample = TwinsSample(
        seed: seed,
        replicas: nodes(invocation),
        depth: invocation.integer("depth")
      )
      let world = sample.play()
      outcome.scenarios += 1
      outcome.worlds += sample.rounds.count
      outcome.evidence.formUnion(world.judge.evidence)
      if !world.judge.evidence.isEmpty { outcome.convictions += 1 }
      guard let problem = world.judge.problem else { continue }
      outcome.problem = "seed \(seed): \(problem)"
      outcome.trace = sample.rounds.map(\.text)
      break
    }
    return outcome
  }

  private static func show(_ outcome: Outcome, seconds: Double, _ invocation: Invocation) {
    let output = Output(invocation)
    if output.form == .table {
      for line in outcome.trace { StandardStream.output.writeLine(line) }
    }
    var fields = [
      JSONValue.Field("nodes", .integer(nodes(invocation))),
      JSONValue.Field("depth", .integer(invocation.integer("depth"))),
      JSONValue.Field("scenarios", .integer(outcome.scenarios)),
      JSONValue.Field("worlds", .integer(outcome.worlds)),
      JSONValue.Field("convictions", .integer(outcome.convictions)),
      JSONValue.Field("evidence", .text(outcome.evidence.sorted().joined(separator: ", "))),
      JSONValue.Field("seconds", .decimal(seconds, places: 1)),
      JSONValue.Field(
        "scenarios_per_second",
        .integer(Int(Double(outcome.scenarios) / max(seconds, 0.001)))
      ),
      JSONValue.Field("verdict", .text(outcome.problem == nil ? "ok" : "safety")),
    ]
    if invocation.optional("seed") == nil {
      fields.insert(JSONValue.Field("liar", .integer(invocation.integer("liar"))), at: 1)
    }
    if let problem = outcome.problem {
      fields.append(JSONValue.Field("reason", .text(problem)))
      if output.form != .table {
        fields.append(JSONValue.Field("trace", .list(outcome.trace.map { .text($0) })))
      }
    }
    output.printResult(fields)
  }
}
