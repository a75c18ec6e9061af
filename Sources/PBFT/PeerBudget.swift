/// What one replica may be sent of what it says that it lacks, and what it may pass on: whoever
/// asks or repeats without end keeps nobody busy.
struct PeerBudget: Sendable {
  /// Bytes of repair.
  private var repair = Allowance(max: 16 << 20, perSecond: 32 << 20)
  /// Envelopes that are not known here; a client's own word needs none of it.
  private var envelopes = Allowance(max: 512, perSecond: 256)
  private var answeredAt: UInt64?

  /// What looking for a block is counted as, found or not.
  static let fetchSize = 4 << 10
  /// What a block or a vote is counted as at least: to build and to seal it costs, too.
  static let messageSizeMin = 512

  /// Whether so many bytes may be sent now; they count as sent then.
  mutating func spend(_ size: Int, at now: UInt64) -> Bool {
    repair.spend(size, at: now)
  }

  /// So many more bytes are sent of what was granted before.
  mutating func owe(_ size: Int) {
    repair.owe(size)
  }

  /// Whether one more envelope is taken.
  mutating func mayPassOn(at now: UInt64) -> Bool {
    envelopes.spend(1, at: now)
  }

  /// Whether a status is answered: one per interval is enough for whoever means it.
  mutating func mayAnswer(at now: UInt64, interval: UInt64) -> Bool {
    if let answeredAt, now < answeredAt + interval { return false }
    answeredAt = now
    return true
  }
}

/// So much at once, and so much again in time.
struct Allowance: Sendable {
  private static let millionths = 1_000_000

  private let max: Int
  private let perSecond: Int
  /// In millionths; below zero is what was taken beyond what there was.
  private var left: Int
  private var filledAt: UInt64 = 0

  init(max: Int, perSecond: Int) {
    self.max = max
    self.perSecond = perSecond
    left = max * Self.millionths
  }

  /// Whether a whole one is left; what is taken then may be more, and is owed.
  mutating func spend(_ amount: Int, at now: UInt64) -> Bool {
    let passed = Int(min(now - min(now, filledAt), UInt64(Self.millionths)))
    left = min(max * Self.millionths, left + passed * perSecond)
    filledAt = Swift.max(filledAt, now)
    guard left >= Self.millionths else { return false }
    owe(amount)
    return true
  }

  mutating func owe(_ amount: Int) {
    left -= amount * Self.millionths
  }
}
