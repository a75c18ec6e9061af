import Consensus
import Wire

/// What the cluster remembers of one client, so that its retries apply once (thesis §6.3).
///
/// Replies of sequences above `answeredThrough` are kept in a ring of at most 256 slots;
/// the slot of a sequence is its low bits, as no two sequences in the window share them.
struct Session: Sendable {
  /// What is remembered of a sequence.
  enum Memory: Equatable, Sendable {
    case reply(index: LogIndex, bytes: CompactBytes)
    case sealed
  }

  /// A client may have this many writes above `answeredThrough`.
  static let windowMax: UInt64 = 256
  /// The replies kept for one client are at most this many bytes together.
  static let retainedBytesMax = 1 << 20
  /// The largest reply that can be kept.
  static let replySizeMax = 4096

  let id: UInt64
  let nonce: UInt64
  /// Log time of the last entry that named the session.
  var lastUseMicroseconds: UInt64
  private(set) var answeredThrough: UInt64 = 0
  private(set) var retainedBytes = 0
  private var ring: [Memory?] = []

  init(id: UInt64, nonce: UInt64, lastUseMicroseconds: UInt64) {
    self.id = id
    self.nonce = nonce
    self.lastUseMicroseconds = lastUseMicroseconds
  }

  /// The log time at which the session ends unless it is used before.
  func expiry(after timeoutMicroseconds: UInt64) -> UInt64 {
    Self.expiry(of: lastUseMicroseconds, after: timeoutMicroseconds)
  }

  /// The same of a session that was last used at this log time.
  static func expiry(of lastUse: UInt64, after timeoutMicroseconds: UInt64) -> UInt64 {
    let (sum, overflow) = lastUse.addingReportingOverflow(timeoutMicroseconds)
    return overflow ? .max : sum
  }

  /// Decides about a write, by which the session counts as used: the reply if it was decided
  /// before or is refused; nil if it is new.
  mutating func admit(_ request: ClientRequest, at logTimeMicroseconds: UInt64) -> ReplicaReply? {
    lastUseMicroseconds = logTimeMicroseconds
    // A client cannot have seen the answer of what it is only now asking for.
    forgetAnswered(through: min(request.answeredThrough, request.sequence &- 1))
    if let known = reply(of: request.sequence) { return known }
    return objection(to: request.sequence).map { .refused($0) }
  }

  /// The reply of a sequence that was decided before.
  func reply(of sequence: UInt64) -> ReplicaReply? {
    switch memory(of: sequence) {
    case nil: nil
    case .sealed: .refused(.sequenceSealed)
    case .reply(let index, let bytes): .applied(index: index, bytes: bytes)
    }
  }

  /// What is remembered of a sequence above `answeredThrough`.
  func memory(of sequence: UInt64) -> Memory? {
    guard sequence > answeredThrough, sequence - answeredThrough <= UInt64(ring.count) else {
      return nil
    }
    return ring[slot(of: sequence)]
  }

  /// Why a sequence that is not remembered must not be applied, if anything speaks against it.
  func objection(to sequence: UInt64) -> Refusal? {
    if sequence <= answeredThrough { return .sequenceAnswered }
    let reservedBytes = retainedBytes + Self.replySizeMax
    if sequence - answeredThrough > Self.windowMax || reservedBytes > Self.retainedBytesMax {
      return .sequencePastWindow
    }
    return nil
  }

  /// Remembers what became of a sequence within the window.
  mutating func remember(_ memory: Memory, of sequence: UInt64) {
    invariant(objection(to: sequence) == nil, "only sequences in the window are remembered (R4)")
    invariant(self.memory(of: sequence) == nil, "a sequence is decided once (R4)")
    growRing(toHold: sequence)
    ring[slot(of: sequence)] = memory
    retainedBytes += memory.size
    invariant(retainedBytes <= Self.retainedBytesMax, "kept replies stay within their limit")
  }

  /// Forgets the replies that the client has seen.
  mutating func forgetAnswered(through sequence: UInt64) {
    guard sequence > answeredThrough else { return }
    let clearedCount = min(sequence - answeredThrough, UInt64(ring.count))
    for distance in 0..<clearedCount {
      let slot = slot(of: answeredThrough + 1 + distance)
      retainedBytes -= ring[slot]?.size ?? 0
      ring[slot] = nil
    }
    answeredThrough = sequence
  }

  /// Folds all that decides later answers into a digest.
  func fold(into digest: inout StateDigest) {
    digest.fold(id)
    digest.fold(nonce)
    digest.fold(lastUseMicroseconds)
    digest.fold(answeredThrough)
    for (distance, memory) in remembered {
      switch memory {
      case .sealed: digest.fold(distance << 1)
      case .reply(let index, let bytes):
        digest.fold(distance << 1 | 1)
        digest.fold(index.rawValue)
        digest.fold(bytes)
      }
    }
  }

  /// What is remembered, in order of sequence; the distance counts from the first sequence that
  /// may be remembered.
  var remembered: [(distance: UInt64, memory: Memory)] {
    (0..<UInt64(ring.count)).compactMap { distance in
      // The window of the last sequences goes on behind them, where nothing is remembered.
      ring[slot(of: answeredThrough &+ 1 &+ distance)].map { (distance, $0) }
    }
  }

  private func slot(of sequence: UInt64) -> Int {
    Int(sequence & UInt64(ring.count - 1))
  }

  /// Doubles the ring until the sequence fits; what it holds moves to its new slots.
  private mutating func growRing(toHold sequence: UInt64) {
    let needed = sequence - answeredThrough
    guard needed > UInt64(ring.count) else { return }
    var larger = max(8, ring.count)
    while UInt64(larger) < needed { larger *= 2 }
    var moved = [Memory?](repeating: nil, count: larger)
    for distance in 0..<UInt64(ring.count) {
      let held = answeredThrough + 1 + distance
      moved[Int(held & UInt64(larger - 1))] = ring[slot(of: held)]
    }
    ring = moved
  }
}

extension Session.Memory {
  /// The bytes that count towards the session's limit.
  fileprivate var size: Int {
    switch self {
    case .sealed: 16
    case .reply(_, let bytes): bytes.count + 16
    }
  }
}
