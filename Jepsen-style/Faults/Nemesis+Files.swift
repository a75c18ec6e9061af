import Consensus

/// Files that change while their node is dead.
///
/// What a node acknowledged in its last second the others may not remember yet (decision 0029), and
/// to lose just that on one node *and* another node is a double fault that no store survives. So a
/// node whose newest records are going to be lost hears nothing for a while before it dies, and is
/// heard: what it has stored is known then.
extension Nemesis {
  private static let hushMilliseconds: UInt64 = 2_200
  private static let copyAgeMilliseconds: UInt64 = 2_500

  /// Garbage in some blocks.
  func corruptFiles(_ order: FaultOrder) throws(HarnessError) -> Wound {
    try changingFiles(order) { (files, wound) throws(HarnessError) in
      var random = RandomSource(seed: order.seed)
      let places = try files.corrupt(blocks: order.amount, &random)
      guard !places.isEmpty else { return wound.comeToNothing("nothing to corrupt") }
      wound.words = places.joined(separator: ", ")
    }
  }

  /// The newest journal file ends too early.
  func truncateFile(_ order: FaultOrder) throws(HarnessError) -> Wound {
    try changingFiles(order) { (files, wound) throws(HarnessError) in
      guard let (name, size) = try files.newestSegment() else {
        return wound.comeToNothing("nothing to truncate")
      }
      try files.truncate(name, to: max(0, size - order.amount))
      wound.words = "\(order.amount) bytes less in \(name)"
    }
  }

  /// A new directory in the place of the old one.
  func wipeDisk(_ order: FaultOrder) throws(HarnessError) -> Wound {
    let node = order.targets[0]
    let mayBeMadeAnew = { @MainActor @Sendable [self] in await cluster.isOfGenesis(node) }
    return try changingFiles(order, if: mayBeMadeAnew) {
      [self] (files, wound) throws(HarnessError) in
      files.wipe()
      try await Tool.run(
        cluster.plan.binary(of: node),
        [
          "server", "init", "--genesis", cluster.genesisFile, "--id", "\(node)", "--data",
          files.folder,
        ],
        log: toolLog
      )
      wound.words = "wiped and made again"
    }
  }

  /// An older copy in the place of the directory.
  func rollBackDisk(_ order: FaultOrder) throws(HarnessError) -> Wound {
    let copy = cluster.plan.folder + "/older-copy-\(order.at)"
    let cp = try Tool.path("cp", package: "coreutils", for: order.kind)
    let node = order.targets[0]
    let folder = cluster.dataFolder(of: node)
    return meanwhile([node], "rolled back") { [self] (wound) throws(HarnessError) in
      guard await claim(node, wound) else { return }
      defer { changing.remove(node) }
      try hold(node)
      try await Tool.run(cp, ["-a", "--sparse=always", folder, copy], log: toolLog)
      try release(node)
      await Self.sleepInFull(milliseconds: Self.copyAgeMilliseconds)
      await Self.sleep(milliseconds: UInt64(order.lasts))
      try hold(node)
      NodeFiles(folder: folder).wipe()
      try await Tool.run(cp, ["-a", "--sparse=always", copy + "/.", folder], log: toolLog)
      Folder.remove(copy)
      try release(node)
    }
  }

  /// Claims a node's files, if what was done to them before is made good.
  ///
  /// A node may have come back as another member. A directory of the former one is taken in again
  /// by an operator only, and is no fault that heals.
  private func claim(_ node: Int, _ wound: Wound) async -> Bool {
    guard changing.insert(node).inserted else {
      wound.comeToNothing("n\(node) is without a directory")
      return false
    }
    if await cluster.isWhole(node) { return true }
    changing.remove(node)
    wound.comeToNothing("n\(node) left alone: it was not whole")
    return false
  }

  /// Kills a node, changes its files, and starts it when the fault is healed.
  ///
  /// What has to be so is asked at once: a fault that is healed early has nobody left to ask.
  private func changingFiles(
    _ order: FaultOrder,
    if isPossible: @escaping @MainActor @Sendable () async -> Bool = { true },
    _ damage: @escaping @MainActor (NodeFiles, Wound) async throws(HarnessError) -> Void
  ) throws(HarnessError) -> Wound {
    let node = order.targets[0]
    let files = NodeFiles(folder: cluster.dataFolder(of: node))
    let inward = Set(Link.all(nodes: cluster.plan.nodesCount).filter { $0.to == node })
    return meanwhile([node], order.kind.rawValue) { [self] (wound) throws(HarnessError) in
      guard await claim(node, wound) else { return }
      defer { changing.remove(node) }
      guard await isPossible() else {
        return wound.comeToNothing("n\(node) left alone: it is another member now")
      }
      try change(inward, by: 1)
      await Self.sleepInFull(milliseconds: Self.hushMilliseconds)
      try hold(node)
      try change(inward, by: -1)
      try await damage(files, wound)
      await Self.sleep(milliseconds: UInt64(order.lasts))
      try release(node)
    }
  }
}
