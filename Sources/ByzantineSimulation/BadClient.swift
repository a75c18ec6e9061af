import Consensus
import PBFT
import Replication
import SymbolicCrypto
import Wire

/// A client that breaks every rule it can, under a key of its own.
struct BadClient {
  private let forge: Forge
  private let number: Int
  private var random: RandomSource
  private var sequence: UInt64 = 0
  /// Its own sessions, as it is told of them.
  private var sessions: [UInt64] = []
  /// What it has seen others ask for.
  private var stolen: [ClientRequest] = []

  init(forge: Forge, number: Int, random: RandomSource) {
    self.forge = forge
    self.number = number
    self.random = random
  }

  /// Others' envelopes are no secret.
  mutating func sees(_ envelope: SignedEnvelope) {
    guard envelope.client != forge.clientSigner(number).publicKey else { return }
    stolen += envelope.requests
    if stolen.count > 60 { stolen.removeFirst(20) }
  }

  mutating func hear(_ answer: OrderedAnswer) {
    guard case .registered(let session) = answer.reply, !sessions.contains(session) else { return }
    sessions.append(session)
  }

  /// What it sends now, and to whom.
  mutating func act(_ replicas: Int) -> [(to: Int, SignedEnvelope)] {
    sequence += 1
    let session = random.oneIn(3) ? random.next() : any(sessions) ?? 1 << 16
    switch random.number(below: 6) {
    case 0:
      // Two bodies for one number, each to one half.
      let first = sign([write(session, "one")])
      let second = sign([write(session, "two")])
      return (0..<replicas).map { ($0, $0 % 2 == 0 ? first : second) }
    case 1:
      return [(random.number(below: replicas), sign([write(session, "partial")]))]
    case 2:
      var broken = sign([write(session, "broken")])
      broken.signature = Signature(first: Bits256(random.next(), 1, 2, 3), second: .zero)
      return (0..<replicas).map { ($0, broken) }
    case 3:
      sequence = random.next()
      return (0..<replicas).map { ($0, sign([write(session, "huge")])) }
    case 4:
      // Sessions without end, or another's.
      var nonces = (0..<16).map { _ in ClientRequest(.register, session: random.next()) }
      if let stolen = any(stolen.filter { $0.kind == .register }) { nonces.append(stolen) }
      return (0..<replicas).map { ($0, sign(nonces)) }
    default: return usesStranger(replicas)
    }
  }

  /// Acts as if another's session were its own.
  private mutating func usesStranger(_ replicas: Int) -> [(to: Int, SignedEnvelope)] {
    guard let other = any(stolen.filter { $0.kind == .write }) else { return [] }
    let stranger = other.session
    let requests = [
      write(stranger, "stranger"), ClientRequest(.close, session: stranger),
      ClientRequest(.seal, session: stranger, sequence: other.sequence + 1),
      ClientRequest(.write, session: stranger, sequence: 3, command: [0xFF, 1, 2]),
    ]
    // Of what is settled each replica knows the answer.
    let envelopes = [sign([other]), sign(requests)]
    return envelopes.flatMap { envelope in (0..<replicas).map { ($0, envelope) } }
  }

  private mutating func any<Element>(_ elements: [Element]) -> Element? {
    elements.isEmpty ? nil : elements[random.number(below: elements.count)]
  }

  private func write(_ session: UInt64, _ text: String) -> ClientRequest {
    ClientRequest(
      .write,
      session: session,
      sequence: sequence,
      command: Bytes(Array("\(text) \(sequence)".utf8))
    )
  }

  private func sign(_ requests: [ClientRequest]) -> SignedEnvelope {
    forge.envelope(client: number, requests)
  }
}
