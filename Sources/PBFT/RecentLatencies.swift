/// How long the last blocks took from their proposal to their commit, as a median.
struct RecentLatencies: Sendable {
  private static let countMax = 256

  /// The last ones, each in the place of its turn.
  private var samples: [UInt64] = []
  private var next = 0
  private var known: UInt64 = 0

  mutating func add(_ microseconds: UInt64) {
    if samples.count < Self.countMax {
      samples.append(microseconds)
    } else {
      samples[next] = microseconds
    }
    next = (next + 1) % Self.countMax
    // Sorting once in a while is enough for a median.
    if next % 16 == 0 || samples.count < 16 { known = samples.sorted()[samples.count / 2] }
  }

  /// Zero if nothing is known.
  var median: UInt64 { known }
}
