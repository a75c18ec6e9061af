import Glibc

/// Each node in a network namespace of its own, on a bridge; needs root.
///
/// A cut loses packets: whoever speaks holds a wrong hardware address of the other, and nobody
/// takes what is sent there. TCP on both sides notices, and no handshake comes through either.
/// Clients, beside the bridge, reach everybody.
@MainActor
package final class NamespaceNetwork: ClusterNetwork {
  /// The first three numbers of all addresses.
  nonisolated package static let network = "10.86.77"
  private static let bridge = "lsj-bridge"
  private static let nowhere = "02:00:00:00:00:fe"

  private let nodes: Int
  private let tool: String
  /// Whose run it is: names of namespaces are the same in each.
  private let lock: Int32
  private var cut: Set<Link> = []

  /// A network for so many nodes.
  ///
  /// - Throws: `HarnessError.noNamespaces`: who runs this is not root, or the kernel refuses.
  package init(nodes: Int) throws(HarnessError) {
    guard geteuid() == 0 else { throw .noNamespaces(reason: "this needs root; use proxies") }
    self.nodes = nodes
    do throws(HarnessError) {
      tool = try Tool.path("ip", package: "iproute2", for: .partitionHalves)
    } catch {
      throw .noNamespaces(reason: "ip is missing; apt-get install iproute2")
    }
    lock = unsafe open(Self.lockFile, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
    guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      close(lock)
      throw .noNamespaces(reason: "another run has them, or \(Self.lockFile) cannot be written")
    }
    removeAll()
    do throws(HarnessError) { try make() } catch {
      remove()
      throw error
    }
  }

  /// Where a node is, in its namespace.
  package static func host(of node: Int) -> String { "\(network).\(node)" }

  /// Packets are alike: links can only be cut.
  package var hasAccidents: Bool { false }

  /// Cuts a link, or mends it.
  package func use(_ faults: LinkFaults, on link: Link) throws(HarnessError) {
    guard faults.isCut != cut.contains(link) else { return }
    try point(link, at: faults.isCut ? Self.nowhere : Self.card(of: link.to))
    if faults.isCut { cut.insert(link) } else { cut.remove(link) }
  }

  /// Nobody counts packets here; whether calls were under way tells if a cut was felt.
  package func counts(of link: Link) -> LinkCounts { LinkCounts() }

  /// Nothing: the others are where the cluster says.
  package func startWords(of node: Int) -> [String] { [] }

  /// Brings a node's program into its namespace.
  package func prefix(of node: Int) -> [String] { [tool, "netns", "exec", Self.name(of: node)] }

  /// Removes namespaces and bridge, and lets another run have them.
  package func remove() {
    removeAll()
    flock(lock, LOCK_UN)
  }

  deinit { close(lock) }

  private func removeAll() {
    for node in 1...nodes {
      _ = status(["netns", "del", Self.name(of: node)])
      _ = status(["link", "del", "lsj-h\(node)"])
    }
    _ = status(["link", "del", Self.bridge])
  }

  private static let lockFile = "/run/lockstep-jepsen.lock"

  private static func name(of node: Int) -> String { "lsj-\(node)" }

  private static func card(of node: Int) -> String { "02:00:00:00:01:0\(node)" }

  private func make() throws(HarnessError) {
    try run(["link", "add", Self.bridge, "type", "bridge"])
    try run(["address", "add", "\(Self.network).254/24", "dev", Self.bridge])
    try run(["link", "set", Self.bridge, "up"])
    for node in 1...nodes {
      let name = Self.name(of: node)
      try run(["netns", "add", name])
      try run([
        "link", "add", "lsj-h\(node)", "type", "veth", "peer", "name", "eth0", "address",
        Self.card(of: node), "netns", name,
      ])
      try run(["link", "set", "lsj-h\(node)", "master", Self.bridge, "up"])
      try run(["-netns", name, "address", "add", "\(Self.host(of: node))/24", "dev", "eth0"])
      try run(["-netns", name, "link", "set", "eth0", "up"])
      try run(["-netns", name, "link", "set", "lo", "up"])
    }
    for link in Link.all(nodes: nodes) { try point(link, at: Self.card(of: link.to)) }
  }

  /// Says to which hardware address the one that speaks sends what is for the other.
  private func point(_ link: Link, at card: String) throws(HarnessError) {
    try run([
      "-netns", Self.name(of: link.from), "neigh", "replace", Self.host(of: link.to), "lladdr",
      card, "dev", "eth0", "nud", "permanent",
    ])
  }

  private func run(_ words: [String]) throws(HarnessError) {
    guard status(words) == 0 else {
      throw .noNamespaces(reason: "'ip \(words.joined(separator: " "))' fails")
    }
  }

  /// The status of `ip`, which takes milliseconds.
  private func status(_ words: [String]) -> Int32 {
    let null = ChildProcess.Stream.file("/dev/null")
    do throws(HarnessError) {
      let child = try ChildProcess(tool, words, output: null, errors: null)
      if case .exited(let status) = child.waitForEnd() { return status }
      return -1
    } catch {
      return -1
    }
  }
}
