import Glibc
import LockstepByzantineClient
import LockstepClient

/// A real cluster on this machine: one `lockstep` process a node, fixed ports, a folder of its own.
///
/// Node i listens on base + 10·(i − 1) + 1 for clients and on the next port for its peers; nodes
/// are numbered from 1. No process outlives the one that holds this value.
@MainActor
package final class ProcessCluster {
  /// A genesis file has no more members.
  nonisolated package static let nodesMax = 7

  /// What a cluster is made of.
  package struct Plan: Sendable {
    /// The program that is each node, unless `binaries` says otherwise.
    package var binary: String
    /// The programs of a mix of builds, node after node, beginning again where they are too few.
    package var binaries: [String] = []
    /// What the nodes are safe from.
    package var mode = ClusterMode.raft
    /// How many nodes: 3, 5 or 7 make sense, and 4 or 7 in mode `bft`.
    package var nodesCount: Int
    /// What the last nodes are instead, where some lie.
    package var liars: [Liar] = []
    /// The number from which the ports are counted.
    package var basePort: Int
    /// The folder of all data and logs; it is made if it does not exist.
    package var folder: String
    /// The first three numbers of the nodes' addresses, where each has one of its own; else all are
    /// on the loopback.
    package var network: String?

    /// A plan.
    package init(binary: String, nodesCount: Int, basePort: Int, folder: String) {
      self.binary = binary
      self.nodesCount = nodesCount
      self.basePort = basePort
      self.folder = folder
    }

    /// The program that a node is, or will be so many builds later.
    package func binary(of node: Int, later steps: Int = 0) -> String {
      if let liar = liar(at: node) { return liar.program }
      return binaries.isEmpty ? binary : binaries[(node - 1 + steps) % binaries.count]
    }

    /// What a node is instead, if it lies.
    package func liar(at node: Int) -> Liar? {
      let place = node - 1 - nodesCount + liars.count
      return liars.indices.contains(place) ? liars[place] : nil
    }

    /// Where clients reach a node.
    package func clientAddress(of node: Int) -> String {
      "\(host(of: node)):\(basePort + 10 * (node - 1) + 1)"
    }

    /// Where the other members reach a node.
    package func peerAddress(of node: Int) -> String {
      "\(host(of: node)):\(basePort + 10 * (node - 1) + 2)"
    }

    private func host(of node: Int) -> String { network.map { "\($0).\(node)" } ?? "127.0.0.1" }

    /// The addresses of all nodes, as clients want them.
    package var url: String { url() }

    /// The same for another database, and with options.
    package func url(_ database: String = "default", options: [String] = []) -> String {
      let addresses = (1...nodesCount).map { clientAddress(of: $0) }.joined(separator: ",")
      let files = mode == .raft ? [] : ["genesis=\(genesisFile)", "key=\(keyFolder)/client-1.key"]
      let all = (files + options).joined(separator: "&")
      return "lockstep://\(addresses)/\(database)" + (all.isEmpty ? "" : "?\(all)")
    }

    /// The file from which the members are made.
    var genesisFile: String { folder + "/genesis.json" }

    /// The private keys of nodes and clients in mode `bft`.
    var keyFolder: String { folder + "/keys" }
  }

  /// A node that lies.
  package struct Liar: Sendable {
    /// The program `lockstep-liar`.
    package let program: String
    /// What it is told to do, by a name that it knows.
    package let lie: String

    /// A program and its lie.
    package init(program: String, lie: String) {
      self.program = program
      self.lie = lie
    }
  }

  /// What a node's process is doing.
  package enum NodeState: Equatable, Sendable {
    /// It runs, or was never told otherwise.
    case running
    /// It was stopped by a signal and can be resumed.
    case paused
    /// It was killed, or ended.
    case down
  }

  /// What the cluster is made of.
  package let plan: Plan

  /// The command in front of a node's program, by an absolute path; it must become the program.
  package var startPrefix: [Int: [String]] = [:]
  /// Flags that a node is started with besides its own.
  package var startWords: [Int: [String]] = [:]

  /// How often a node's program was exchanged for that of the next node's build.
  var changesOfBuild: [Int: Int] = [:]

  /// The members' numbers of those nodes that have another than their own.
  var numbers: [Int: Int] = [:]

  private var children: [ChildProcess?]
  private var states: [NodeState]
  private var hasEndedByItself: [Bool]
  /// The last signal that was to end a node since it was started, or nil.
  private var toldToEnd: [Int32?]
  /// The nodes that ended without having been told to, from the beginning, whoever was started
  /// again since.
  private var ownEnds: [NodeEnd] = []
  private var client: Client?

  /// Makes genesis file and data directories, unless the folder has them from an earlier time.
  package init(_ plan: Plan) throws(HarnessError) {
    self.plan = plan
    children = Array(repeating: nil, count: plan.nodesCount)
    states = Array(repeating: .down, count: plan.nodesCount)
    hasEndedByItself = Array(repeating: false, count: plan.nodesCount)
    toldToEnd = Array(repeating: nil, count: plan.nodesCount)
    try Folder.make(plan.folder)
    if !Folder.exists(genesisFile) { try makeGenesis() }
    for node in 1...plan.nodesCount where !Folder.exists(dataFolder(of: node)) {
      var words = ["server", "init", "--genesis", genesisFile, "--id", "\(node)"]
      if plan.mode == .bft { words += ["--key", "\(plan.keyFolder)/node-\(node).key"] }
      try run(words, dataOf: node)
    }
  }

  /// The file from which the members were made.
  package var genesisFile: String { plan.genesisFile }

  /// What a node said.
  package func log(of node: Int) -> String { plan.folder + "/n\(node).log" }

  /// Where a node keeps what it stores.
  package func dataFolder(of node: Int) -> String { plan.folder + "/n\(node)" }

  /// The proofs of lies that a node keeps.
  package func evidence(of node: Int) -> [String] {
    let folder = dataFolder(of: node) + "/evidence"
    return Folder.names(in: folder).filter { $0.hasSuffix(".lsev") }.map { "\(folder)/\($0)" }
  }

  // MARK: - Processes

  /// Starts every node that is down.
  package func startAll() throws(HarnessError) {
    for node in 1...plan.nodesCount where states[node - 1] == .down { try start(node) }
  }

  /// Starts a node that is down.
  package func start(_ node: Int) throws(HarnessError) {
    try check(node)
    guard children[node - 1] == nil else { return }
    var words = (startPrefix[node] ?? [])
    words.append(plan.binary(of: node, later: changesOfBuild[node] ?? 0))
    words += ["server", "start", "--data", dataFolder(of: node)] + (startWords[node] ?? [])
    if let liar = plan.liar(at: node) { words += ["--lie", liar.lie] }
    let log = ChildProcess.Stream.file(log(of: node))
    let program = words.removeFirst()
    children[node - 1] = try Self.child(program, words, log)
    states[node - 1] = .running
    hasEndedByItself[node - 1] = false
    toldToEnd[node - 1] = nil
  }

  /// Ends a node without warning, as a power cut would.
  package func kill(_ node: Int) throws(HarnessError) {
    try check(node)
    guard let child = children[node - 1] else { return }
    // One that is gone already was not ended by this.
    if child.endIfAny() == nil { tell(node, SIGKILL) }
    noteEnd(child.waitForEnd(), of: node)
    children[node - 1] = nil
    states[node - 1] = .down
  }

  /// Asks a node to end, and kills it if it has not after three seconds.
  package func askToEnd(_ node: Int) async throws(HarnessError) {
    try check(node)
    guard state(of: node) != .down, let child = children[node - 1] else { return }
    child.signal(SIGCONT)
    tell(node, SIGTERM)
    for _ in 0..<300 where child.endIfAny() == nil {
      try? await Task.sleep(for: .milliseconds(10))
    }
    // Somebody may have killed it, and started it again, meanwhile.
    if children[node - 1] === child { try kill(node) }
  }

  /// Stops a node in the middle of whatever it does.
  package func pause(_ node: Int) throws(HarnessError) {
    try check(node)
    guard let child = children[node - 1] else { return }
    child.signal(SIGSTOP)
    states[node - 1] = .paused
  }

  /// Lets a paused node go on.
  package func resume(_ node: Int) throws(HarnessError) {
    try check(node)
    guard let child = children[node - 1], states[node - 1] == .paused else { return }
    child.signal(SIGCONT)
    states[node - 1] = .running
  }

  /// Ends all nodes: at first they are asked, and after two seconds they are killed.
  package func stopAll() {
    let running = (1...plan.nodesCount).filter { state(of: $0) != .down }
    for node in running {
      children[node - 1]?.signal(SIGCONT)
      tell(node, SIGTERM)
    }
    for _ in 0..<200 {
      if running.allSatisfy({ children[$0 - 1]?.endIfAny() != nil }) { break }
      usleep(10_000)
    }
    for node in running {
      guard let child = children[node - 1] else { continue }
      if child.endIfAny() == nil { tell(node, SIGKILL) }
      noteEnd(child.waitForEnd(), of: node)
    }
    children = Array(repeating: nil, count: plan.nodesCount)
    states = Array(repeating: .down, count: plan.nodesCount)
  }

  /// The first node that ended without being told to.
  package func firstFailure() -> HarnessError? {
    for node in 1...plan.nodesCount where state(of: node) == .down && hasEndedByItself[node - 1] {
      let log = log(of: node)
      return .ended(node: node, words: Folder.lastError(in: log), log: log)
    }
    return nil
  }

  /// The client of this cluster, connected when it is first needed; nil if no node answers.
  func connectedClient() async -> Client? {
    if client == nil {
      client = try? await Client.connect(
        anyMode: plan.url(options: ["timeout=1s", "name=harness"])
      )
    }
    return client
  }

  /// What a node's process is doing; one that ended by itself is noticed here.
  package func state(of node: Int) -> NodeState {
    guard (1...plan.nodesCount).contains(node) else { return .down }
    if let child = children[node - 1], let end = child.endIfAny() {
      noteEnd(end, of: node)
      children[node - 1] = nil
      states[node - 1] = .down
      hasEndedByItself[node - 1] = toldToEnd[node - 1] == nil
    }
    return states[node - 1]
  }

  /// The nodes that ended without having been told to; a liar's end says nothing of anybody.
  ///
  /// They stay here when they are started again: what heals everything starts whoever is down.
  package var unexpectedEnds: [NodeEnd] {
    for node in 1...plan.nodesCount { _ = state(of: node) }
    return ownEnds.filter { plan.liar(at: $0.node) == nil }
  }

  private func tell(_ node: Int, _ signal: Int32) {
    toldToEnd[node - 1] = signal
    children[node - 1]?.signal(signal)
  }

  /// Keeps an end that is not the one that the node was told to come to.
  private func noteEnd(_ end: ChildProcess.End, of node: Int) {
    let told = toldToEnd[node - 1]
    let isAsked = told == SIGTERM && end == .exited(0)
    guard !isAsked, told.map({ end == .signalled($0) }) != true else { return }
    let words = Folder.lastError(in: log(of: node))
    ownEnds.append(NodeEnd(node: node, end: end, words: words))
  }

  /// The process number of a node that runs.
  package func processID(of node: Int) -> Int32? {
    state(of: node) == .down ? nil : children[node - 1]?.id
  }

  // MARK: - Beginnings

  private func makeGenesis() throws(HarnessError) {
    let nodes = (1...plan.nodesCount).map { "\($0)=\(plan.clientAddress(of: $0))" }
    var words = ["genesis", "create", "--nodes", nodes.joined(separator: ",")]
    words += ["--out", genesisFile]
    if plan.mode == .bft { words += ["--mode", "bft", "--keys", plan.keyFolder] }
    try runToEnd(words)
  }

  private func run(_ words: [String], dataOf node: Int) throws(HarnessError) {
    try runToEnd(words + ["--data", dataFolder(of: node)])
  }

  private func runToEnd(_ words: [String]) throws(HarnessError) {
    let log = plan.folder + "/setup.log"
    let stream = ChildProcess.Stream.file(log)
    let child = try Self.child(plan.binary, words, stream)
    let end = child.waitForEnd()
    guard end == .exited(0) else {
      let status: Int32 = if case .exited(let status) = end { status } else { -1 }
      let command = words.joined(separator: " ")
      throw .failed(command: command, status: status, words: Folder.lastError(in: log), log: log)
    }
  }

  /// A child that somebody's own settings, such as an address to listen on, do not reach: they
  /// would be those of all nodes.
  private static func child(
    _ program: String,
    _ words: [String],
    _ log: ChildProcess.Stream
  ) throws(HarnessError) -> ChildProcess {
    try ChildProcess(program, words, output: log, errors: log, settings: .none)
  }

  private func check(_ node: Int) throws(HarnessError) {
    guard (1...plan.nodesCount).contains(node) else { throw .unknownNode(node) }
  }
}
