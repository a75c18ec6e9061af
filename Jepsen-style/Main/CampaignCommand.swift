import ClientProtocol
import JepsenHarness
import Linearizability

/// `lockstep-jepsen campaign`.
enum CampaignCommand {
  static let row = Command(
    name: "campaign",
    summary: "runs every combination on three and five nodes in turn, and sums up",
    details: [
      "The time is shared out evenly; each run has its own folder and report, the workloads take "
        + "turns, and seeds count up from --seed. A run that fails does not end the campaign.",
      "--out gets campaign.json, an object a line for each run, and index.html, which leads to the "
        + "reports of the runs.",
      "In mode bft the sizes are 4 and 7 unless --nodes says one of them. Combinations and "
        + "workloads that the mode or this machine cannot have are left out, which is said.",
    ],
    options: RunOptions.all.filter { $0.name != "nodes" } + RunMode.options + [
      Option("nodes", .text("N,…"), "the sizes of clusters (default: 3,5, or 4,7 in mode bft)"),
      Option("combination", .text("NAME,…"), "these only (default: all); see list"),
      Option("workload", .text("NAME,…"), "these only, in turn (default: all); see list"),
      Option("minutes", .number(1...100_000), "for all runs together", fallback: "60"),
    ],
    examples: [
      "campaign --minutes 60 --seed 1 --out evidence",
      "campaign --mode bft --minutes 30 --nodes 4",
      "campaign --minutes 4 --nodes 3 --combination paused-leader,bad-network --workload kv",
    ],
    action: run
  )

  /// What a run needs besides: the start, the last reads, the judge.
  private static let overheadSeconds = 4
  private static let secondsMin = 8

  @MainActor
  private static func run(_ orders: Orders) async throws(Failure) {
    let screen = try Screen(orders)
    let first = try RunOptions.plan(orders, nodes: 3)
    let plans = try plans(orders, from: first)
    for line in overruled(plans) { Screen.note(line) }
    do throws(HarnessError) { try Folder.make(first.folder) } catch { throw Failure(error) }
    let show = RunShow(screen)
    var rows: [CampaignRow] = []
    for (number, plan) in plans.enumerated() {
      let name = String(plan.folder.dropFirst(first.folder.count + 1))
      Screen.note("\(number + 1) of \(plans.count): \(name), \(plan.workload.name)")
      do throws(Failure) {
        rows.append(CampaignRow(try await show.carryOut(plan), folder: name))
      } catch {
        rows.append(CampaignRow(plan, folder: name, problem: error.message))
      }
      try write(rows, of: plans.count, to: first.folder)
      if show.wasInterrupted { break }
    }
    screen.show(
      rows.map(\.json),
      [
        "combination", "nodes", "workload", "result", "operations", "failed", "unknown",
        "anomalies", "faults", "felt", "p50_ms", "p99_ms", "new_leader_ms",
      ]
    )
    Screen.note(sum(of: rows, plans))
    Screen.note("report: \(first.folder)/index.html")
    try fail(rows)
    guard !show.wasInterrupted else {
      let message = "the campaign was ended in run \(rows.count) of \(plans.count)"
      throw Failure(exitCode: .interrupted, message: message, code: "interrupted")
    }
  }

  /// The combinations that ask for a rate of calls and do not get it.
  private static func overruled(_ plans: [RunPlan]) -> [String] {
    var names: [String] = []
    for plan in plans where plan.isRateOverruled && !names.contains(plan.faults.name) {
      names.append(plan.faults.name)
    }
    return names.map { "--rate overrules what \($0) asks for: what it is to find may stay unseen" }
  }

  /// How long faults were tried and how many operations met them.
  private static func sum(of rows: [CampaignRow], _ plans: [RunPlan]) -> String {
    let seconds = zip(rows, plans).reduce(0) { $0 + ($1.0.faults.all > 0 ? $1.1.seconds : 0) }
    let operations = rows.reduce(0) { $0 + $1.operations.all }
    return "\(rows.count) runs, \(seconds / 60) minutes of faults, \(operations) operations"
  }

