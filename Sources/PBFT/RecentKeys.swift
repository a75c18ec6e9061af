import Consensus

/// Requests that were decided a moment ago.
struct RecentKeys: Sendable {
  private static let countMax = 16_384

  /// Looked up only.
  private var decidedAt: [SignedKey: UInt64] = [:]
  private var keys = Line<SignedKey>()

  mutating func add(_ key: SignedKey, at now: UInt64) {
    if decidedAt.updateValue(now, forKey: key) == nil { keys.append(key) }
    guard decidedAt.count > Self.countMax, let oldest = keys.first else { return }
    keys.removeFirst()
    decidedAt[oldest] = nil
  }

  func contains(_ key: SignedKey, since past: UInt64) -> Bool {
    decidedAt[key].map { $0 >= past } ?? false
  }
}
