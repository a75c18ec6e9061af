import Consensus
import PBFT
import Wire

/// What must hold over all honest replicas; each replica checks its own state itself.
struct ByzantineChecker {
  let authority: Authority
  let liars: Set<Int>
  private(set) var problem: String?
  private(set) var evidenceCount = 0
  /// What each index holds, and the root after it, as the first honest replica applied it.
  private var entries: [LogIndex: [UInt8]] = [:]
  private var roots: [LogIndex: Digest] = [:]
  private var appliedIndexes: [Int: LogIndex] = [:]
  private var digests: [SequenceNumber: Digest] = [:]
  /// Sees all that honest replicas ever sign, over all their starts.
  private var detector: EvidenceDetector

  init(authority: Authority, liars: Set<Int>) {
    self.authority = authority
    self.liars = liars
    detector = EvidenceDetector(authority: authority)
  }

  mutating func fail(_ text: String) {
    problem = problem ?? text
  }

  /// I1, I6, I7: one history, one state after each of its entries.
  mutating func applied(_ entry: Committed, by number: Int, root: Digest) {
    var writer = ByteWriter()
    writer.write(entry.term)
    writer.write(entry.logTimeMicroseconds)
    if case .signed(let request, _) = entry.payload { writer.write(request) }
    let bytes = writer.bytes
    if let first = entries[entry.index], first != bytes {
      fail("I1: replica \(number) applied something else at \(entry.index)")
    }
    if let first = roots[entry.index], first != root {
      fail("I6: replica \(number) has another state at \(entry.index)")
    }
    entries[entry.index] = bytes
    roots[entry.index] = root
  }

  /// I1 between replicas: one committed chain.
  mutating func check(_ replica: SimulatedReplica) {
    guard let core = replica.core else { return }
    if let halt = core.halt { fail("replica \(replica.number) halts: \(halt)") }
    let header = core.committed
    guard header.kind != .genesis else { return }
    let digest = authority.digest(of: header)
    if let first = digests[header.sequenceNumber], first != digest {
      fail("I1: replica \(replica.number) commits another block at \(header.sequenceNumber)")
    }
    digests[header.sequenceNumber] = digest
  }

  /// I2, I4, I10: a sent promise is durable, and contradicts nothing that was sent before.
  mutating func sent(_ message: PBFTMessage, by replica: SimulatedReplica) {
    guard let statement = message.statement, statement.replica.place == replica.number else {
      return
    }
    if !replica.durable.contains(statement) {
      fail("I4: replica \(replica.number) sends what it may forget: \(message)")
    }
    for evidence in detector.observe(statement) {
      fail("I2, I10: replica \(replica.number) contradicts itself: \(evidence)")
    }
  }

  /// I10: whoever is named is a liar.
  mutating func reported(_ bytes: [UInt8]) {
    evidenceCount += 1
    guard let evidence = try? Evidence(decoding: bytes),
      let culprit = authority.culprit(of: evidence)
    else { return fail("a replica reports what proves nothing") }
    guard case .replica(let number) = culprit, !liars.contains(number.place) else { return }
    fail("I10: replica \(number.place) is framed: \(evidence)")
  }
}
