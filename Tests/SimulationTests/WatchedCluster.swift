import ClientProtocol
import Consensus
import Raft
import Replication
@testable import Storage
import Wire

@testable import Simulation

/// Replicas as they ship, with messages and disks that take no time and memories that may lie.
struct WatchedCluster {
  typealias Node = Replica<ObservedCore, ObservedStore>

  enum Failure: Error {
    case noLeader, noSession
  }

  private(set) var nodes: [Node] = []
  /// What was answered, by token.
  private(set) var replies: [UInt64: ReplicaReply] = [:]
  /// What nodes told of their divergence, in order.
  private(set) var told: [(node: Int, divergence: Divergence)] = []
  /// Nodes that neither hear nor speak.
  var isolated: Set<Int> = []
  private let configuration: ClusterConfiguration
  private var members: [Member] { configuration.seats.map(\.member) }
  private var journals: [[JournalRecord]]
  private var boots: [UInt64]
  private var now = Reading(monotonicMicroseconds: 0, wallMilliseconds: 0)
  private var lastToken: UInt64 = 0
  private var lastSequence: UInt64 = 0
  private var session: UInt64 = 0

  init(lies: [PlantedLie?]) throws {
    configuration = ClusterConfiguration(
      seats: (1...lies.count).map { number in
        ClusterConfiguration.Seat(
          member: Member(
            id: NodeID(UInt32(number)),
            incarnation: Incarnation(UInt64(number + 10))
          ),
          clientAddress: "c:\(number)",
          peerAddress: "p:\(number)"
        )
      }
    )
    boots = lies.map { _ in 0 }
    let first = RaftCore.initialRecords(for: configuration).map { record in
      JournalRecord(payload: record.encoded(), isVital: record.isVital)
    }
    journals = lies.map { _ in first }
    for (node, lie) in lies.enumerated() { nodes.append(try started(node, lie)) }
    run(milliseconds: 1_000)
    try register()
  }

  /// The node that leads.
  var leader: Int? { nodes.firstIndex { $0.core.status.role == .leader } }

  /// What each node makes of its state.
  var standings: [Divergence.Standing] { nodes.map(\.divergence.standing) }

  /// Lets time pass, ten milliseconds at a time.
  mutating func run(milliseconds: UInt64) {
    for _ in 0..<milliseconds / 10 {
      now.monotonicMicroseconds += 10_000
      for node in nodes.indices { nodes[node].tick(now) }
      var isBusy = true
      while isBusy {
        isBusy = false
        for node in nodes.indices where takeTurn(of: node) { isBusy = true }
      }
    }
  }

  /// Asks a node to write, and gives its answer.
  mutating func write(at node: Int, mayForward: Bool = false) -> ReplicaReply? {
    lastSequence += 1
    let command = Command(
      place: Place(collection: "things"),
      operation: .kvPut(key: [UInt8(truncatingIfNeeded: lastSequence)], value: [1, 2, 3])
    )
    let request = ClientRequest(
      .write,
      session: session,
      sequence: lastSequence,
      answeredThrough: lastSequence - 1,
      command: Bytes(command.encoded())
    )
    lastToken += 1
    nodes[node].submit(request, mayForward: mayForward, token: ReplyToken(lastToken))
    run(milliseconds: 20)
    return replies[lastToken]
  }

  /// Writes until so many entries are in the log.
  mutating func fill(to index: UInt64) throws {
    while let leader, nodes[leader].lastApplied < LogIndex(index) { _ = write(at: leader) }
    if leader == nil { throw Failure.noLeader }
  }

  /// Asks a node to read, and gives its answer.
  mutating func read(at node: Int, level: Node.ReadLevel) -> ReplicaReply? {
    lastToken += 1
    nodes[node].read(
      Query(.kvGet(Place(collection: "things"), key: [1])).encoded(),
      level: level,
      atLeast: .zero,
      deadlineMicroseconds: .max,
      token: ReplyToken(lastToken)
    )
    run(milliseconds: 20)
    return replies[lastToken]
  }

  /// Asks the leader to hand over to a node.
  mutating func transfer(to node: Int) -> ReplicaReply? {
    guard let leader else { return nil }
    lastToken += 1
    nodes[leader].transferLeadership(to: members[node].id, token: ReplyToken(lastToken))
    run(milliseconds: 500)
    return replies[lastToken]
  }

  /// Ends a node's process and starts another on the same journal, with a memory in order.
  mutating func restart(_ node: Int) throws {
    nodes[node] = try started(node, nil)
  }

  private mutating func started(_ node: Int, _ lie: PlantedLie?) throws -> Node {
    boots[node] += 1
    let start = ReplicaStart<ObservedCore>(
      identity: Identity(
        cluster: ClusterID(high: 1, low: 2),
        member: members[node],
        boot: boots[node]
      ),
      coreOptions: RaftOptions(),
      seed: UInt64(node + 1),
      now: now,
      journalRoomBytes: 1 << 30
    )
    return try Node(
      start: start,
      machine: ObservedStore(cursorSeed: 1, lie: lie),
      recovered: journals[node].enumerated().map { place, record in
        RecoveredRecord(
          position: UInt64(place + 1),
          payload: record.payload,
          isVital: record.isVital
        )
      }
    )
  }

  private mutating func register() throws {
    guard let leader else { throw Failure.noLeader }
    let request = ClientRequest(.register, session: 7)
    nodes[leader].submit(request, mayForward: false, token: ReplyToken(0))
    run(milliseconds: 20)
    guard case .registered(let session) = replies[0] else { throw Failure.noSession }
    self.session = session
  }

  /// Carries a node's turn out; false if it had nothing to do.
  private mutating func takeTurn(of node: Int) -> Bool {
    let turn = nodes[node].turn()
    if let divergence = turn.divergence { told.append((node, divergence)) }
    for addressed in turn.replies { replies[addressed.token.rawValue] = addressed.reply }
    if !turn.records.isEmpty {
      journals[node] += turn.records
      nodes[node].recordsAreDurable(through: UInt64(journals[node].count), roomBytes: 1 << 30)
    }
    for envelope in turn.messages {
      guard let other = members.firstIndex(of: envelope.recipient), !isolated.contains(node),
        !isolated.contains(other)
      else { continue }
      nodes[other].receive(envelope.message, from: members[node])
    }
    return !turn.messages.isEmpty || !turn.records.isEmpty
  }
}
