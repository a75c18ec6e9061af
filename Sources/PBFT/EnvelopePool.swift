import Consensus
import Wire

/// Envelopes that wait to be ordered, taken one by one from each client in turn: one that sends
/// much does not starve the others, and fills no more than its own share.
struct EnvelopePool: Sendable {
  /// What became of an envelope that was to be kept.
  enum Addition: Equatable {
    case added
    case known
    case tooMuch
  }

  /// One that waits.
  private struct Waiting: Sendable {
    let envelope: SignedEnvelope
    let size: Int
    let arrivedAt: UInt64
    /// The requests that are not decided, whatever envelope they may be decided with.
    var open: [SignedKey]
    var isProposed = false
  }

  /// What one client has waiting, by number.
  private struct Queue: Sendable {
    /// In the order of arrival; some may be decided.
    var numbers = Line<UInt64>()
    /// Those that are in no block, in the order of arrival; some may be decided or proposed.
    var proposable = Line<UInt64>()
    var count = 0
    var size = 0
    /// When the last of the client's requests was decided.
    var servedAt: UInt64 = 0
  }

  /// The most envelopes of one client.
  static let envelopesPerClientMax = 1_024
  /// The most bytes of one client, unless one envelope alone has more.
  static let sizePerClientMax = 16 << 20
  /// The most bytes of all clients, of which each may use its first envelope in any case.
  static let sizeMax = 128 << 20
  /// A client with no more than this many envelopes is owed an end to each of them.
  static let modestCount = 64

  /// Looked up only, as the next two are; orders come from lines.
  private var waiting: [UInt64: Waiting] = [:]
  private var queues: [PublicKey: Queue] = [:]
  private var numbersByKey: [SignedKey: [UInt64]] = [:]
  /// Clients with something to propose, in turn.
  private var turns = Line<PublicKey>()
  private var inTurn: Set<PublicKey> = []
  /// Clients with something that waits, ascending.
  private var clients: [PublicKey] = []
  private var recent = RecentKeys()
  private var nextNumber: UInt64 = 1
  private(set) var size = 0
  /// How many requests wait that are in no block.
  private(set) var proposableRequests = 0

  /// Whether this very envelope waits here, so that its signature was looked at before.
  func holds(_ envelope: SignedEnvelope) -> Bool {
    let rivals = envelope.keys.first.flatMap { numbersByKey[$0] } ?? []
    return rivals.contains { waiting[$0]?.envelope == envelope }
  }

  /// What waits and has another command under one of the same names; of each name the oldest is
  /// looked at.
  func contradiction(to envelope: SignedEnvelope) -> SignedEnvelope? {
    for key in envelope.keys {
      guard let number = numbersByKey[key]?.first, let rival = waiting[number]?.envelope,
        rival.conflict(with: envelope) != nil
      else { continue }
      return rival
    }
    return nil
  }

  /// Keeps an envelope, unless it is there already or its client has too many.
  mutating func add(_ envelope: SignedEnvelope, at now: UInt64) -> Addition {
    guard !holds(envelope) else { return .known }
    let keys = envelope.keys
    let client = envelope.client
    let bytes = envelope.encodedSize
    guard hasRoom(for: bytes, of: client) else { return .tooMuch }
    let number = nextNumber
    nextNumber += 1
    waiting[number] = Waiting(envelope: envelope, size: bytes, arrivedAt: now, open: keys)
    for key in keys { numbersByKey[key, default: []].append(number) }
    if queues[client] == nil { begin(client) }
    queues[client]?.numbers.append(number)
    queues[client]?.proposable.append(number)
    queues[client]?.count += 1
    queues[client]?.size += bytes
    size += bytes
    proposableRequests += keys.count
    takeTurn(client)
    return .added
  }

  private func hasRoom(for bytes: Int, of client: PublicKey) -> Bool {
    guard let queue = queues[client] else { return true }
    return queue.count < Self.envelopesPerClientMax
      && queue.size + bytes <= Self.sizePerClientMax && size + bytes <= Self.sizeMax
  }

  var hasProposable: Bool { proposableRequests > 0 }

  /// All that wait, client by client.
  var envelopes: [SignedEnvelope] {
    clients.flatMap { numbers(of: $0).compactMap { waiting[$0]?.envelope } }
  }

  // MARK: Proposing

  /// Takes envelopes for a block, one client after the other, until the block is full.
  mutating func take(requestsMax: Int, sizeMax: Int) -> [SignedEnvelope] {
    var taken: [SignedEnvelope] = []
    var seen: Set<SignedKey> = []
    var requests = 0
    var size = 0
    var putOff: [PublicKey] = []
    while let client = turns.first {
      guard let number = firstProposable(of: client), let next = waiting[number] else {
        endTurn()
        continue
      }
      // Twice the same key in one block is what no backup prepares: the second one waits.
      guard seen.isDisjoint(with: next.envelope.keys) else {
        endTurn()
        putOff.append(client)
        continue
      }
      requests += next.envelope.requests.count
      size += next.size
      guard taken.isEmpty || requests <= requestsMax && size <= sizeMax else { break }
      propose(number)
      taken.append(next.envelope)
      seen.formUnion(next.envelope.keys)
      endTurn()
      if firstProposable(of: client) != nil { takeTurn(client) }
    }
    for client in putOff { takeTurn(client) }
    return taken
  }

  /// These are in a block: whoever proposed it need not be asked for them again.
  mutating func proposed(_ envelopes: [SignedEnvelope]) {
    for envelope in envelopes {
      for number in envelope.keys.first.flatMap({ numbersByKey[$0] }) ?? []
      where waiting[number]?.envelope == envelope {
        propose(number)
      }
    }
  }

