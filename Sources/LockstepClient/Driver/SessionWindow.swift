/// A session's sequence numbers: which are taken, which are answered, and how many may be open.
struct SessionWindow {
  /// The session's id.
  let id: UInt64

  /// Every sequence up to this one is settled; the cluster may forget their replies.
  private(set) var answeredThrough: UInt64 = 0

  private let size: UInt64
  private var nextSequence: UInt64 = 1
  /// Settled sequences above `answeredThrough`.
  private var settled: Set<UInt64> = []
  /// Sequences without an answer that nobody waits for, kept so that one may ask for the outcome.
  private var abandoned: Set<UInt64> = []

  /// Whether somebody may yet ask for an outcome, which ends with the session.
  var hasAbandoned: Bool { !abandoned.isEmpty }

  init(id: UInt64, size: UInt64) {
    self.id = id
    self.size = size
  }

  /// A fresh sequence, or nil while the window is full.
  ///
  /// Abandoned sequences at its lower end give way only then: their outcome cannot be asked for
  /// any more, and a copy still on its way is refused by the cluster.
  mutating func take() -> UInt64? {
    while nextSequence - answeredThrough > size, abandoned.contains(answeredThrough + 1) {
      settle(answeredThrough + 1)
    }
    guard nextSequence - answeredThrough <= size else { return nil }
    defer { nextSequence += 1 }
    return nextSequence
  }

  /// A place for one more write, or nil while the window is full.
  mutating func takePlace() -> WriteID? {
    take().map { WriteID(session: id, sequence: $0) }
  }

  /// The sequence has its answer, or was never sent.
  mutating func settle(_ sequence: UInt64) {
    guard sequence > answeredThrough, sequence < nextSequence else { return }
    abandoned.remove(sequence)
    settled.insert(sequence)
    while settled.remove(answeredThrough + 1) != nil {
      answeredThrough += 1
    }
  }

  /// Nobody waits for the sequence any more, and it may yet be applied.
  mutating func abandon(_ sequence: UInt64) {
    guard sequence > answeredThrough, !settled.contains(sequence) else { return }
    abandoned.insert(sequence)
  }
}
