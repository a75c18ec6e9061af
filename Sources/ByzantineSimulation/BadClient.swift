import Consensus
import PBFT
import Wire

/// A client that breaks every rule it can, under a key of its own.
struct BadClient {
  private let forge: Forge
  private let number: Int
  private var random: RandomSource
  private var sequence: UInt64 = 0

  init(forge: Forge, number: Int, random: RandomSource) {
    self.forge = forge
    self.number = number
    self.random = random
  }

  /// What it sends now, and to whom.
  mutating func act(_ replicas: Int) -> [(to: Int, SignedEnvelope)] {
    sequence += 1
    let session = random.oneIn(3) ? random.next() : UInt64(1 + random.number(below: 40)) << 16
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
      // Sessions without end, and others' sessions.
      let nonces = (0..<8).map { _ in ClientRequest(.register, session: random.next()) }
      return (0..<replicas).map { ($0, sign(nonces)) }
    default:
      let stranger = UInt64(1 + random.number(below: 200)) << 16 | UInt64(1 + number % 3)
      let requests = [
        write(stranger, "stranger"), ClientRequest(.close, session: stranger),
        ClientRequest(.seal, session: stranger, sequence: 1),
        ClientRequest(.write, session: stranger, sequence: 3, command: [0xFF, 1, 2]),
      ]
      return (0..<replicas).map { ($0, sign(requests)) }
    }
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
