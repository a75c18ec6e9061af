import LockstepClient

/// Members that go and come.
///
/// A cluster that is broken in other ways cannot decide on its members. So such a fault may go on
/// after its order has ended; `healAll` waits for it.
extension Nemesis {
  private static let patienceMilliseconds = 30_000
  private static let pauseMilliseconds: UInt64 = 250

  /// A node loses its directory and joins anew under its number, in its own place.
  func replaceMember(_ order: FaultOrder) throws(HarnessError) -> Wound {
    let node = order.targets[0]
    let number = cluster.memberNumber(of: node)
    return change(order) { [self] () throws(HarnessError) in
      try hold(node)
      NodeFiles(folder: cluster.dataFolder(of: node)).wipe()
      try await join(node, as: number, replacing: number)
      return "n\(node) replaced itself"
    }
  }

  /// A node is removed while it runs, and joins with an empty directory and a new number.
  func removeMember(_ order: FaultOrder) throws(HarnessError) -> Wound {
    let node = order.targets[0]
    let number = cluster.memberNumber(of: node)
    return change(order) { [self] () throws(HarnessError) in
      while !(await cluster.removeMember(number)) { try await pauseUnlessOver() }
      try hold(node)
      NodeFiles(folder: cluster.dataFolder(of: node)).wipe()
      let successor = number + ProcessCluster.numberStep
      try await join(node, as: successor, replacing: nil)
      return "n\(node) removed as member \(number) and joined as \(successor)"
    }
  }

  /// Waits for changes under way; all else must be healed.
  func finishChanges() async throws(HarnessError) {
    let changes = self.changes
    self.changes = []
    let watch = Task { @MainActor in
      await Self.sleep(milliseconds: UInt64(Self.patienceMilliseconds))
      for change in changes where !Task.isCancelled { change.cancel() }
    }
    var problem: HarnessError?
    for change in changes { problem = await change.value ?? problem }
    watch.cancel()
    if let problem { throw problem }
  }

  private func change(
    _ order: FaultOrder,
    _ acts: @escaping @MainActor () async throws(HarnessError) -> String
  ) -> Wound {
    let node = order.targets[0]
    guard changing.insert(node).inserted else {
      return .none("n\(node) is on its way already")
    }
    let wound = Wound(targets: [node], words: "under way") { () throws(HarnessError) in }
    changes.append(
      Task { @MainActor [self] () -> HarnessError? in
        defer { changing.remove(node) }
        do throws(HarnessError) { wound.words = try await acts() } catch { return error }
        return nil
      }
    )
    return wound
  }

  /// Makes a directory, has it taken in, and starts the node.
  private func join(
    _ node: Int,
    as number: Int,
    replacing replaced: Int?
  ) async throws(HarnessError) {
    var newcomer = NewNode(
      id: UInt32(number),
      incarnation: 0,
      address: cluster.plan.clientAddress(of: node),
      peerAddress: cluster.plan.peerAddress(of: node)
    )
    newcomer.replaces = replaced.map(UInt32.init)
    while !(await isTakenIn(&newcomer, node)) { try await pauseUnlessOver() }
    cluster.numbers[node] = number
    if downs[node] == nil { try cluster.start(node) } else { try release(node) }
    // Until it votes its place is taken by two, and nobody can take it a second time.
    while !(await cluster.isVoter(number)) { try await pauseUnlessOver() }
  }

  /// Tries to have a newcomer taken in, whose directory may have to be made before.
  private func isTakenIn(_ newcomer: inout NewNode, _ node: Int) async -> Bool {
    guard newcomer.incarnation == 0 else { return await cluster.addMember(newcomer) }
    let folder = cluster.dataFolder(of: node)
    var words = ["server", "init", "--join", cluster.plan.url, "--id", "\(newcomer.id)"]
    words += ["--listen", newcomer.address, "--data", folder]
    if let replaced = newcomer.replaces { words += ["--replace", "\(replaced)"] }
    let log = cluster.plan.folder + "/join.log"
    Folder.remove(log)
    do throws(HarnessError) {
      try await Tool.run(cluster.plan.binary(of: node), words, log: log)
      return true
    } catch {
      // The directory may be made, and only its membership undecided: the hint names it.
      newcomer.incarnation = Self.incarnation(in: Folder.text(of: log)) ?? 0
      if newcomer.incarnation == 0 { NodeFiles(folder: folder).wipe() }
      return false
    }
  }

  private func pauseUnlessOver() async throws(HarnessError) {
    if Task.isCancelled { throw .notWritable(seconds: Self.patienceMilliseconds / 1_000) }
    await Self.sleep(milliseconds: Self.pauseMilliseconds)
  }

  private static func incarnation(in text: String) -> UInt64? {
    let word = "--incarnation "
    guard let place = text.range(of: word) else { return nil }
    return UInt64(text[place.upperBound...].prefix { $0.isHexDigit }, radix: 16)
  }
}
