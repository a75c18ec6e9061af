import Glibc
import JepsenHarness

/// The flags by which a run is planned.
enum RunOptions {
  private static let usualSeconds = 60

  static let all = [
    Option(
      "nodes",
      .number(1...ProcessCluster.nodesMax),
      "how many nodes (default: 3, or 4 in mode bft)"
    ),
    Option("seed", .number(0...Int.max), "chance: the same seed, the same schedule (default: new)"),
    Option("clients", .number(1...500), "clients, each with one call at a time", fallback: "10"),
    Option(
      "rate",
      .number(0...100_000),
      "calls of each client a second; 0: all it can (default: 20, or the combination's)"
    ),
    Option(
      "timeout",
      .duration(.milliseconds, 50...600_000),
      "how long a call may take; a bare number is milliseconds",
      fallback: "3s"
    ),
    Option(
      "quiet",
      .duration(.seconds, 1...3_600),
      "quiet at the end, in whole seconds, as a bare number is",
      fallback: "10s"
    ),
    Option(
      "binary",
      .text("PATH,…"),
      "the lockstep of each node, used in turn (default: beside this)"
    ),
    Option(
      "snapshot-after",
      .text("SIZE"),
      "a node's log grows by this between snapshots (default: as it ships, or the combination's)"
    ),
    Option(
      "network",
      .text("KIND"),
      "proxies, or namespaces: cuts below TCP; needs root and iproute2, one run at a time",
      fallback: NetworkKind.proxies.rawValue
    ),
    Option("base-port", .number(1_024...65_000), "ports are counted from here", fallback: "8000"),
    Option("out", .text("DIR"), "a new folder for everything (default: jepsen-SEED)"),
  ]

  static func plan(_ orders: Orders, nodes: Int) throws(Failure) -> RunPlan {
    let seed = orders.text("seed") == nil ? Int.random(in: 1..<1_000_000) : orders.number("seed")
    let binaries = try binaries(orders)
    var plan = RunPlan(binaries: binaries, folder: orders.text("out") ?? "jepsen-\(seed)")
    plan.seed = UInt64(seed)
    plan.nodes = nodes
    plan.clients = orders.number("clients")
    plan.rate = orders.text("rate") == nil ? nil : orders.number("rate")
    plan.timeoutMilliseconds = orders.number("timeout")
    plan.quietSeconds = orders.number("quiet")
    plan.basePort = orders.number("base-port")
    plan.network = try network(orders)
    plan.snapshotAfter = orders.text("snapshot-after")
    plan.seconds = try seconds(orders)
    guard !Folder.exists(plan.folder) else {
      throw .usage("--out: \(plan.folder) exists already", hint: "name a folder that does not")
    }
    return plan
  }

  private static func seconds(_ orders: Orders) throws(Failure) -> Int {
    guard orders.text("minutes") != nil else {
      return orders.text("seconds") == nil ? usualSeconds : orders.number("seconds")
    }
    guard orders.text("seconds") == nil else { throw .usage("either --seconds or --minutes") }
    return orders.number("minutes") * 60
  }

  private static func network(_ orders: Orders) throws(Failure) -> NetworkKind {
    let name = orders.text("network") ?? ""
    guard let kind = NetworkKind(rawValue: name) else {
      throw .usage("--network: '\(name)' is neither proxies nor namespaces")
    }
    return kind
  }

  /// Refuses faults that the network of a plan cannot have.
  static func check(_ plan: RunPlan) throws(Failure) {
    guard let kind = plan.faults.kinds.first(where: { !plan.network.canHave($0) }) else { return }
    throw .usage(
      "no \(kind.rawValue) with --network \(plan.network.rawValue): packets cannot be told apart",
      hint: "--network proxies"
    )
  }

  static func workload(_ name: String) throws(Failure) -> any Workload.Type {
    guard let found = WorkloadCatalogue.named(name) else {
      throw .usage("--workload: there is no '\(name)'", hint: "lockstep-jepsen list")
    }
    return found
  }

  /// The faults that --nemesis and --combination name.
  static func faults(_ orders: Orders) throws(Failure) -> RunFaults {
    let names = orders.list("nemesis")
    if let name = orders.text("combination") {
      guard names.isEmpty else {
        throw .usage("either --nemesis or --combination", hint: "lockstep-jepsen list")
      }
      guard let recipe = FaultRecipe.named(name) else {
        throw .usage("--combination: there is no '\(name)'", hint: "lockstep-jepsen list")
      }
      return .recipe(recipe)
    }
    var kinds: [FaultKind] = []
    for name in names {
      guard let kind = FaultKind(rawValue: name) else {
        throw .usage("--nemesis: there is no '\(name)'", hint: "lockstep-jepsen list")
      }
      kinds.append(kind)
    }
    return kinds.isEmpty ? .none : .kinds(kinds)
  }

  private static func binaries(_ orders: Orders) throws(Failure) -> [String] {
    var paths = orders.list("binary")
    if paths.isEmpty { paths = [besideThis("lockstep")] }
    for path in paths where !Folder.exists(path) {
      throw .usage(
        "--binary: there is no \(path)",
        hint: "swift build -c release --product lockstep"
      )
    }
    return paths
  }

  static func besideThis(_ name: String) -> String {
    var buffer = [CChar](repeating: 0, count: 4_096)
    // `readlink` fills at most the buffer's own bytes and tells how many.
    let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
    let own = String(
      decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) },
      as: UTF8.self
    )
    return own.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/\(name)"
  }
}
