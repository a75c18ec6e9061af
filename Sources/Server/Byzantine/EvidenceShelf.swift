import Consensus
import PBFT
import Storage
import Wire

/// Proofs of lies on disk, one to a file that bears its digest: `ID.lsev`.
///
/// Only what proves somebody guilty is kept, and of each culprit and kind so few that a liar, who
/// can make any number of them, fills no disk. What is there stays there. Replicas are few, clients
/// may be many: those share a room of their own, so that they never keep a replica's lie out.
struct EvidenceShelf: Sendable {
  /// What became of a proof that was handed in.
  enum Outcome: Equatable {
    /// It is on disk for good.
    case kept(Digest, Culprit)
    /// It has been here before.
    case known
    /// It proves something, and there is enough of its kind.
    case superfluous
    /// It cannot be read: whether a later version's or nobody's, it costs nothing and says nothing.
    case unreadable
    /// It proves nothing: who passes it on as proof lies.
    case unproven
  }

  private struct Heap: Hashable {
    let culprit: Culprit
    let kind: UInt8
  }

  /// The most proofs of one kind against one culprit.
  static let heapMax = 4
  /// The most proofs against clients, and the most bytes of them.
  static let clientsCountMax = 256
  static let clientsSizeMax = 256 << 20
  /// The most bytes of one proof: a block, or two envelopes.
  static let sizeMax = 24 << 20

  private static let passedOverMax = 1_024
  private static let ending = ".lsev"
  private static let unfinished = ".tmp"

  private let disk: any Disk
  private let authority: Authority
  /// What is kept, in the order in which it came; after a start in that of the names.
  private var proofs: [Proof] = []
  private var heaps: [Heap: Int] = [:]
  /// The newest that were not needed, so that they are not judged again each time they are shown.
  private var passedOver: [Digest] = []
  /// What is kept against clients.
  private var clients = (count: 0, size: 0)
  /// What the disk said of a file that could not be read: it is left lying and does not count.
  private(set) var flaw: DiskError?

  /// The names of what is kept.
  var ids: [Digest] { proofs.map(\.id) }

  /// Looks through a folder; what proves nothing is left lying and does not count.
  init(on disk: any Disk, by authority: Authority) throws(DiskError) {
    self.disk = disk
    self.authority = authority
    for name in try disk.list() {
      do throws(DiskError) {
        try take(file: name)
      } catch {
        flaw = error
      }
    }
  }

  private mutating func take(file name: String) throws(DiskError) {
    if name.hasSuffix(Self.unfinished) { try disk.remove(name) }
    guard name.hasSuffix(Self.ending), let bytes = try read(name), let proof = judge(bytes),
      name == Self.name(of: proof.id)
    else { return }
    note(proof)
  }

  /// Judges a proof and keeps it.
  mutating func take(_ bytes: [UInt8]) throws(DiskError) -> Outcome {
    guard bytes.count <= Self.sizeMax else { return .unproven }
    let id = authority.digester.digest(of: bytes, domain: .evidence)
    if proofs.contains(where: { $0.id == id }) || passedOver.contains(id) { return .known }
    guard (try? Evidence(decoding: bytes)) != nil else { return .unreadable }
    guard let proof = judge(bytes) else { return .unproven }
    guard hasRoom(for: proof) else {
      if passedOver.count >= Self.passedOverMax { passedOver.removeFirst() }
      passedOver.append(id)
      return .superfluous
    }
    try write(bytes, as: Self.name(of: proof.id))
    note(proof)
    return .kept(proof.id, proof.heap.culprit)
  }

  /// The bytes of a proof that is kept; nil if its file has gone or rotted.
  ///
  /// That is forgotten then: whoever passed it on would be taken for a liar.
  mutating func bytes(of id: Digest) throws(DiskError) -> [UInt8]? {
    guard let bytes = try read(Self.name(of: id)),
      authority.digester.digest(of: bytes, domain: .evidence) == id
    else {
      forget(id)
      return nil
    }
    return bytes
  }

  private mutating func forget(_ id: Digest) {
    guard let place = proofs.firstIndex(where: { $0.id == id }) else { return }
    let gone = proofs.remove(at: place)
    heaps[gone.heap, default: 1] -= 1
    guard case .client = gone.heap.culprit else { return }
    clients = (clients.count - 1, clients.size - gone.size)
  }

  private typealias Proof = (id: Digest, heap: Heap, size: Int)

  private func judge(_ bytes: [UInt8]) -> Proof? {
    guard let evidence = try? Evidence(decoding: bytes),
      let culprit = authority.culprit(of: evidence)
    else { return nil }
    let id = authority.digester.digest(of: bytes, domain: .evidence)
    // The kind stands behind the version.
    return (id, Heap(culprit: culprit, kind: bytes[1]), bytes.count)
  }

  private func hasRoom(for proof: Proof) -> Bool {
    guard heaps[proof.heap, default: 0] < Self.heapMax else { return false }
    guard case .client = proof.heap.culprit else { return true }
    return clients.count < Self.clientsCountMax && clients.size + proof.size <= Self.clientsSizeMax
  }

  private mutating func note(_ proof: Proof) {
    proofs.append(proof)
    heaps[proof.heap, default: 0] += 1
    guard case .client = proof.heap.culprit else { return }
    clients = (clients.count + 1, clients.size + proof.size)
  }

  private func read(_ name: String) throws(DiskError) -> [UInt8]? {
    do {
      let file = try disk.open(name)
      let size = try disk.size(of: file)
      guard size <= Self.sizeMax else { return nil }
      return try disk.read(file, at: 0, count: size)
    } catch DiskError.missing {
      return nil
    }
  }

  /// A power cut leaves all of it or nothing.
  private func write(_ bytes: [UInt8], as name: String) throws(DiskError) {
    let temporary = name + Self.unfinished
    // Of an earlier attempt, which failed.
    do { try disk.remove(temporary) } catch DiskError.missing {}
    do {
      let file = try disk.create(temporary)
      try disk.write(bytes, to: file, at: 0)
      try disk.sync(file)
      try disk.rename(temporary, to: name)
    } catch {
      // What did not fit must not go on taking room.
      try? disk.remove(temporary)
      throw error
    }
    try disk.syncFolder()
  }

  private static func name(of id: Digest) -> String { "\(id)\(ending)" }
}
