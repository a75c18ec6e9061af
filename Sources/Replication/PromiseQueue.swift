import Consensus

/// Messages that wait for the disk: a promise leaves when all records before it are durable.
struct PromiseQueue<Message: Sendable>: Sendable {
  /// The position of the newest record given to the journal.
  var handedThrough: UInt64 = 0
  /// The position up to which the disk holds everything for good.
  var durableThrough: UInt64 = 0
  private var waiting: [(position: UInt64, envelope: Envelope<Message>)] = []

  /// Lets messages wait for all records handed over so far (S3).
  mutating func add(_ envelopes: [Envelope<Message>]) {
    for envelope in envelopes { waiting.append((handedThrough, envelope)) }
  }

  /// The messages whose records are durable, in order.
  mutating func takeKept() -> [Envelope<Message>] {
    invariant(durableThrough <= handedThrough, "only what was handed over can be durable")
    guard let first = waiting.first, first.position <= durableThrough else { return [] }
    // A key path in generic code is built anew at run time.
    let kept = waiting.prefix { $0.position <= durableThrough }.map { $0.envelope }
    waiting.removeFirst(kept.count)
    return kept
  }
}
