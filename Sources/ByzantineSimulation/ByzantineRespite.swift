/// For how long a storm left as many replicas well as it takes, and what came of it.
struct ByzantineRespite {
  /// All such times together.
  private(set) var microseconds: UInt64 = 0
  /// The longest part of one in which no client was answered.
  private(set) var longestIdleMicroseconds: UInt64 = 0
  private var lookedAt: UInt64?
  private var idleSince: UInt64 = 0
  private var answered = 0

  /// How things are now: whether enough are well, and how many answers there have been so far.
  mutating func look(at now: UInt64, isWell: Bool, answered: Int) {
    guard isWell else {
      lookedAt = nil
      return
    }
    if let lookedAt { microseconds += now - lookedAt } else { idleSince = now }
    lookedAt = now
    if answered != self.answered { idleSince = now }
    self.answered = answered
    longestIdleMicroseconds = max(longestIdleMicroseconds, now - idleSince)
  }
}
