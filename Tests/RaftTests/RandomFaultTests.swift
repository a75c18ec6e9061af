import Consensus
import Foundation
import XCTest

@testable import Raft

/// Clusters under random loss, repetition, reordering, cuts, crashes and partial syncs.
///
/// `SEED=42 swift test --filter RandomFaultTests` repeats one run, `SEEDS=5000` runs more.
final class RandomFaultTests: XCTestCase {
  func test_cluster_whenAnythingFails_staysSafeAndRecovers() {
    let environment = ProcessInfo.processInfo.environment
    let only = environment["SEED"].flatMap { UInt64($0) }
    let count = environment["SEEDS"].flatMap { UInt64($0) } ?? 150
    for seed in only.map({ $0...$0 }) ?? 1...count {
      var run = RandomRun(seed: seed)

      run.breakThings(steps: 600)
      let outcome = run.heal()

      XCTAssertEqual(run.cluster.violations, [], "seed \(seed)")
      XCTAssertNil(outcome, "seed \(seed)")
    }
  }
}

private struct RandomRun {
  let cluster: TestCluster
  private var random: RandomSource
  private var sequence: UInt64 = 0
  /// Messages seen, to be delivered again at any time.
  private var museum: [(link: TestCluster.Link, message: RaftMessage)] = []

  init(seed: UInt64) {
    random = RandomSource(seed: seed)
    var options = RaftOptions()
    if random.oneIn(2) { options.appendSizeMax = 1 }
    cluster = TestCluster(random.oneIn(2) ? 3 : 5, options: options)
  }

  mutating func breakThings(steps: Int) {
    for _ in 0..<steps where cluster.violations.isEmpty {
      step()
      cluster.trace = []
    }
  }

  private mutating func step() {
    let node = random.number(below: cluster.count) + 1
    switch random.number(below: 100) {
    case 0..<55: deliverSomething()
    case 55..<67: cluster.tickAll(milliseconds: random.number(in: 1..<60))
    case 67..<74: submit(to: node)
    case 74..<80: cluster.sync(node, limit: random.number(below: 4))
    case 80..<84: holdOrRelease(node)
    case 84..<87: cluster.call(node) { $0.fireElectionTimer() }
    case 87..<89: cluster.crash(node)
    case 89..<93: if cluster.core(node) == nil { cluster.start(node) }
    case 93..<95: replay()
    case 95..<97: cutOrHeal()
    case 97..<98: cluster.call(node) { $0.submit(.transfer(to: nil)) }
    default: room(node)
    }
  }

  private mutating func deliverSomething() {
    let busy = cluster.links.filter { cluster.queues[$0]?.isEmpty == false }
    guard !busy.isEmpty else { return cluster.tickAll(milliseconds: 20) }
    let link = busy[random.number(below: busy.count)]
    guard var queue = cluster.queues[link] else { return }
    let place = random.oneIn(4) ? random.number(below: queue.count) : 0
    let message = queue.remove(at: place)
    cluster.queues[link] = queue.isEmpty ? nil : queue
    if random.oneIn(20) { museum.append((link, message)) }
    guard !cluster.cuts.contains(link), !random.oneIn(12) else { return }
    cluster.call(link.to) { $0.receive(message, from: .node(link.from)) }
  }

  private mutating func replay() {
    guard !museum.isEmpty else { return }
    let (link, message) = museum[random.number(below: museum.count)]
    cluster.call(link.to) { $0.receive(message, from: .node(link.from)) }
  }

  private mutating func submit(to node: Int) {
    sequence += 1
    let request = ClientRequest.fixture("v\(sequence)", sequence: sequence)
    cluster.call(node) { $0.submit(.request(request)) }
  }

  private mutating func holdOrRelease(_ node: Int) {
    cluster.nodes[node - 1].isSyncHeld = random.oneIn(2)
    if !cluster.nodes[node - 1].isSyncHeld { cluster.sync(node) }
  }

  private mutating func cutOrHeal() {
    let link = cluster.links[random.number(below: cluster.links.count)]
    if random.oneIn(2) { cluster.cuts.insert(link) } else { cluster.cuts = [] }
  }

  private mutating func room(_ node: Int) {
    let hasRoom = random.oneIn(2)
    cluster.call(node) { $0.journalHasRoom(hasRoom) }
  }

  /// Everything works again: one leader, everybody applies everything.
  /// - Returns: What is wrong then.
  mutating func heal() -> String? {
    cluster.cuts = []
    for node in 1...cluster.count {
      cluster.nodes[node - 1].isSyncHeld = false
      if cluster.core(node) == nil { cluster.start(node) }
      cluster.call(node) { $0.journalHasRoom(true) }
      cluster.sync(node)
    }
    cluster.run(milliseconds: 2_000)
    guard let leader = cluster.leading.first, cluster.leading.count == 1 else {
      return "leaders: \(cluster.leading)"
    }
    cluster.call(leader) { $0.submit(.request(.fixture("end", sequence: 999_999))) }
    cluster.run(milliseconds: 300)
    let applied = cluster.nodes.map(\.applied)
    guard applied.allSatisfy({ $0 == applied[0] && $0.last == "end" }) else {
      return "applied: \(applied.map(\.count)), \(applied.map { $0.last ?? "" })"
    }
    return nil
  }
}
