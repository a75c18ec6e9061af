import Consensus
import Foundation
import XCTest

@testable import Raft

/// Members come, go and are replaced while messages are lost and nodes crash.
///
/// `SEED=42 swift test --filter RandomMembershipTests` repeats one run, `SEEDS=5000` runs more.
final class RandomMembershipTests: XCTestCase {
  func test_cluster_whenMembersChangeUnderFaults_staysSafeAndRecovers() {
    let environment = ProcessInfo.processInfo.environment
    let only = environment["SEED"].flatMap { UInt64($0) }
    let count = environment["SEEDS"].flatMap { UInt64($0) } ?? 150
    var changes = 0
    for seed in only.map({ $0...$0 }) ?? 1...count {
      var run = MembershipRun(seed: seed)

      run.breakThings(steps: 800)
      let outcome = run.heal()

      XCTAssertEqual(run.cluster.violations, [], "seed \(seed)")
      XCTAssertNil(outcome, "seed \(seed)")
      changes += run.cluster.changesDone
    }
    XCTAssertGreaterThan(changes, Int(count), "changes go through in spite of the faults")
  }
}

private struct MembershipRun {
  let cluster: TestCluster
  private var random: RandomSource
  private var sequence: UInt64 = 0
  private var museum: [(link: TestCluster.Link, message: RaftMessage)] = []

  init(seed: UInt64) {
    random = RandomSource(seed: seed)
    var options = RaftOptions()
    if random.oneIn(2) { options.appendSizeMax = 1 }
    cluster = TestCluster(1 + random.number(below: 3), joiners: 4, options: options)
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
    case 0..<50: deliverSomething()
    case 50..<66: cluster.run(milliseconds: 10 * (1 + random.number(below: 8)))
    case 66..<72: submit(to: cluster.leading.first ?? node)
    case 72..<82: change(at: random.oneIn(5) ? node : cluster.leading.last ?? node)
    case 82..<84: cluster.call(node) { $0.fireElectionTimer() }
    case 84..<86: cluster.crash(node)
    case 86..<91: if cluster.core(node) == nil { cluster.start(node) }
    case 91..<93: replay()
    case 93..<97: cutOrHeal()
    case 97..<98: cluster.call(node) { $0.submit(.transfer(to: nil)) }
    default: holdOrRelease(node)
    }
  }

  private mutating func change(at node: Int) {
    let subject = 1 + random.number(below: cluster.count)
    let id = NodeID(UInt32(subject))
    let change: MembershipChange
    switch random.number(below: 6) {
    case 0..<2: change = .add(.fixture(subject, promotesItself: !random.oneIn(3)))
    case 2: change = .promote(id)
    case 3:
      let replaced = 1 + random.number(below: cluster.count)
      change = .add(.fixture(subject, replaces: replaced))
    case 4: change = .remove(id)
    default: change = .update(id, clientAddress: "c:\(sequence)", peerAddress: "p:\(sequence)")
    }
    cluster.call(node) { $0.submit(.reconfigure(change)) }
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

  /// Everything works again: one leader, all members apply everything, changes come to an end, and
  /// nobody else disturbs.
  /// - Returns: What is wrong then.
  mutating func heal() -> String? {
    cluster.cuts = []
    for node in 1...cluster.count {
      cluster.nodes[node - 1].isSyncHeld = false
      if cluster.core(node) == nil { cluster.start(node) }
      cluster.sync(node)
    }
    cluster.run(milliseconds: 3_000)
    guard let leader = cluster.leading.first, cluster.leading.count == 1,
      let core = cluster.core(leader)
    else { return "leaders: \(cluster.leading)" }
    cluster.call(leader) { $0.submit(.request(.fixture("end", sequence: 999_999))) }
    cluster.run(milliseconds: 500)
    guard let now = cluster.core(leader), now.status.role == .leader,
      now.currentTerm == core.currentTerm
    else { return "the leader changed in peace" }
    let configuration = now.configuration
    guard !configuration.isJoint, now.configurationIndex <= now.commitIndex else {
      return "the change to \(configuration.text) never ends"
    }
    guard !configuration.learners.contains(where: \.promotesItself) else {
      return "never promoted: \(configuration.text)"
    }
    let applied = configuration.everybody.map {
      cluster.nodes[Int($0.member.id.rawValue) - 1].applied
    }
    guard applied.allSatisfy({ $0 == applied[0] && $0.last == "end" }) else {
      return "applied: \(applied.map(\.count)), \(applied.map { $0.last ?? "" })"
    }
    return nil
  }
}
