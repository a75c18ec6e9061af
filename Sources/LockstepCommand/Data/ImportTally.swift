/// Counts what came of an import, and finds its longest pause.
struct ImportTally: Sendable {
  private(set) var acknowledged = 0
  /// Documents that were refused, and are surely not stored.
  private(set) var failed = 0
  /// Documents of which nobody said whether they are stored.
  private(set) var unknown = 0
  /// Documents that were there already and may be.
  private(set) var skipped = 0
  /// The longest time without an acknowledgement, in microseconds.
  private(set) var longestPause: UInt64 = 0
  /// How many documents had been acknowledged before that pause.
  private(set) var acknowledgedBeforePause = 0
  private var lastAt: UInt64

  init(startedAt: UInt64) {
    lastAt = startedAt
  }

  mutating func acknowledge(at now: UInt64) {
    let pause = now > lastAt ? now - lastAt : 0
    if pause > longestPause {
      longestPause = pause
      acknowledgedBeforePause = acknowledged
    }
    lastAt = max(lastAt, now)
    acknowledged += 1
  }

  mutating func fail(isOutcomeUnknown: Bool) {
    if isOutcomeUnknown { unknown += 1 } else { failed += 1 }
  }

  mutating func skip() {
    skipped += 1
  }
}
