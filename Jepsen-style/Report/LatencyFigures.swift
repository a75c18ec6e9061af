/// The times of some operations, in microseconds.
package struct LatencyFigures: Sendable {
  /// How many there are.
  package let count: Int
  private let sorted: [Int64]

  /// The figures of operations that took effect.
  package init(_ samples: some Sequence<CallSample>) {
    sorted = samples.lazy.filter { $0.ending == .ok }.map(\.took).sorted()
    count = sorted.count
  }

  /// The figures of all operations together.
  package init(merging figures: [LatencyFigures]) {
    sorted = figures.flatMap(\.sorted).sorted()
    count = sorted.count
  }

  /// The time that this share of operations stayed within, in milliseconds; nil without any.
  package func milliseconds(_ share: Double) -> Double? {
    guard !sorted.isEmpty else { return nil }
    let place = min(sorted.count - 1, Int(Double(sorted.count) * share))
    return Double(sorted[place]) / 1_000
  }
}
