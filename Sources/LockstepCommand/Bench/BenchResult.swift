/// What a measurement found.
struct BenchResult: Sendable {
  /// Whether answers count already, and still.
  var isMeasuring = false
  var lastAnswerAt: UInt64
  var histogram = Histogram()
  var seconds = 0.0
  var errors = 0
  var retries = 0
  /// The last reason for an error or for sending something again.
  var trouble: String?
  /// All answers since the start, those before the measurement among them.
  var answered = 0
  /// The longest time without any answer, in microseconds.
  var stall: UInt64 = 0
  var usage = ProcessorTime()
  /// Signed envelopes sent while measuring, and the operations in them.
  var envelopes = 0
  var enveloped = 0

  init(now: UInt64) {
    lastAnswerAt = now
  }

  /// Counts an answer; all at once, because a generator must not be the bottleneck.
  mutating func note(sentAt: UInt64, answeredAt: UInt64, isFailure: Bool) {
    answered += 1
    if isMeasuring {
      if answeredAt > lastAnswerAt { stall = max(stall, answeredAt - lastAnswerAt) }
      // A refusal takes no time and does nothing: it would only make the figures look better.
      if isFailure {
        errors += 1
      } else {
        histogram.record(Int(answeredAt > sentAt ? answeredAt - sentAt : 0))
      }
    }
    lastAnswerAt = answeredAt
  }

  /// Why there is nothing to measure; nil if anything was done.
  var failure: CommandFailure? {
    guard histogram.count == 0 else { return nil }
    let reason = trouble.map { ": \($0)" } ?? ""
    return .of(code: "bench_failed", "nothing was done, \(errors) operations failed\(reason)")
  }

  var operationsPerSecond: Double {
    seconds > 0 ? Double(histogram.count) / seconds : 0
  }

  /// Throughput times mean latency, which by Little's law is the number outstanding.
  func littlesLaw(outstanding: Int) -> Double {
    operationsPerSecond * histogram.mean / 1e6 / Double(outstanding)
  }

  private func perOperation(_ microseconds: Int) -> JSONValue {
    .decimal(histogram.count > 0 ? Double(microseconds) / Double(histogram.count) : 0, places: 2)
  }

  /// How full envelopes were; null where there are none.
  private var operationsPerEnvelope: JSONValue {
    guard envelopes > 0 else { return .null }
    return .decimal(Double(enveloped) / Double(envelopes), places: 2)
  }

  /// The result by its stable names.
  func fields(of plan: BenchPlan) -> [JSONValue.Field] {
    [
      JSONValue.Field("operation", .text(plan.operation.rawValue)),
      JSONValue.Field("ops_s", .decimal(operationsPerSecond, places: 1)),
      JSONValue.Field("p50_us", .integer(histogram.quantile(0.5))),
      JSONValue.Field("p95_us", .integer(histogram.quantile(0.95))),
      JSONValue.Field("p99_us", .integer(histogram.quantile(0.99))),
      JSONValue.Field("p999_us", .integer(histogram.quantile(0.999))),
      JSONValue.Field("max_us", .integer(histogram.max)),
      JSONValue.Field("mean_us", .decimal(histogram.mean, places: 1)),
      JSONValue.Field("stall_us", .integer(Int(stall))),
      JSONValue.Field("cpu_us_load", perOperation(usage.own)),
      JSONValue.Field("cpu_us_processes", perOperation(usage.watched)),
      JSONValue.Field("errors", .integer(errors)),
      JSONValue.Field("retries", .integer(retries)),
      JSONValue.Field("trouble", trouble.map(JSONValue.text) ?? .null),
      JSONValue.Field("outstanding", .integer(plan.outstanding)),
      JSONValue.Field("connections", .integer(plan.connections)),
      JSONValue.Field("operations_per_envelope", operationsPerEnvelope),
      JSONValue.Field("value_size", .integer(plan.valueSize)),
      JSONValue.Field("operations", .integer(histogram.count)),
      JSONValue.Field("answered", .integer(answered)),
      JSONValue.Field("seconds", .decimal(seconds, places: 3)),
      JSONValue.Field(
        "littles_law",
        .decimal(littlesLaw(outstanding: plan.outstanding), places: 3)
      ),
    ]
  }
}
