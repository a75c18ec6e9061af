/// What one replica may be sent of what it says that it lacks: whoever asks without end keeps
/// nobody busy.
struct RepairBudget: Sendable {
  private static let sizeMax = 16 << 20
  private static let sizePerSecond: UInt64 = 32 << 20

  private var left = sizeMax
  private var filledAt: UInt64 = 0
  private var answeredAt: UInt64?

  /// Whether so much may be sent now; it counts as sent then.
  mutating func spend(_ size: Int, at now: UInt64) -> Bool {
    let gained = min(now - min(now, filledAt), 1_000_000) * Self.sizePerSecond / 1_000_000
    left = min(Self.sizeMax, left + Int(gained))
    filledAt = now
    guard left > 0 else { return false }
    left -= size
    return true
  }

  /// Whether a status is answered: one per interval is enough for whoever means it.
  mutating func mayAnswer(at now: UInt64, interval: UInt64) -> Bool {
    if let answeredAt, now < answeredAt + interval { return false }
    answeredAt = now
    return true
  }
}
