/// What a run does: a cluster, clients, and for how long.
package struct RunPlan: Sendable {
  /// What the nodes are safe from.
  package var mode = ClusterMode.raft
  /// What the last nodes are instead, where some lie.
  package var liars: [ProcessCluster.Liar] = []
  /// Whether clients ask each node for its own state first, in mode `bft`.
  package var readsFast = false
  /// How many nodes.
  package var nodes = 3
  /// What connects them.
  package var network = NetworkKind.proxies
  /// What clients do.
  package var workload: any Workload.Type = KeyValueWorkload.self
  /// What is done to the cluster.
  package var faults = RunFaults.none
  /// Chance: the same seed gives the same faults, and the same choices of each client.
  package var seed: UInt64 = 1
  /// How long clients call, the quiet time not counted.
  package var seconds = 60
  /// How long they go on when all is healed, and within which everything must recover.
  package var quietSeconds = 10
  /// Clients, each with a session and one call at a time.
  package var clients = 10
  /// Calls that each client begins in a second, 0 for as many as it can; nil: as the faults want
  /// it, else 20.
  package var rate: Int?
  /// How long a call may take, in milliseconds.
  package var timeoutMilliseconds = 3_000
  /// How much a node's log grows between two snapshots, as `server start` takes it; nil: as the
  /// faults want it.
  package var snapshotAfter: String?
  /// The program of each node; fewer than nodes are used in turn.
  package var binaries: [String]
  /// The number from which ports are counted.
  package var basePort = 8_000
  /// Where everything is written.
  package var folder: String

  /// The nodes that lie: the last ones.
  package var lyingNodes: Set<Int> { Set((1...nodes).suffix(liars.count)) }

  /// The names of all lies.
  package var lies: String { liars.map(\.lie).joined(separator: ",") }

  /// Calls that each client begins in a second; 0 is as many as it can.
  package var callsPerSecond: Int { rate ?? faults.rate ?? Self.usualRate }

  /// Whether the faults ask for a rate, and somebody wants another.
  package var isRateOverruled: Bool {
    guard let asked = faults.rate, let rate else { return false }
    return rate != asked
  }

  private static let usualRate = 20
  /// How long clients meet on the same keys.
  static let roundSeconds = 5

  /// A plan.
  package init(binaries: [String], folder: String) {
    self.binaries = binaries
    self.folder = folder
  }
}
