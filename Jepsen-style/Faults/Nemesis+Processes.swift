import Consensus

extension Nemesis {
  private static let stormMilliseconds: Range<UInt64> = 50..<500

  /// Keeps nodes down until the fault is healed.
  func down(_ nodes: [Int]) throws(HarnessError) -> Wound {
    var struck: [Int] = []
    for node in nodes {
      let hasRun = try hold(node)
      if hasRun { struck.append(node) }
    }
    let wound = Wound(targets: struck, words: "killed") { [self] () throws(HarnessError) in
      for node in nodes { try release(node) }
    }
    if struck.isEmpty { wound.comeToNothing("down already") }
    return wound
  }

  /// Keeps a node down; whether it had to be killed for it.
  @discardableResult
  func hold(_ node: Int) throws(HarnessError) -> Bool {
    let hasRun = cluster.state(of: node) != .down
    downs[node, default: 0] += 1
    try cluster.kill(node)
    return hasRun
  }

  /// Starts a node again, unless another fault keeps it down.
  func release(_ node: Int) throws(HarnessError) {
    guard let holders = downs[node] else { return }
    downs[node] = holders > 1 ? holders - 1 : nil
    if holders == 1 { try cluster.start(node) }
  }

  /// Stops nodes until the fault is healed.
  func stop(_ nodes: [Int]) throws(HarnessError) -> Wound {
    var struck: [Int] = []
    for node in nodes {
      if cluster.state(of: node) == .running { struck.append(node) }
      pauses[node, default: 0] += 1
      try cluster.pause(node)
    }
    let wound = Wound(targets: struck, words: "stopped") { [self] () throws(HarnessError) in
      for node in nodes {
        guard let holders = pauses[node] else { continue }
        pauses[node] = holders > 1 ? holders - 1 : nil
        if holders == 1 { try cluster.resume(node) }
      }
    }
    if struck.isEmpty { wound.comeToNothing("down or stopped already") }
    return wound
  }

  /// Restarts nodes as long as the fault lasts.
  func storm(_ order: FaultOrder) -> Wound {
    var random = RandomSource(seed: order.seed)
    return meanwhile(order.targets, "restarted again and again") {
      [self] (wound) throws(HarnessError) in
      var kills = 0
      defer { if kills == 0 { wound.comeToNothing("down all the time") } }
      while !Task.isCancelled {
        for node in order.targets { kills += try hold(node) ? 1 : 0 }
        await Self.sleep(milliseconds: random.number(in: Self.stormMilliseconds))
        for node in order.targets { try release(node) }
        await Self.sleep(milliseconds: random.number(in: Self.stormMilliseconds))
      }
    }
  }

  /// Restarts each node once; in a mix of builds it comes back as the next one.
  func restartInTurn(_ order: FaultOrder) -> Wound {
    let pause = UInt64(order.lasts / max(1, order.targets.count))
    return meanwhile(order.targets, "restarted one by one") {
      [self] (wound) throws(HarnessError) in
      var restarts = 0
      defer { if restarts == 0 { wound.comeToNothing("all were down") } }
      for node in order.targets where !Task.isCancelled && downs[node] == nil {
        restarts += 1
        try await cluster.askToEnd(node)
        cluster.changesOfBuild[node, default: 0] += 1
        if downs[node] == nil { try cluster.start(node) }
        await Self.sleep(milliseconds: pause)
      }
    }
  }

  /// Hands leadership over; a cluster that cannot is left as it is.
  func transfer(_ order: FaultOrder) async -> Wound {
    let before = await cluster.leader()
    guard let node = order.targets.first, before != node,
      await cluster.transferLeadership(to: node)
    else { return .none("leadership was not handed over") }
    let words = "leadership handed from \(before.map { "n\($0)" } ?? "nobody") to n\(node)"
    return Wound(targets: order.targets, words: words) { () throws(HarnessError) in }
  }

  /// The leader; where nobody says that he leads, a node by the dice.
  func leaderOrAnybody(_ order: FaultOrder) async -> [Int] {
    if let leader = await cluster.leader() { return [leader] }
    var random = RandomSource(seed: order.seed)
    return [1 + random.number(below: cluster.plan.nodesCount)]
  }

  /// A fault that goes on acting until it is healed; what it cannot do it says then.
  func meanwhile(
    _ targets: [Int],
    _ words: String,
    _ acts: @escaping @MainActor (Wound) async throws(HarnessError) -> Void
  ) -> Wound {
    let wound = Wound(targets: targets, words: words) { () throws(HarnessError) in }
    let task = Task { @MainActor () -> HarnessError? in
      do throws(HarnessError) { try await acts(wound) } catch { return error }
      return nil
    }
    wound.heal = { () throws(HarnessError) in
      task.cancel()
      if let problem = await task.value { throw problem }
    }
    return wound
  }

  /// Waits, whether or not the task is cancelled.
  static func sleepInFull(milliseconds: UInt64) async {
    let pause = Task.detached { try? await Task.sleep(for: .milliseconds(milliseconds)) }
    await pause.value
  }

  /// Waits, or returns at once if the task is cancelled.
  static func sleep(milliseconds: UInt64) async {
    try? await Task.sleep(for: .milliseconds(milliseconds))
  }
}
