import ByzantineSchedules
import ClientProtocol
import Transport

/// `lockstep sim liars`.
enum LiarsCommand {
  static let row = CommandRow(
    "sim liars",
    "lets replicas, clients, disks and networks misbehave by name, and checks every promise",
    flags: [
      Flag("nodes", .choice(["4", "7"]), "how many replicas", fallback: "4"),
      Flag("behaviour", .text("NAME"), "this one alone; else all of them"),
      Flag("list", .toggle, "name the behaviours and what each proves, and run nothing"),
      Flag("crashes", .toggle, "again with the power failing at each record of each replica"),
      Flag("seed", .integer(0...Int.max >> 1), "instead a liar changes its messages by chance"),
      Flag("count", .integer(1...Int.max >> 1), "so many seeds, from that one on", fallback: "1"),
    ],
    action: run
  ).explained(
    [
      "f replicas lie while correct clients ask: nothing may be broken, everything is to be "
        + "applied by all honest replicas, and what can be proved has to be. With --seed "
        + "messages are changed in one field and signed again. The exit status is 9 if a promise "
        + "is broken."
    ],
    examples: [
      "sim liars", "sim liars --list", "sim liars --nodes 7 --behaviour lock-hidden --crashes",
      "sim liars --seed 1 --count 1000 -o json",
    ]
  )

  /// What a run came to.
  private struct Outcome {
    var runs = 0
    var evidence: Set<String> = []
    /// What took longest to be answered and applied, and how long.
    var slowest = (name: "", milliseconds: 0)
    var problem: String?

    mutating func take(_ stage: BehaviourStage, _ name: String) {
      runs += 1
      evidence.formUnion(stage.judge.evidence)
      let overtime = stage.overtimeMilliseconds
      if overtime > slowest.milliseconds { slowest = (name, overtime) }
      if let broken = stage.judge.problem { problem = problem ?? "\(name): \(broken)" }
    }
  }

  @MainActor
  static func run(_ invocation: Invocation) async throws(CommandFailure) {
    if invocation.toggle("list") { return list(invocation) }
    let began = MonotonicClock.now()
    let seed = invocation.optional("seed").flatMap { UInt64($0) }
    let isNamed = invocation.optional("behaviour") != nil || invocation.toggle("crashes")
    guard seed == nil || !isNamed else {
      throw .usage("--seed changes messages by chance, without --behaviour or --crashes")
    }
    let outcome =
      if let seed { mutations(from: seed, invocation) } else { try behaviours(invocation) }
    show(outcome, seconds: Double(MonotonicClock.now() - began) / 1e6, invocation)
    guard let problem = outcome.problem else { return }
    throw CommandFailure(
      exitCode: .checkFailed,
      code: "liars_failed",
      message: "a run broke a promise (\(problem))",
      hint: "what each behaviour does: docs/liars.md"
    )
  }

  private static func list(_ invocation: Invocation) {
    let rows = Behaviour.all.map { behaviour in
      [
        JSONValue.Field("behaviour", .text(behaviour.name)),
        JSONValue.Field("proves", .text(behaviour.evidence.joined(separator: ", "))),
      ]
    }
    Output(invocation).printList(rows, titles: ["behaviour", "proves"])
  }

  private static func nodes(_ invocation: Invocation) -> Int {
    Int(invocation.text("nodes")) ?? 4
  }

  @MainActor
  private static func mutations(from first: UInt64, _ invocation: Invocation) -> Outcome {
    var outcome = Outcome()
    for seed in first..<first + UInt64(invocation.integer("count")) where outcome.problem == nil {
      let plan = MutationPlan(seed: seed, replicas: nodes(invocation))
      outcome.take(plan.run(), "seed \(seed)")
    }
    return outcome
  }

  @MainActor
  private static func behaviours(_ invocation: Invocation) throws(CommandFailure) -> Outcome {
    var outcome = Outcome()
    let name = invocation.optional("behaviour")
    let chosen = Behaviour.all.filter { name == nil || $0.name == name }
    guard !chosen.isEmpty else { throw unknown(name ?? "") }
    for behaviour in chosen where outcome.problem == nil {
      var stage = BehaviourStage(behaviour, replicas: nodes(invocation), seed: 1)
      stage.run()
      outcome.take(stage, behaviour.name)
      guard invocation.toggle("crashes"), outcome.problem == nil else { continue }
      let struck = BehaviourCrashes(behaviour, replicas: nodes(invocation)).run()
      outcome.runs += struck.cases
      outcome.problem = struck.problem.map { "\(behaviour.name), \($0)" }
    }
    return outcome
  }

  private static func unknown(_ name: String) -> CommandFailure {
    let near = Suggestion.nearest(to: name, among: Behaviour.all.map(\.name))
    return .usage(
      "--behaviour: there is no '\(name)'",
      hint: near.map { "did you mean '\($0)'?" } ?? "lockstep sim liars --list"
    )
  }

  private static func show(_ outcome: Outcome, seconds: Double, _ invocation: Invocation) {
    var fields = [
      JSONValue.Field("nodes", .integer(nodes(invocation))),
      JSONValue.Field("runs", .integer(outcome.runs)),
      JSONValue.Field("evidence", .text(outcome.evidence.sorted().joined(separator: ", "))),
      JSONValue.Field("slowest", .text(outcome.slowest.name)),
      JSONValue.Field("slowest_ms", .integer(outcome.slowest.milliseconds)),
      JSONValue.Field("seconds", .decimal(seconds, places: 1)),
      JSONValue.Field("verdict", .text(outcome.problem == nil ? "ok" : "safety")),
    ]
    if let problem = outcome.problem { fields.append(JSONValue.Field("reason", .text(problem))) }
    Output(invocation).printResult(fields)
  }
}
