import JepsenHarness

/// What the nodes of a run are safe from, and whether the last of them lies.
enum RunMode {
  static let options = [
    Option("mode", .text("NAME"), "raft, or bft: fewer than a third may lie", fallback: "raft"),
    Option("liar", .text("LIE"), "mode bft, and the last node tells it (lockstep-liar --help)"),
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
    guard plan.mode == .bft else { return }
    if let lie = orders.text("liar") {
      let program = RunOptions.besideThis("lockstep-liar")
      guard Folder.exists(program) else {
        throw .usage(
          "--liar: there is no \(program)",
          hint: "swift build -c release --product lockstep-liar"
        )
      }
      plan.liars = [ProcessCluster.Liar(program: program, lie: lie)]
    }
    guard plan.workload.name != "sessions" else {
      throw .usage("--workload: 'sessions' speaks the protocol of mode raft by itself")
    }
    for kind in plan.faults.kinds {
      guard let reason = objection(to: kind, isLying: !plan.liars.isEmpty) else { continue }
      throw .usage("--nemesis: no \(kind.rawValue) in mode bft: \(reason)")
    }
  }

  private static func objection(to kind: FaultKind, isLying: Bool) -> String? {
    switch kind {
    case .memberRemove, .memberReplace: "its members are fixed"
    case .transferLeader: "a primary can name only the next"
    case .linkLoss, .linkDuplicate, .linkCorrupt, .linkTruncate, .linkReplay:
      "links are sealed (TLS), and break when anything is missing or new"
    default:
      kind.destroys && isLying ? "with a liar nobody else may lose what it has promised" : nil
    }
  }

  private static func mode(_ orders: Orders) throws(Failure) -> ClusterMode {
    if orders.text("liar") != nil { return .bft }
    guard let mode = ClusterMode(rawValue: orders.text("mode") ?? "") else {
      throw .usage("--mode: '\(orders.text("mode") ?? "")' is neither raft nor bft")
    }
    return mode
  }
}
