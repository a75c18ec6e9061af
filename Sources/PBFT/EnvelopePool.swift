import Consensus

/// Envelopes that wait to be ordered, taken round by round over their clients: one client that
/// sends much does not starve the others.
struct EnvelopePool: Sendable {
  /// One that waits.
  private struct Waiting: Sendable {
    let envelope: SignedEnvelope
    let arrivedAt: UInt64
    /// The requests that are not decided, whatever envelope they may be decided with.
    var open: [SignedKey]
    var isProposed = false
  }

  private struct Queue: Sendable {
    let client: PublicKey
    var waiting: [Waiting]
  }

  /// The most envelopes of one client.
  static let envelopesPerClientMax = 256

  /// Ascending by client.
  private var queues: [Queue] = []
  /// Whose turn it is.
  private var turn = 0

  /// What became of an envelope that was to be kept.
  enum Addition: Equatable {
    case added
    case known
    case tooMuch
  }

  /// Keeps an envelope, unless it is there already or its client has too many.
  mutating func add(_ envelope: SignedEnvelope, at now: UInt64) -> Addition {
    let waiting = Waiting(envelope: envelope, arrivedAt: now, open: envelope.keys)
    guard let place = queues.firstIndex(where: { $0.client >= envelope.client }),
      queues[place].client == envelope.client
    else {
      let place = queues.firstIndex { $0.client > envelope.client } ?? queues.count
      queues.insert(Queue(client: envelope.client, waiting: [waiting]), at: place)
      return .added
    }
    guard !queues[place].waiting.contains(where: { $0.envelope == envelope }) else {
      return .known
    }
    guard queues[place].waiting.count < Self.envelopesPerClientMax else { return .tooMuch }
    queues[place].waiting.append(waiting)
    return .added
  }

  /// When the oldest arrived that is still to be ordered.
  var oldestArrival: UInt64? {
    queues.compactMap { $0.waiting.map(\.arrivedAt).min() }.min()
  }

  var hasProposable: Bool {
    queues.contains { $0.waiting.contains { !$0.isProposed } }
  }

  /// All that wait, client by client.
  var envelopes: [SignedEnvelope] { queues.flatMap { $0.waiting.map(\.envelope) } }

  /// Takes envelopes for a block, one client after the other, until the block is full.
  mutating func take(requestsMax: Int, sizeMax: Int, measure: (SignedEnvelope) -> Int)
    -> [SignedEnvelope]
  {
    var taken: [SignedEnvelope] = []
    var seen: Set<SignedKey> = []
    var requests = 0
    var size = 0
    while let (queue, place) = nextProposable() {
      let envelope = queues[queue].waiting[place].envelope
      requests += envelope.requests.count
      size += measure(envelope)
      // Twice the same key in one block is what no backup prepares: the second one waits.
      guard taken.isEmpty || requests <= requestsMax && size <= sizeMax,
        seen.isDisjoint(with: envelope.keys)
      else { break }
      queues[queue].waiting[place].isProposed = true
      turn = (queue + 1) % queues.count
      taken.append(envelope)
      seen.formUnion(envelope.keys)
    }
    return taken
  }

  /// These requests are decided, in whatever envelope: nobody waits for them any more.
  mutating func decided(_ keys: [SignedKey]) {
    for key in keys {
      guard let queue = queues.firstIndex(where: { $0.client == key.client }) else { continue }
      for place in queues[queue].waiting.indices {
        queues[queue].waiting[place].open.removeAll { $0 == key }
      }
      queues[queue].waiting.removeAll { $0.open.isEmpty }
      if queues[queue].waiting.isEmpty { queues.remove(at: queue) }
    }
    if turn >= queues.count { turn = 0 }
  }

  /// A view begins: what its chain does not hold is to be proposed again.
  mutating func restart(without ordered: [SignedEnvelope]) {
    for queue in queues.indices {
      for place in queues[queue].waiting.indices {
        let isOrdered = ordered.contains(queues[queue].waiting[place].envelope)
        queues[queue].waiting[place].isProposed = isOrdered
      }
    }
  }

  private func nextProposable() -> (queue: Int, place: Int)? {
    for step in queues.indices {
      let queue = (turn + step) % queues.count
      if let place = queues[queue].waiting.firstIndex(where: { !$0.isProposed }) {
        return (queue, place)
      }
    }
    return nil
  }
}