  @MainActor
  private static func plans(_ orders: Orders, from first: RunPlan) throws(Failure) -> [RunPlan] {
    let recipes = try recipes(orders, on: first.network)
    let workloads = try workloads(orders)
    guard !recipes.isEmpty, !workloads.isEmpty else {
      throw .usage("none of these combinations, or none of these workloads, can be had here")
    }
    let sizes = try sizes(orders)
    let share = orders.number("minutes") * 60 / (recipes.count * sizes.count)
    let seconds = share - first.quietSeconds - overheadSeconds
    guard seconds >= secondsMin else {
      let needed = (secondsMin + first.quietSeconds + overheadSeconds) * recipes.count * sizes.count
      throw .usage(
        "\(recipes.count * sizes.count) runs do not fit into --minutes \(orders.number("minutes"))",
        hint: "--minutes \(needed / 60 + 1), a shorter --quiet, or fewer combinations"
      )
    }
    var plans: [RunPlan] = []
    for recipe in recipes {
      for size in sizes {
        var plan = first
        plan.nodes = size
        plan.faults = .recipe(recipe)
        plan.workload = workloads[plans.count % workloads.count]
        plan.seed = first.seed + UInt64(plans.count)
        plan.seconds = seconds
        plan.folder = "\(first.folder)/\(recipe.name)-\(size)"
        try RunOptions.check(plan)
        try RunMode.complete(&plan, orders)
        plans.append(plan)
      }
    }
    return plans
  }

  private static func sizes(_ orders: Orders) throws(Failure) -> [Int] {
    let isByzantine = try RunMode.mode(orders) == .bft
    let named = orders.list("nodes")
    let words = named.isEmpty ? (isByzantine ? ["4", "7"] : ["3", "5"]) : named
    var sizes: [Int] = []
    for word in words {
      guard let size = Int(word), (1...ProcessCluster.nodesMax).contains(size) else {
        throw .usage("--nodes: '\(word)' is no size from 1 to \(ProcessCluster.nodesMax)")
      }
      guard !isByzantine || size == 4 || size == 7 else {
        throw .usage("--nodes: a cluster of mode bft has 4 or 7 nodes")
      }
      guard !sizes.contains(size) else { throw .usage("--nodes: \(size) stands there twice") }
      sizes.append(size)
    }
    return sizes
  }

  private static func recipes(
    _ orders: Orders,
    on network: NetworkKind
  ) throws(Failure) -> [FaultRecipe] {
    guard orders.text("combination") != nil else {
      var recipes: [FaultRecipe] = []
      for recipe in FaultRecipe.all {
        if let kind = recipe.kinds.first(where: { !network.canHave($0) }) {
          Screen.note("left out: \(recipe.name): no \(kind.rawValue) without proxies")
          continue
        }
        if let objection = try RunMode.objection(to: recipe, orders) {
          Screen.note("left out: \(recipe.name): \(objection)")
          continue
        }
        let (left, missing) = recipe.left(with: .here)
        if let missing {
          Screen.note("\(left == nil ? "left out" : "in part"): \(recipe.name): \(missing)")
        }
        if let left { recipes.append(left) }
      }
      return recipes
    }
    var recipes: [FaultRecipe] = []
    for name in orders.list("combination") {
      guard let recipe = FaultRecipe.named(name) else {
        throw .usage("--combination: there is no '\(name)'", hint: "lockstep-jepsen list")
      }
      guard !recipes.contains(where: { $0.name == name }) else {
        throw .usage("--combination: '\(name)' stands there twice")
      }
      recipes.append(recipe)
    }
    return recipes
  }

  private static func workloads(_ orders: Orders) throws(Failure) -> [any Workload.Type] {
    guard orders.text("workload") != nil else {
      guard try RunMode.mode(orders) == .bft else { return WorkloadCatalogue.all }
      Screen.note("left out: sessions speaks the protocol of mode raft by itself")
      return WorkloadCatalogue.all.filter { $0.name != "sessions" }
    }
    var workloads: [any Workload.Type] = []
    for name in orders.list("workload") { workloads.append(try RunOptions.workload(name)) }
    return workloads
  }

  private static func write(
    _ rows: [CampaignRow],
    of planned: Int,
    to folder: String
  ) throws(Failure) {
    do throws(HarnessError) {
      let folder = RunFolder(folder)
      let lines = rows.map { $0.json.description + "\n" }.joined()
      try folder.write("campaign.json", lines)
      try folder.write("index.html", CampaignPage(rows, of: planned).html)
    } catch {
      throw Failure(error)
    }
  }

  private static func fail(_ rows: [CampaignRow]) throws(Failure) {
    let bad = rows.filter { $0.result != "passed" }
    guard let first = bad.first(where: { $0.result == "failed" }) ?? bad.first else { return }
    let words = "\(bad.count) of \(rows.count) runs did not pass; \(first.folder): "
    let exitCode: ExitCode =
      switch first.result {
      case "failed": .checkFailed
      case "not_recovered": .unavailable
      case "no_verdict": .noAnswer
      default: .failed
      }
    throw Failure(
      exitCode: exitCode,
      message: words + (first.problem ?? first.result),
      code: "campaign_failed"
    )
  }
}
