/// Carries out faults on a running cluster, knows what is broken, and heals everything.
@MainActor
package final class Nemesis {
  /// An order under way.
  private struct Running {
    let order: FaultOrder
    let wound: Wound
    var effect: FaultEffect
    let callsAtBegin: Int
  }

  /// The cluster that suffers.
  package let cluster: ProcessCluster
  /// What connects its nodes; nil where they dial each other directly.
  package let network: (any ClusterNetwork)?
  /// How many calls clients have under way: a fault that nobody's call met with was not felt.
  package var callsUnderWay: @MainActor () -> Int = { 0 }

  /// How many faults keep a node down, or stopped: it goes on when the last of them has ended.
  var downs: [Int: Int] = [:]
  var pauses: [Int: Int] = [:]
  /// How many faults cut a link, and what frames meet with on it.
  var cuts: [Link: Int] = [:]
  var accidents: [Link: LinkFaults] = [:]
  /// Small disks, by where they are mounted.
  var mounts: [String] = []
  /// Nodes whose directory is being changed, and changes of members under way.
  var changing: Set<Int> = []
  var changes: [Task<HarnessError?, Never>] = []
  private var running: [Running] = []
  private let began = ContinuousClock.now

  /// A nemesis whose clock starts now; the nodes have still to be started.
  package init(cluster: ProcessCluster, network: (any ClusterNetwork)? = nil) {
    self.cluster = cluster
    self.network = network
    guard let network else { return }
    for node in 1...cluster.plan.nodesCount {
      cluster.startPrefix[node] = network.prefix(of: node)
      cluster.startWords[node] = network.startWords(of: node)
    }
  }

  /// The time since the start, in milliseconds.
  package var now: Int {
    let (seconds, attoseconds) = (ContinuousClock.now - began).components
    return Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000)
  }

  /// What lasts at the moment.
  package var effects: [FaultEffect] { running.map(\.effect) }

  /// Begins a fault.
  ///
  /// - Throws: What keeps it from happening, such as a tool that is missing.
  package func begin(_ order: FaultOrder) async throws(HarnessError) -> FaultEffect {
    let calls = callsUnderWay()
    let from = now
    let wound = try await inflict(order)
    var effect = FaultEffect(
      kind: order.kind,
      targets: wound.targets,
      from: from,
      to: nil,
      feltCount: 0,
      words: wound.words
    )
    effect.take(wound, calls: calls)
    running.append(
      Running(order: order, wound: wound, effect: effect, callsAtBegin: calls)
    )
    return effect
  }

  /// Ends a fault that began; nil if it did not.
  package func end(_ order: FaultOrder) async throws(HarnessError) -> FaultEffect? {
    guard let place = running.firstIndex(where: { $0.order == order }) else { return nil }
    let ended = running.remove(at: place)
    let calls = max(ended.callsAtBegin, callsUnderWay())
    try await ended.wound.heal()
    var effect = ended.effect
    effect.to = now
    effect.take(ended.wound, calls: calls)
    return effect
  }

  /// Ends every fault, and brings back whatever is down or stopped for another reason.
  ///
  /// - Parameter tell: Hears what those came to that still lasted.
  /// - Throws: The first problem, after everything has been tried.
  package func healAll(
    telling tell: @MainActor (FaultEffect) -> Void = { _ in }
  ) async throws(HarnessError) {
    var problem: HarnessError?
    for order in running.map(\.order) {
      do throws(HarnessError) {
        if let effect = try await end(order) { tell(effect) }
      } catch {
        problem = problem ?? error
      }
    }
    downs = [:]
    pauses = [:]
    do throws(HarnessError) { try healNetwork() } catch { problem = problem ?? error }
    // A node that is on its way to become another member has nothing to start from yet.
    for node in 1...cluster.plan.nodesCount where !changing.contains(node) {
      do throws(HarnessError) {
        try cluster.resume(node)
        if cluster.state(of: node) == .down { try cluster.start(node) }
      } catch { problem = problem ?? error }
    }
    do throws(HarnessError) { try await finishChanges() } catch { problem = problem ?? error }
    if let problem { throw problem }
  }

  /// Gets ready what some kinds need before nodes are started.
  ///
  /// - Throws: `HarnessError.cannotInflict`: what is missing, and how to get it.
  package func prepare(for kinds: [FaultKind]) async throws(HarnessError) {
    if let kind = kinds.first(where: { [.partition, .link].contains($0.lane) }) {
      _ = try network(for: kind)
    }
    for kind in [FaultKind.diskSlow, .diskHung] where kinds.contains(kind) {
      _ = try Tool.path("strace", package: "strace", for: kind)
    }
    if kinds.contains(.clockRate) { _ = try Self.clockLibrary(for: .clockRate) }
    if kinds.contains(.clockJump) { try prepareClocks() }
    if kinds.contains(.diskFull) { try await mountSmallDisks() }
  }

  /// Leaves nothing behind; the nodes must be down.
  package func remove() {
    unmountSmallDisks()
    network?.remove()
  }

  /// Where the words of tools go.
  var toolLog: String { cluster.plan.folder + "/tools.log" }

  /// The one place that knows what each kind does.
  private func inflict(_ order: FaultOrder) async throws(HarnessError) -> Wound {
    switch order.kind {
    case .kill, .killMajority, .powerLoss: return try down(order.targets)
    case .killLeader: return try down(await leaderOrAnybody(order))
    case .pause: return try stop(order.targets)
    case .pauseLeader: return try stop(await leaderOrAnybody(order))
    case .restartStorm: return storm(order)
    case .rollingRestart: return restartInTurn(order)
    case .transferLeader: return await transfer(order)
    case .partitionHalves: return try cut(PartitionShape.halves(order.targets), order)
    case .partitionMajorityRing: return try cut(PartitionShape.majorityRing(order.targets), order)
    case .partitionBridge: return try cut(PartitionShape.bridge(order.targets), order)
    case .partitionOneWay: return try cut(PartitionShape.oneWay(order.targets), order)
    case .partitionLeader: return try await cutLeader(order)
    case .partitionRandom: return try cutRandomly(order)
    case .partitionFlapping: return try flap(order)
    case .partitionSwizzle: return try swizzle(order)
    case .linkDelay: return try accidents(order) { $0.delayMilliseconds = order.amount }
    case .linkLoss: return try accidents(order) { $0.lossPercent = order.amount }
    case .linkDuplicate: return try accidents(order) { $0.duplicatePercent = order.amount }
    case .linkCorrupt: return try accidents(order) { $0.corruptPercent = order.amount }
    case .linkTruncate: return try accidents(order) { $0.truncatePercent = order.amount }
    case .linkReplay: return try accidents(order) { $0.replayPercent = order.amount }
    case .linkSlowReader: return try accidents(order) { $0.bytesPerSecond = order.amount << 10 }
    case .clockJump: return try jumpClock(order)
    case .clockRate: return try bendClock(order)
    case .diskSlow: return try await slowDisk(order, milliseconds: order.amount)
    case .diskHung: return try await slowDisk(order, milliseconds: nil)
    case .diskFull: return try fillDisk(order)
    case .fileCorrupt: return try corruptFiles(order)
    case .fileTruncate: return try truncateFile(order)
    case .diskWipe: return try wipeDisk(order)
    case .diskRollback: return try rollBackDisk(order)
    case .memberRemove: return try removeMember(order)
    case .memberReplace: return try replaceMember(order)
    }
  }
}

extension FaultEffect {
  /// Takes over what a wound says by now, with the calls that were under way.
  @MainActor
  fileprivate mutating func take(_ wound: Wound, calls: Int) {
    targets = wound.targets
    words = wound.words
    hasHappened = wound.hasHappened
    feltCount = hasHappened ? wound.feltCount?() ?? calls : 0
  }
}
