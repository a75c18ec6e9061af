import Consensus
import PBFT
import Wire

/// Watches all honest replicas, over all their starts, and clients: says what is broken first.
///
/// The numbers are those of docs/byzantine.md. What one replica's state alone shows (I3, I5, I8)
/// the core checks itself, at each call.
package struct ScheduleJudge: Sendable {
  /// An entry of the one history.
  private struct Entry: Sendable {
    let time: UInt64
    let digest: UInt64
    let root: Digest
  }

  private let genesis: ScheduleGenesis
  /// Whose keys are used for more than one honest core.
  package let liars: [Int]
  /// The client that may sign anything, if there is one.
  private let badClient: Int?
  /// What was broken first.
  package private(set) var problem: String?
  /// What each log index holds.
  private var entries: [Entry?] = []
  /// The committed block of each place.
  private var blocks: [(digest: Digest, time: UInt64)?] = []
  private var states: [(index: LogIndex, state: ScheduledState)] = []
  /// Each client's requests in the order of the history, with its result.
  private(set) var results: [ScheduledKey: Digest] = [:]
  private var detector: EvidenceDetector
  private var newest: [Statement?]
  private var chains: [ScheduledChain]
  /// Below what each replica answers no fast read.
  private var barriers: [LogIndex]
  /// Who was proved to lie, and by what.
  package private(set) var evidence: Set<String> = []

  init(_ genesis: ScheduleGenesis, liars: [Int], badClient: Int? = nil) {
    self.genesis = genesis
    self.liars = liars
    self.badClient = badClient
    detector = EvidenceDetector(authority: genesis.authority)
    newest = Array(repeating: nil, count: genesis.count)
    barriers = Array(repeating: BlockHeader.genesis.lastIndex, count: genesis.count)
    chains = (0..<genesis.count).map { ScheduledChain(genesis.authority, place: $0) }
  }

  mutating func fail(_ text: String) {
    problem = problem ?? text
  }

  // MARK: The one history

  /// I1, I6, I7, I9: one history, its times ascending, one state after each entry.
  mutating func applied(_ entry: Committed, by place: Int, root: Digest, result: Digest?) {
    let number = Int(entry.index.rawValue)
    while entries.count <= number { entries.append(nil) }
    var digest = ScheduledReplica.mix(entry.term.rawValue, entry.logTimeMicroseconds)
    if case .signed(let request, let client) = entry.payload {
      for byte in request.encoded() { digest = ScheduledReplica.mix(digest, UInt64(byte)) }
      digest = ScheduledReplica.mix(digest, UInt64(client.rawValue))
      if let result {
        let key = ScheduledKey(client: client, key: request.key)
        if let first = results[key], first != result { fail("I13: a request has two results") }
        results[key] = result
      }
    }
    let new = Entry(time: entry.logTimeMicroseconds, digest: digest, root: root)
    if let first = entries[number] {
      if first.digest != digest { fail("I1: \(place) applied something else at \(number)") }
      if first.root != root { fail("I6: \(place) has another state at \(number)") }
    }
    if number > 0, let before = entries[number - 1], before.time > new.time {
      fail("I9: time goes back at \(number)")
    }
    entries[number] = new
  }

  /// I1, I9: one committed chain, each block later than the one before.
  mutating func stands(_ core: PBFTCore, _ place: Int) {
    if let halt = core.halt { fail("\(place) halts: \(halt)") }
    bars(core, place)
    let header = core.committed
    let number = Int(header.sequenceNumber.rawValue)
    if number < blocks.count, let first = blocks[number] {
      let digest = genesis.authority.digest(of: header)
      return first.digest == digest ? () : fail("I1: \(place) commits another block at \(number)")
    }
    while blocks.count <= number { blocks.append(nil) }
    blocks[number] = (genesis.authority.digest(of: header), header.timeMicroseconds)
    if number > 0, let before = blocks[number - 1], before.time >= header.timeMicroseconds {
      fail("I9: block \(number) is not later than the one before")
    }
  }

  /// I14: what is committed anywhere f+1 replicas include in every fast read.
  private mutating func bars(_ core: PBFTCore, _ place: Int) {
    barriers[place] = core.readBarrier
    let committed = core.committed.lastIndex
    guard barriers.count(where: { $0 >= committed }) <= genesis.authority.faultsMax else { return }
    fail("I14: too few would wait for \(committed) with a fast read")
  }

  mutating func hasState(_ state: ScheduledState, at index: LogIndex, by place: Int) {
    if state.index != index { fail("\(place) is asked for a state at \(index), has another") }
    guard !states.contains(where: { $0.index == index }) else { return }
    states.append((index, state))
    if states.count > 8 { states.removeFirst() }
  }

  func state(at index: LogIndex) -> ScheduledState? {
    states.first { $0.index == index }?.state
  }

  /// I4, I5: what a replica votes for stands where it may, and counts when its disk has it.
  mutating func writes(_ records: [PBFTRecord], by place: Int) {
    if let problem = chains[place].add(records) { fail("\(problem): \(place)") }
  }

  // MARK: What is said

  /// I4: what leaves before the disk has confirmed promises nothing.
  mutating func sentAtOnce(_ messages: [PBFTMessage], by place: Int) {
    for message in messages where message.statement?.replica.place == place {
      fail("I4: \(place) sends what it may forget")
    }
  }

  /// I2, I10: no honest replica contradicts itself, over all its starts.
  mutating func sent(_ messages: [PBFTMessage], by place: Int) {
    for message in messages {
      guard let statement = message.statement, statement.replica.place == place,
        statement != newest[place]
      else { continue }
      newest[place] = statement
      for evidence in detector.observe(statement) {
        fail("I2, I10: \(place) contradicts itself: \(evidence.code)")
      }
    }
  }

  /// I10: whoever is named is a liar, or a client that signs twice.
  mutating func reported(_ bytes: [UInt8], by place: Int) {
    guard let proof = try? Evidence(decoding: bytes),
      let culprit = genesis.authority.culprit(of: proof)
    else { return fail("\(place) reports what proves nothing") }
    switch culprit {
    case .replica(let number):
      evidence.insert("\(proof.code) of \(number.rawValue)")
      if !liars.contains(number.place) { fail("I10: \(number.rawValue) is framed: \(proof.code)") }
    case .client(let key):
      evidence.insert("\(proof.code) of a client")
      let bad = badClient.map { genesis.clients[$0].publicKey }
      if key != bad { fail("I10: an honest client is framed: \(proof.code)") }
    }
  }
}
