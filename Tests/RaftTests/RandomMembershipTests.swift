import Consensus
import XCTest

@testable import Raft

/// Members come, go and are replaced while messages are lost and nodes crash.
///
/// `SEED=42 swift test --filter RandomMembershipTests` repeats one run, `SEEDS=5000` runs more.
final class RandomMembershipTests: XCTestCase {
  func test_cluster_whenMembersChangeUnderFaults_staysSafeAndRecovers() {
    let seeds = Seeds.numbers(75)
    var changes = 0
    for seed in seeds {
      var driver = FaultDriver(seed: seed) { random, options in
        TestCluster(1 + random.number(below: 3), joiners: 4, options: options)
      }

      driver.take(steps: 800, Self.step)
      driver.heal(milliseconds: 3_000)
      let outcome = Self.settle(driver)

      XCTAssertEqual(driver.cluster.violations, [], "seed \(seed)")
      XCTAssertNil(outcome, "seed \(seed)")
      changes += driver.cluster.changesDone
    }
    XCTAssertGreaterThan(changes, seeds.count, "changes go through in spite of the faults")
  }

  private static func step(_ driver: inout FaultDriver, _ node: Int) {
    let cluster = driver.cluster
    switch driver.random.number(below: 100) {
    case 0..<50: driver.deliverSomething()
    case 50..<66: cluster.run(milliseconds: 10 * (1 + driver.random.number(below: 8)))
    case 66..<72: driver.submit(to: cluster.leading.first ?? node)
    case 72..<82: change(at: driver.random.oneIn(5) ? node : cluster.leading.last ?? node, &driver)
    case 82..<84: cluster.call(node) { $0.fireElectionTimer() }
    case 84..<86: cluster.crash(node)
    case 86..<91: driver.restart(node)
    case 91..<93: driver.replay()
    case 93..<97: driver.cutOrHeal()
    case 97..<98: cluster.call(node) { $0.submit(.transfer(to: nil)) }
    default: driver.holdOrRelease(node)
    }
  }

  private static func change(at node: Int, _ driver: inout FaultDriver) {
    let cluster = driver.cluster
    let subject = 1 + driver.random.number(below: cluster.count)
    let id = NodeID(UInt32(subject))
    let change: MembershipChange
    switch driver.random.number(below: 6) {
    case 0..<2: change = .add(.fixture(subject, promotesItself: !driver.random.oneIn(3)))
    case 2: change = .promote(id)
    case 3:
      let replaced = 1 + driver.random.number(below: cluster.count)
      change = .add(.fixture(subject, replaces: replaced))
    case 4: change = .remove(id)
    default:
      let port = driver.random.number(below: 1_000)
      change = .update(id, clientAddress: "c:\(port)", peerAddress: "p:\(port)")
    }
    cluster.call(node) { $0.submit(.reconfigure(change)) }
  }

  /// One leader, all members apply everything, changes come to an end, and nobody else disturbs.
  /// - Returns: What is wrong then.
  private static func settle(_ driver: FaultDriver) -> String? {
    let cluster = driver.cluster
    let leader = cluster.leading.first ?? 1
    let term = cluster.core(leader)?.currentTerm
    if let wrong = driver.write(milliseconds: 500) { return wrong }
    guard let core = cluster.core(leader), core.status.role == .leader, core.currentTerm == term
    else { return "the leader changed in peace" }
    let configuration = core.configuration
    guard !configuration.isJoint, core.configurationIndex <= core.commitIndex else {
      return "the change to \(configuration.text) never ends"
    }
    guard !configuration.learners.contains(where: \.promotesItself) else {
      return "never promoted: \(configuration.text)"
    }
    return driver.compareApplied(configuration.everybody.map { Int($0.member.id.rawValue) })
  }
}
