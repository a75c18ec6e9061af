/// Counts durations in buckets that are at most one percent wide, whatever their size.
struct Histogram: Sendable {
  /// Up to this many microseconds there is a bucket for each.
  private static let exactMax = 128

  /// Thirteen days; nothing measured here lasts longer.
  static let durationMax = 1 << 40

  private var counts = Array(repeating: 0, count: 128 * 35)
  private(set) var count = 0
  private(set) var sum = 0
  private(set) var max = 0

  mutating func record(_ duration: Int) {
    let microseconds = Swift.max(0, Swift.min(duration, Self.durationMax))
    counts[Self.bucket(of: microseconds)] += 1
    count += 1
    sum += microseconds
    if microseconds > max { max = microseconds }
  }

  /// The mean of everything recorded, 0 if there is nothing.
  var mean: Double { count == 0 ? 0 : Double(sum) / Double(count) }

  /// The least duration that this share of all recorded ones does not exceed.
  func quantile(_ share: Double) -> Int {
    guard count > 0 else { return 0 }
    let rank = Swift.max(1, Int((share * Double(count)).rounded(.up)))
    var seen = 0
    for (bucket, number) in counts.enumerated() where number > 0 {
      seen += number
      if seen >= rank { return Swift.min(Self.highest(in: bucket), max) }
    }
    return max
  }

  /// The 7 highest bits of the number, and how far they were shifted.
  private static func bucket(of microseconds: Int) -> Int {
    guard microseconds >= exactMax else { return microseconds }
    let shift = Int.bitWidth - microseconds.leadingZeroBitCount - 8
    return (shift + 1) * exactMax + (microseconds >> shift) - exactMax
  }

  private static func highest(in bucket: Int) -> Int {
    guard bucket >= 2 * exactMax else { return bucket }
    let shift = bucket / exactMax - 1
    let top = bucket % exactMax + exactMax
    return ((top + 1) << shift) - 1
  }
}
