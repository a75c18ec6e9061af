import Consensus
import PBFT
@testable import Storage
import SymbolicCrypto
import Wire

@testable import Replication

/// Replicas of the Byzantine mode in one process: what they say arrives at once and in order, and
/// disks are as fast.
struct ByzantineCluster {
  typealias Node = Replica<PBFTCore, CountingMachine>

  private static let clientsCount = 3

  private let keys: SymbolicKeys
  let authority: Authority
  let members: [Member]
  private var journals: [[RecoveredRecord]]
  var nodes: [Node]
  var answers: [[OrderedAnswer]]
  private(set) var replies: [[AddressedReply]]
  /// A node that hears no commits, nor that anything was committed.
  var deafToCommits: Int?
  /// A node that hears of no client by another node.
  var deafToEnvelopes: Int?
  /// The most bytes that a node has answered in one turn.
  private(set) var answerSizeSeen = 0
  /// States whose roots were due, by node.
  var roots: [[LogIndex]]
  var orders: [[SnapshotOrder<CountingMachine>]]
  private(set) var now: UInt64 = 1_000_000
  private let snapshotLogSizeMin: Int

  init(count: Int = 4, snapshotLogSizeMin: Int = 1) throws {
    self.snapshotLogSizeMin = snapshotLogSizeMin
    keys = SymbolicKeys(count: count + Self.clientsCount, seed: 7)
    authority = Authority(
      cluster: ClusterID(high: 1, low: 2),
      replicas: keys.signers[..<count].map(\.publicKey),
      clients: keys.signers[count...].map(\.publicKey),
      verifier: keys,
      digester: PureSHA256()
    )
    members = (0..<count).map {
      Member(id: NodeID(UInt32($0) + 1), incarnation: Incarnation(UInt64($0) + 11))
    }
    journals = Array(repeating: [], count: count)
    answers = Array(repeating: [], count: count)
    replies = Array(repeating: [], count: count)
    roots = Array(repeating: [], count: count)
    orders = Array(repeating: [], count: count)
    nodes = []
    for place in members.indices { nodes.append(try start(place)) }
  }

  private func start(_ place: Int) throws -> Node {
    var options = PBFTOptions(
      authority: authority,
      signer: keys.signers[place],
      configuration: ClusterConfiguration(
        seats: members.map { .init(member: $0, clientAddress: "c:1", peerAddress: "p:1") }
      )
    )
    options.checkpointInterval = 4
    options.windowSize = 12
    // Time passes in long steps here in which a replica runs.
    options.tickGapMaxMicroseconds = .max
    var begin = ReplicaStart<PBFTCore>(
      identity: Identity(cluster: authority.cluster, member: members[place], boot: 1),
      coreOptions: options,
      seed: 1,
      now: reading,
      journalRoomBytes: 1 << 30
    )
    begin.options.snapshotLogSizeMin = snapshotLogSizeMin
    return try Node(start: begin, machine: CountingMachine(), recovered: journals[place])
  }

  private var reading: Reading {
    Reading(monotonicMicroseconds: now, wallMilliseconds: 1_700_000_000_000 + now / 1_000)
  }

  /// The process of a node ends and begins again, with all that its disk holds.
  mutating func restart(_ place: Int) throws {
    nodes[place] = try start(place)
  }

  /// The same with an older copy of its disk, without the newest records.
  mutating func putBack(_ place: Int, without recordsCount: Int) throws {
    journals[place].removeLast(recordsCount)
    try restart(place)
  }

  // MARK: Clients

  func number(_ client: Int) -> ClientNumber {
    guard let number = authority.number(of: key(client)) else { fatalError("a known client") }
    return number
  }

  func key(_ client: Int) -> PublicKey { keys.signers[members.count + client].publicKey }

  func envelope(_ requests: [ClientRequest], of client: Int = 0) -> SignedEnvelope {
    authority.sign(requests, by: keys.signers[members.count + client])
  }

  /// Asks one node, and lets the cluster work it off; what the nodes answer then.
  mutating func ask(_ requests: [ClientRequest], of client: Int = 0, by place: Int = 0)
    -> [[OrderedAnswer]]
  {
    answers = Array(repeating: [], count: members.count)
    _ = nodes[place].submit(envelope(requests, of: client))
    settle()
    return answers
  }

  /// Opens a session by every node's word.
  mutating func session(of client: Int = 0, nonce: UInt64 = 5) -> UInt64? {
    let answers = ask([ClientRequest(.register, session: nonce)], of: client)
    guard case .registered(let id) = answers[0].first?.reply else { return nil }
    return id
  }

  // MARK: Time and messages

  mutating func pass(milliseconds: UInt64) {
    now += milliseconds * 1_000
    for place in nodes.indices { nodes[place].tick(reading) }
    settle()
  }

  /// Goes on until nobody says anything.
  mutating func settle() {
    var isQuiet = false
    while !isQuiet {
      isQuiet = true
      for place in nodes.indices {
        let turn = nodes[place].turn()
        if carryOut(turn, of: place) { isQuiet = false }
      }
    }
  }

  private mutating func carryOut(_ turn: Turn<PBFTMessage>, of place: Int) -> Bool {
    for record in turn.records {
      journals[place].append(
        RecoveredRecord(
          position: UInt64(journals[place].count) + 1,
          payload: record.payload,
          isVital: record.isVital
        )
      )
    }
    nodes[place].recordsAreDurable(through: UInt64(journals[place].count), roomBytes: 1 << 30)
    answers[place] += turn.orderedReplies
    answerSizeSeen = max(answerSizeSeen, turn.orderedReplies.reduce(0) { $0 + $1.reply.size })
    replies[place] += turn.replies
    if let order = nodes[place].takeStateRootOrder() {
      roots[place].append(order.index)
      nodes[place].stateRootIsKnown(root(of: order), at: order.index)
    }
    orders[place] += nodes[place].takeSnapshotOrders()
    for envelope in turn.messages {
      guard let to = members.firstIndex(of: envelope.recipient),
        to != deafToCommits || !envelope.message.tellsOfCommits,
        to != deafToEnvelopes || !envelope.message.passesOn
      else { continue }
      nodes[to].receive(envelope.message, from: members[place])
    }
    return turn.isUnfinished || !turn.records.isEmpty || !turn.messages.isEmpty
      || !turn.orderedReplies.isEmpty
  }

  private func root(of order: StateRootOrder<CountingMachine>) -> Digest {
    var bytes = order.machine.applied.flatMap { $0 }
    for session in order.sessions.encoded() { bytes += session.bytes }
    return PureSHA256().digest(of: bytes, domain: .leaf)
  }
}

extension PeerMessage<PBFTMessage> {
  fileprivate var passesOn: Bool {
    if case .consensus(.envelope) = self { true } else { false }
  }

  fileprivate var tellsOfCommits: Bool {
    guard case .consensus(let message) = self else { return false }
    switch message {
    case .vote(let vote): return vote.kind == .commit
    case .committed, .stable: return true
    default: return false
    }
  }
}