  private mutating func propose(_ number: UInt64) {
    guard let found = waiting[number], !found.isProposed else { return }
    waiting[number]?.isProposed = true
    proposableRequests -= found.envelope.requests.count
  }

  /// A view begins: what its chain does not hold is to be proposed again.
  mutating func restart(without ordered: [SignedEnvelope]) {
    turns = Line()
    inTurn = []
    proposableRequests = 0
    for client in clients {
      let numbers = numbers(of: client)
      queues[client]?.proposable = Line()
      for number in numbers {
        waiting[number]?.isProposed = false
        queues[client]?.proposable.append(number)
        proposableRequests += waiting[number]?.envelope.requests.count ?? 0
      }
      takeTurn(client)
    }
    proposed(ordered)
  }

  // MARK: Deciding

  /// These requests are decided, in whatever envelope: nobody waits for them any more.
  mutating func decided(_ keys: [SignedKey], at now: UInt64) {
    for key in keys {
      recent.add(key, at: now)
      queues[key.client]?.servedAt = now
      guard let numbers = numbersByKey.removeValue(forKey: key) else { continue }
      for number in numbers {
        waiting[number]?.open.removeAll { $0 == key }
        if let found = waiting[number], found.open.isEmpty { remove(number, found) }
      }
    }
  }

  /// Whether all of an envelope was decided so lately: whoever passes it on was too late.
  func wasDecided(_ envelope: SignedEnvelope, since past: UInt64) -> Bool {
    envelope.keys.allSatisfy { recent.contains($0, since: past) }
  }

  private mutating func remove(_ number: UInt64, _ found: Waiting) {
    propose(number)
    waiting[number] = nil
    size -= found.size
    let client = found.envelope.client
    queues[client]?.count -= 1
    queues[client]?.size -= found.size
    guard let queue = queues[client] else { return }
    if queue.count == 0 {
      queues[client] = nil
      clients.removeAll { $0 == client }
    } else {
      trim(client)
    }
  }

  /// Lets go of the numbers of what is decided at the front.
  private mutating func trim(_ client: PublicKey) {
    while let first = queues[client]?.numbers.first, waiting[first] == nil {
      queues[client]?.numbers.removeFirst()
    }
    _ = firstProposable(of: client)
  }

  /// Lets go of what has become of no use among the oldest of each client.
  mutating func drop(where isUseless: (SignedEnvelope) -> Bool) {
    for client in clients {
      while let number = queues[client]?.numbers.first, let found = waiting[number],
        isUseless(found.envelope)
      {
        drop(number, found)
      }
      while let number = firstProposable(of: client), let found = waiting[number],
        isUseless(found.envelope)
      {
        drop(number, found)
      }
    }
  }

  private mutating func drop(_ number: UInt64, _ found: Waiting) {
    for key in found.open {
      numbersByKey[key]?.removeAll { $0 == number }
      if numbersByKey[key]?.isEmpty == true { numbersByKey[key] = nil }
    }
    remove(number, found)
  }

  // MARK: Waiting

  /// How long the client that waits longest has waited since it was last served, counted from a
  /// moment at the earliest; the waits of modest clients count as an eighth from the beginning.
  ///
  /// A client that sends more than is ordered is served all the while: that does not accuse the
  /// primary.
  func longestWait(at now: UInt64, since start: UInt64) -> UInt64 {
    var longest: UInt64 = 0
    for client in clients {
      guard let queue = queues[client], let first = queue.numbers.first,
        let oldest = waiting[first]
      else { continue }
      let arrived = max(oldest.arrivedAt, start)
      longest = max(longest, now - min(now, max(arrived, queue.servedAt)))
      if queue.count <= Self.modestCount {
        longest = max(longest, (now - min(now, arrived)) / 8)
      }
    }
    return longest
  }

  /// The oldest envelope of each client that no block holds, and since when it waits, or its
  /// client was served last.
  mutating func oldestUnproposed() -> [(envelope: SignedEnvelope, since: UInt64)] {
    guard hasProposable else { return [] }
    var oldest: [(envelope: SignedEnvelope, since: UInt64)] = []
    for client in clients {
      guard let number = firstProposable(of: client), let found = waiting[number] else { continue }
      let since = max(found.arrivedAt, queues[client]?.servedAt ?? 0)
      oldest.append((found.envelope, since))
    }
    return oldest
  }

  // MARK: Helpers

  private func numbers(of client: PublicKey) -> [UInt64] {
    queues[client]?.numbers.all.filter { waiting[$0] != nil } ?? []
  }

  private mutating func firstProposable(of client: PublicKey) -> UInt64? {
    while let number = queues[client]?.proposable.first {
      if let found = waiting[number], !found.isProposed { return number }
      queues[client]?.proposable.removeFirst()
    }
    return nil
  }

  private mutating func begin(_ client: PublicKey) {
    queues[client] = Queue()
    let place = clients.firstIndex { $0 > client } ?? clients.count
    clients.insert(client, at: place)
  }

  private mutating func takeTurn(_ client: PublicKey) {
    if inTurn.insert(client).inserted { turns.append(client) }
  }

  private mutating func endTurn() {
    guard let client = turns.first else { return }
    turns.removeFirst()
    inTurn.remove(client)
  }
}

extension SignedEnvelope {
  /// How many bytes it has when it is written.
  var encodedSize: Int {
    requests.reduce(2 * Bits256.size + Bits256.size + 4) { $0 + 29 + $1.command.count }
  }
}
