import Consensus

@testable import Raft

/// What random runs have in common: chance, a cluster, and messages that come again.
struct FaultDriver {
  let cluster: TestCluster
  var random: RandomSource
  private var sequence: UInt64 = 0
  /// Messages seen, to be delivered again at any time.
  private var museum: [(link: TestCluster.Link, message: RaftMessage)] = []

  init(seed: UInt64, _ cluster: (inout RandomSource, RaftOptions) -> TestCluster) {
    random = RandomSource(seed: seed)
    var options = RaftOptions()
    if random.oneIn(2) { options.appendSizeMax = 1 }
    self.cluster = cluster(&random, options)
  }

  /// Takes steps, each about a node, as long as nothing is wrong.
  mutating func take(steps: Int, _ step: (inout FaultDriver, _ node: Int) -> Void) {
    for _ in 0..<steps where cluster.violations.isEmpty {
      step(&self, random.number(below: cluster.count) + 1)
      cluster.trace = []
    }
  }

  mutating func deliverSomething() {
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

  mutating func replay() {
    guard !museum.isEmpty else { return }
    let (link, message) = museum[random.number(below: museum.count)]
    cluster.call(link.to) { $0.receive(message, from: .node(link.from)) }
  }

  mutating func submit(to node: Int) {
    sequence += 1
    let request = ClientRequest.fixture("v\(sequence)", sequence: sequence)
    cluster.call(node) { $0.submit(.request(request)) }
  }

  mutating func holdOrRelease(_ node: Int) {
    cluster.nodes[node - 1].isSyncHeld = random.oneIn(2)
    if !cluster.nodes[node - 1].isSyncHeld { cluster.sync(node) }
  }

  mutating func cutOrHeal() {
    let link = cluster.links[random.number(below: cluster.links.count)]
    if random.oneIn(2) { cluster.cuts.insert(link) } else { cluster.cuts = [] }
  }

  /// Starts a node that does not run.
  func restart(_ node: Int) {
    if cluster.core(node) == nil { cluster.start(node) }
  }

  /// Everything works again, for a while.
  func heal(milliseconds: Int) {
    cluster.cuts = []
    for node in 1...cluster.count {
      cluster.nodes[node - 1].isSyncHeld = false
      restart(node)
      cluster.call(node) { $0.journalHasRoom(true) }
      cluster.sync(node)
    }
    cluster.run(milliseconds: milliseconds)
  }

  /// The only leader is asked for a last write.
  /// - Returns: What is wrong if there is none.
  func write(milliseconds: Int) -> String? {
    guard let leader = cluster.leading.first, cluster.leading.count == 1 else {
      return "leaders: \(cluster.leading)"
    }
    cluster.call(leader) { $0.submit(.request(.fixture("end", sequence: 999_999))) }
    cluster.run(milliseconds: milliseconds)
    return nil
  }

  /// Whether these nodes have applied the same, up to the last write.
  /// - Returns: What is wrong if they have not.
  func compareApplied(_ nodes: [Int]) -> String? {
    let applied = nodes.map { cluster.nodes[$0 - 1].applied }
    guard applied.allSatisfy({ $0 == applied[0] && $0.last == "end" }) else {
      return "applied: \(applied.map(\.count)), \(applied.map { $0.last ?? "" })"
    }
    return nil
  }
}
