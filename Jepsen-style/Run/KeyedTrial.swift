/// Judges keys one by one, so that a hard one takes no time from the others.
///
/// Each has a little time at first, however many there are; those that need more share what is left
/// of all. What could not be told hides nothing: only convictions are counted.
struct KeyedTrial {
  /// What is said of a key.
  enum Verdict {
    case fine
    case unknown(CallFinding)
    case bad(CallFinding)
  }

  private static let firstMicroseconds: UInt64 = 1_000_000

  /// How long it may take, as long as there are not too many hard keys for that.
  let limitMicroseconds: UInt64
  /// Nobody looks at more convictions.
  let badMax: Int
  let now: @Sendable () -> UInt64
  private(set) var bad: [CallFinding] = []
  private(set) var unknown: [CallFinding] = []

  init(limitMicroseconds: UInt64, badMax: Int, now: @escaping @Sendable () -> UInt64) {
    (self.limitMicroseconds, self.badMax, self.now) = (limitMicroseconds, badMax, now)
  }

  mutating func judge<Key>(
    _ keys: [Key],
    _ judge: (Key, @escaping @Sendable () -> Bool) -> Verdict
  ) {
    let end = now() + limitMicroseconds
    var hard: [(key: Key, finding: CallFinding)] = []
    for key in keys where bad.count < badMax {
      let finding = take(judge(key, isOver(after: Self.firstMicroseconds)))
      if let finding { hard.append((key, finding)) }
    }
    for (place, part) in hard.enumerated() {
      let left = end - min(end, now())
      guard left > 0, bad.count < badMax else { return unknown += hard[place...].map(\.finding) }
      let share = max(left / UInt64(hard.count - place), Self.firstMicroseconds)
      let finding = take(judge(part.key, isOver(after: share)))
      if let finding { unknown.append(finding) }
    }
  }

  /// Keeps a conviction; returns what could not be told.
  private mutating func take(_ verdict: Verdict) -> CallFinding? {
    switch verdict {
    case .fine: return nil
    case .unknown(let finding): return finding
    case .bad(let finding):
      bad.append(finding)
      return nil
    }
  }

  private func isOver(after microseconds: UInt64) -> @Sendable () -> Bool {
    let end = now() + microseconds
    return { [now] in now() > end }
  }
}
