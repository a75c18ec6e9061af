/// What was answered since the last look at it.
struct BenchSample: Sendable {
  /// How often somebody looks.
  let periodMicroseconds: UInt64
  private let startedAt: UInt64
  private var lookedAt: UInt64
  private var histogram = Histogram()
  private var errors = 0

  init(every periodMicroseconds: Int, from now: UInt64) {
    self.periodMicroseconds = UInt64(periodMicroseconds)
    startedAt = now
    lookedAt = now
  }

  mutating func note(sentAt: UInt64, answeredAt: UInt64, isFailure: Bool) {
    guard !isFailure else {
      errors += 1
      return
    }
    histogram.record(Int(answeredAt > sentAt ? answeredAt - sentAt : 0))
  }

  /// The sample by its stable names, if it is due; the next one begins then.
  mutating func take(at now: UInt64) -> [JSONValue.Field]? {
    guard now - lookedAt >= periodMicroseconds else { return nil }
    let seconds = Double(now - lookedAt) / 1e6
    let fields = [
      JSONValue.Field("at_s", .decimal(Double(now - startedAt) / 1e6, places: 3)),
      JSONValue.Field("ops_s", .decimal(Double(histogram.count) / seconds, places: 1)),
      JSONValue.Field("p50_us", .integer(histogram.quantile(0.5))),
      JSONValue.Field("p99_us", .integer(histogram.quantile(0.99))),
      JSONValue.Field("max_us", .integer(histogram.max)),
      JSONValue.Field("errors", .integer(errors)),
    ]
    histogram = Histogram()
    errors = 0
    lookedAt = now
    return fields
  }
}
