/// How long clients had no answer, by looking again and again at how many they had.
struct ClientSilence {
  /// Answers since the first look.
  private(set) var answered = 0
  private var longest: UInt64 = 0
  private var count: Int
  private var since: UInt64

  init(_ count: Int, at now: UInt64) {
    self.count = count
    since = now
  }

  var longestMilliseconds: UInt64 { longest / 1_000 }

  /// The clients have had so many answers by now.
  mutating func look(_ count: Int, at now: UInt64) {
    longest = max(longest, now - since)
    guard count > self.count else { return }
    answered += count - self.count
    self.count = count
    since = now
  }
}
