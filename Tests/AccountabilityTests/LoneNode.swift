import ClientProtocol
import Consensus
import Crypto
import Documents
import Foundation
import PBFT
import Replication
import StateTree
import Storage
import Wire

/// A cluster of one, in one process, whose journal becomes a directory: with its key at hand a
/// test can make it lie.
final class LoneNode {
  let key: PrivateKey
  let client: PrivateKey
  let authority: Authority
  let configuration: ClusterConfiguration
  private(set) var records: [PBFTRecord] = []
  private var replica: Replica<PBFTCore, DocumentStore>
  private var now: UInt64 = 1_000_000
  private var position: UInt64 = 0
  private var session: UInt64 = 0
  private var sequence: UInt64 = 0
  /// The newest state whose root was due.
  private(set) var state: StateRootOrder<DocumentStore>?
  /// What the journal need not hold any more.
  private(set) var forgetBelow: UInt64 = 0

  init() throws {
    key = try .generate()
    client = try .generate()
    let member = Member(id: NodeID(1), incarnation: Incarnation(11))
    configuration = ClusterConfiguration(
      seats: [.init(member: member, clientAddress: "c:1", peerAddress: "p:1")]
    )
    authority = Authority(
      cluster: ClusterID(high: 1, low: 2),
      replicas: [key.publicKey],
      clients: [client.publicKey],
      verifier: Ed25519Verifier(keys: [key.publicKey, client.publicKey]),
      digester: SHA256Digester()
    )
    var options = PBFTOptions(authority: authority, signer: key, configuration: configuration)
    options.checkpointInterval = 4
    options.windowSize = 16
    let start = ReplicaStart<PBFTCore>(
      identity: Identity(cluster: authority.cluster, member: member, boot: 1),
      coreOptions: options,
      seed: 1,
      now: Reading(monotonicMicroseconds: now, wallMilliseconds: 1_700_000_000_000),
      journalRoomBytes: 1 << 30
    )
    replica = try Replica(start: start, machine: DocumentStore(cursorSeed: 7), recovered: [])
    order(ClientRequest(.register, session: 42))
  }

  /// Orders so many writes, one to a block.
  func write(_ count: Int, size: Int = 3) {
    for _ in 1...count {
      sequence += 1
      let command = Command(
        place: Place(collection: "kv"),
        operation: .kvPut(key: [UInt8(sequence)], value: Array(repeating: 1, count: size))
      )
      order(
        ClientRequest(
          .write,
          session: session,
          sequence: sequence,
          command: Bytes(command.encoded())
        )
      )
    }
  }

  /// What the node signs of a write.
  func receipt(of sequence: UInt64) -> Receipt? {
    let key = RequestKey(kind: .write, session: session, sequence: sequence)
    guard let known = replica.remembered(key, of: ClientNumber(1)) else { return nil }
    return replica.core.receipt(
      for: key,
      of: client.publicKey,
      at: known.index,
      result: known.result
    )
  }

  private func order(_ request: ClientRequest) {
    let envelope = authority.sign([request], by: client)
    _ = replica.submit(envelope)
    for _ in 0..<6 { turn() }
  }

  private func turn() {
    now += 1_000
    replica.tick(Reading(monotonicMicroseconds: now, wallMilliseconds: now / 1_000))
    let turn = replica.turn()
    for record in turn.records {
      guard let record = try? PBFTRecord(decoding: record.payload) else { continue }
      records.append(record)
    }
    for answer in turn.orderedReplies {
      if case .registered(let id) = answer.reply { session = id }
    }
    forgetBelow = max(forgetBelow, turn.forgetRecordsBelow ?? 0)
    if let state = replica.takeStateRootOrder() {
      self.state = state
      let tree = StateTree(
        head: state.stateHead,
        tables: state.stateTables,
        using: SHA256Digester()
      )
      replica.stateRootIsKnown(tree.root, at: state.index)
    }
    position += UInt64(turn.records.count)
    replica.recordsAreDurable(through: position, roomBytes: 1 << 30)
  }

  /// The newest state whose root was due is on the disk: what lies before it may be forgotten.
  func snapshotIsTaken() throws -> StateRootOrder<DocumentStore> {
    guard let state else { throw WireError.badValue("a state", offset: 0) }
    replica.receive(.taken(state.mark, size: 1))
    turn()
    return state
  }

  /// A data directory after its first snapshot: that of a state, and a journal that has forgotten
  /// as many segments as it may.
  func trimmedDirectory(with state: StateRootOrder<DocumentStore>?) throws -> String {
    let options = JournalOptions(segmentSizeBytes: 64 << 10)
    let path = try directory(of: [], options: options)
    let directory = try DataDirectory.open(on: PosixDisk(path: path))
    var journal = try directory.openJournal(options: options).journal
    for record in records {
      try journal.append([JournalRecord(payload: record.encoded(), isVital: record.isVital)])
      try journal.sync()
    }
    while journal.canForget(below: forgetBelow) { try journal.forgetOldest(below: forgetBelow) }
    guard let state else { return path }
    let files = try directory.openSnapshots(cluster: authority.cluster.encoded())
    var keeper = SnapshotKeeper<DocumentStore>(files)
    keeper.take(.write(FrozenState(mark: state.mark, image: ReplicaImage(state))))
    while keeper.hasWork { _ = try keeper.step() }
    return path
  }

  /// A data directory whose journal holds these records.
  func directory(
    of records: [PBFTRecord],
    options: JournalOptions = JournalOptions(segmentSizeBytes: 1 << 20)
  ) throws -> String {
    let path = NSTemporaryDirectory() + "lockstep-audit-\(UUID().uuidString)"
    var payload = ByteWriter()
    payload.write(authority.cluster)
    payload.write(configuration.seats[0].member)
    try DataDirectory.create(
      on: PosixDisk(path: path, creating: true),
      identity: DirectoryIdentity(
        tag: [UInt8](repeating: 1, count: 32),
        payload: payload.bytes
      ),
      records: records.map { JournalRecord(payload: $0.encoded(), isVital: $0.isVital) },
      options: options
    )
    return path
  }
}
