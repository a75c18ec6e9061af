import Consensus
import PBFT
import Replication
import SymbolicCrypto
import Wire

/// What must hold over all honest replicas; each replica checks its own state itself.
struct ByzantineChecker {
  private let authority: Authority
  private let liars: [Int]
  /// Who may contradict itself as its disk forgets: it counts as one of the faulty.
  private let forgetful: Int?
  /// The client that breaks rules.
  private let badClient: PublicKey?
  private(set) var problem: String?
  private(set) var evidenceCount = 0
  private(set) var appliedCount = 0
  var crashes = 0
  /// The newest entry that a client believes in.
  private(set) var highestAnswered = LogIndex.zero

  /// What each index holds, as the first honest replica applied it.
  private var entries: [LogIndex: [UInt8]] = [:]
  private var times: [LogIndex: UInt64] = [:]
  private var roots: [LogIndex: Digest] = [:]
  /// The committed chain: each place's block, and who its parent is.
  private var digests: [SequenceNumber: Digest] = [:]
  /// What was answered at each index.
  private var answers: [AnswerPlace: ReplicaReply] = [:]
  /// Where each write took effect.
  private var effects: [ClientKey: LogIndex] = [:]
  /// The writes that took effect last, and whose they are.
  private(set) var newestWrites: [(client: ClientNumber, key: RequestKey)] = []
  /// What clients have signed.
  private var asked: [ClientKey: [ClientRequest]] = [:]
  /// Sees all that honest replicas ever sign, over all their starts.
  private var detector: EvidenceDetector

  private struct AnswerPlace: Hashable {
    let index: LogIndex
    let key: ClientKey
  }

  private struct ClientKey: Hashable {
    let client: ClientNumber
    let key: RequestKey
  }

  init(_ forge: Forge, _ plan: ByzantinePlan) {
    authority = forge.authority
    badClient = plan.hasBadClient ? forge.clientSigner(plan.honestClients).publicKey : nil
    liars = plan.liars
    forgetful = plan.forgetful
    detector = EvidenceDetector(authority: forge.authority)
  }

  mutating func fail(_ promise: String, _ text: String) {
    problem = problem ?? "\(promise): \(text)"
  }

  // MARK: History

  /// A client has signed this.
  mutating func signed(_ envelope: SignedEnvelope) {
    guard authority.isValid(envelope), let client = authority.number(of: envelope.client) else {
      return
    }
    for request in envelope.requests {
      let key = ClientKey(client: client, key: request.key)
      if asked[key]?.contains(request) != true { asked[key, default: []].append(request) }
    }
  }

  /// I1, I7, I9: one history, of nothing but what clients have signed, in the order of time.
  mutating func applied(_ committed: [Committed], by number: Int) {
    for entry in committed {
      if case .signed(let request, let client) = entry.payload {
        let key = ClientKey(client: client, key: request.key)
        if asked[key]?.contains(request) != true {
          fail("I7", "r\(number) applies at \(entry.index) what client \(client) never signed")
        }
      }
      let bytes = Self.bytes(of: entry)
      guard let first = entries[entry.index] else {
        appliedCount += 1
        entries[entry.index] = bytes
        times[entry.index] = entry.logTimeMicroseconds
        let before = entry.index.rawValue > 1 ? times[LogIndex(entry.index.rawValue - 1)] : nil
        if let before, before > entry.logTimeMicroseconds {
          fail("I9", "time goes back at \(entry.index)")
        }
        continue
      }
      if first != bytes { fail("I1", "r\(number) applies something else at \(entry.index)") }
    }
  }

