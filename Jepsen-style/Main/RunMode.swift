import JepsenHarness

/// What the nodes of a run are safe from, and whether the last of them lies.
enum RunMode {
  static let options = [
    Option("mode", .text("NAME"), "raft, or bft: fewer than a third may lie", fallback: "raft"),
    Option(
      "liar",
      .text("LIE,…"),
      "mode bft, and the last node tells it, or the last two of seven (lockstep-liar --help)"
    ),
    Option(
      "reads",
      .text("HOW"),
      "mode bft: ordered, or fast: what 2f+1 nodes say alike beside the order",
      fallback: "ordered"
    ),
  ]

  /// A cluster of mode `bft` has four nodes where nobody says.
  static func nodes(_ orders: Orders) throws(Failure) -> Int {
    let count = orders.text("nodes") == nil ? nil : orders.number("nodes")
    guard try mode(orders) == .bft else { return count ?? 3 }
    guard count == nil || count == 4 || count == 7 else {
      throw .usage("--nodes: a cluster of mode bft has 4 or 7 nodes")
    }
    return count ?? 4
  }

  /// Completes a plan whose workload and faults are known.
  static func complete(_ plan: inout RunPlan, _ orders: Orders) throws(Failure) {
    plan.mode = try mode(orders)
    plan.readsFast = try readsFast(orders)
    guard plan.mode == .bft else { return }
    plan.liars = try liars(orders, among: plan.nodes)
    guard plan.workload.name != "sessions" else {
      throw .usage("--workload: 'sessions' speaks the protocol of mode raft by itself")
    }
    for kind in plan.faults.kinds {
      guard let reason = objection(to: kind, isLying: !plan.liars.isEmpty) else { continue }
      throw .usage("--nemesis: no \(kind.rawValue) in mode bft: \(reason)")
    }
  }

  private static func readsFast(_ orders: Orders) throws(Failure) -> Bool {
    let how = orders.text("reads") ?? "ordered"
    guard ["ordered", "fast"].contains(how) else {
      throw .usage("--reads: '\(how)' is neither ordered nor fast")
    }
    let mode = try mode(orders)
    guard how == "ordered" || mode == .bft else {
      throw .usage("--reads: only mode bft has fast reads")
    }
    return how == "fast"
  }

  /// Those who lie, of whom there are fewer than a third.
  static func liars(
    _ orders: Orders,
    among nodes: Int
  ) throws(Failure) -> [ProcessCluster.Liar] {
    let lies = orders.list("liar")
    guard !lies.isEmpty else { return [] }
    guard lies.count <= (nodes - 1) / 3 else {
      throw .usage("--liar: of \(nodes) nodes \((nodes - 1) / 3) may lie, not \(lies.count)")
    }
    let program = RunOptions.besideThis("lockstep-liar")
    guard Folder.exists(program) else {
      throw .usage(
        "--liar: there is no \(program)",
        hint: "swift build -c release --product lockstep-liar"
      )
    }
    return lies.map { ProcessCluster.Liar(program: program, lie: $0) }
  }

  /// What a cluster of the mode cannot have of a combination; nil if it can have all.
  static func objection(
    to recipe: FaultRecipe,
    _ orders: Orders
  ) throws(Failure) -> String? {
    guard try mode(orders) == .bft else { return nil }
    let isLying = orders.text("liar") != nil
    return recipe.kinds.lazy.compactMap { kind in
      objection(to: kind, isLying: isLying).map { "no \(kind.rawValue) in mode bft: \($0)" }
    }.first
  }

  private static func objection(to kind: FaultKind, isLying: Bool) -> String? {
    switch kind {
    case .memberRemove, .memberReplace: "its members are fixed"
    case .transferLeader: "a primary can name only the next"
    case .linkLoss, .linkDuplicate, .linkCorrupt, .linkTruncate, .linkReplay:
      "links are sealed (TLS), and break when anything is missing or new"
    case .diskWipe, .fileCorrupt, .fileTruncate:
      "a node that has lost its key is nobody"
    default:
      kind.destroys && isLying ? "with a liar nobody else may lose what it has promised" : nil
    }
  }

  static func mode(_ orders: Orders) throws(Failure) -> ClusterMode {
    if orders.text("liar") != nil { return .bft }
    guard let mode = ClusterMode(rawValue: orders.text("mode") ?? "") else {
      throw .usage("--mode: '\(orders.text("mode") ?? "")' is neither raft nor bft")
    }
    return mode
  }
}