  private static func bytes(of entry: Committed) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(entry.term)
    writer.write(entry.logTimeMicroseconds)
    switch entry.payload {
    case .signed(let request, let client):
      writer.write(client.rawValue)
      writer.write(request)
    case .noOp, .configuration, .request: break
    }
    return writer.bytes
  }

  /// I6, I7: one answer at each place, one place for each write, in sessions of its client alone.
  mutating func answered(_ answer: OrderedAnswer, by number: Int) {
    let key = ClientKey(client: answer.client, key: answer.key)
    let place = AnswerPlace(index: answer.index, key: key)
    if isForeign(answer) { fail("I7", "r\(number) answers of another's session: \(answer)") }
    if let first = answers[place], first != answer.reply {
      fail("I6", "r\(number) answers \(answer), others \(first)")
    }
    answers[place] = answer.reply
    guard answer.key.kind == .write, case .applied(let index, _) = answer.reply else { return }
    if answer.index != index { fail("I7", "\(answer) was applied elsewhere") }
    if let first = effects[key], first != index {
      fail("I7", "\(answer.key) takes effect at \(first) and at \(index)")
    }
    if effects[key] == nil {
      newestWrites.append((answer.client, answer.key))
      if newestWrites.count > 64 { newestWrites.removeFirst(32) }
    }
    effects[key] = index
  }

  /// Whether a client has found, used or ended what is not its own.
  private func isForeign(_ answer: OrderedAnswer) -> Bool {
    switch answer.key.kind {
    case .register:
      if case .registered(let session) = answer.reply { return !answer.client.owns(session) }
      return false
    case .write, .seal, .close:
      return !answer.client.owns(answer.key.session) && answer.reply != .refused(.sessionExpired)
    case .read: return false
    }
  }

  /// I13: what a client believes is what the one history says.
  mutating func believed(_ believed: ByzantineClient.Believed) {
    let answer = believed.answer
    highestAnswered = max(highestAnswered, answer.index)
    // A liar can replay old registrations until a client has its share.
    if answer.reply == .refused(.tooManySessions), liars.isEmpty {
      fail("I15", "client \(believed.client) is refused a session, and has few")
    }
    let key = ClientKey(client: answer.client, key: answer.key)
    if answers[AnswerPlace(index: answer.index, key: key)] != answer.reply {
      fail("I13", "client \(believed.client) believes \(answer), which no honest replica said")
    }
  }

  /// I6: one state after each entry.
  ///
  /// A nil number stands for a state that was taken over.
  mutating func rooted(_ root: Digest, at index: LogIndex, by number: Int?) {
    if let first = roots[index], first != root {
      fail("I6", "\(number.map { "r\($0)" } ?? "a transfer") has another state at \(index)")
    }
    roots[index] = root
  }

  /// I6: 2f+1 have come to the state that a snapshot keeps.
  mutating func keeps(_ index: LogIndex, agreedThrough agreed: LogIndex?, by number: Int) {
    if roots[index] == nil { fail("I6", "r\(number) keeps a state without a root at \(index)") }
    if index > agreed ?? .zero { fail("I6", "r\(number) keeps a state of its own at \(index)") }
  }

  // MARK: Replicas

  /// I1 between replicas: one committed chain; nobody honest stops.
  mutating func check(_ node: ByzantineNode, _ life: ByzantineLife) {
    if let halt = life.replica.core.core.halt { fail("I6", "r\(node.number) halts: \(halt)") }
    let header = life.replica.core.core.committed
    guard header.kind != .genesis else { return }
    note(authority.digest(of: header), at: header.sequenceNumber, by: node.number)
    let parent = SequenceNumber(header.sequenceNumber.rawValue - 1)
    if parent > .zero { note(header.parent, at: parent, by: node.number) }
  }

  private mutating func note(_ digest: Digest, at place: SequenceNumber, by number: Int) {
    if let first = digests[place], first != digest {
      fail("I1", "r\(number) commits another block at \(place.rawValue)")
    }
    digests[place] = digest
  }

  /// I2, I4, I10: a sent promise is durable, and contradicts nothing that was sent before.
  mutating func sent(_ message: PBFTMessage, by node: ByzantineNode) {
    guard node.number != forgetful, let statement = message.statement,
      statement.replica.place == node.number
    else { return }
    if !node.durable.contains(statement) {
      fail("I4", "r\(node.number) sends what it may forget: \(message.text)")
    }
    for evidence in detector.observe(statement) {
      fail("I2", "r\(node.number) contradicts itself: \(evidence)")
    }
  }

  /// I10: whoever is named is a liar.
  mutating func reported(_ bytes: [UInt8]) -> Evidence? {
    evidenceCount += 1
    guard let evidence = try? Evidence(decoding: bytes),
      let culprit = authority.culprit(of: evidence)
    else {
      fail("I10", "a replica reports what proves nothing")
      return nil
    }
    switch culprit {
    case .replica(let number):
      if !liars.contains(number.place), number.place != forgetful {
        fail("I10", "r\(number.place) is framed: \(evidence)")
      }
    case .client(let key):
      if key != badClient { fail("I10", "an honest client is framed: \(evidence)") }
    }
    return evidence
  }
}
