/// What a measurement found.
struct BenchResult: Sendable {
  var histogram = Histogram()
  var seconds = 0.0
  var errors = 0
  var retries = 0

  var operationsPerSecond: Double {
    seconds > 0 ? Double(histogram.count) / seconds : 0
  }

  /// Throughput times mean latency, which by Little's law is the number outstanding.
  func littlesLaw(outstanding: Int) -> Double {
    operationsPerSecond * histogram.mean / 1e6 / Double(outstanding)
  }

  /// The result by its stable names.
  func fields(of plan: BenchPlan) -> [JSONValue.Field] {
    [
      JSONValue.Field("operation", .text(plan.operation.rawValue)),
      JSONValue.Field("ops_s", .decimal(operationsPerSecond, places: 1)),
      JSONValue.Field("p50_us", .integer(histogram.quantile(0.5))),
      JSONValue.Field("p95_us", .integer(histogram.quantile(0.95))),
      JSONValue.Field("p99_us", .integer(histogram.quantile(0.99))),
      JSONValue.Field("max_us", .integer(histogram.max)),
      JSONValue.Field("mean_us", .decimal(histogram.mean, places: 1)),
      JSONValue.Field("errors", .integer(errors)),
      JSONValue.Field("retries", .integer(retries)),
      JSONValue.Field("outstanding", .integer(plan.outstanding)),
      JSONValue.Field("connections", .integer(plan.connections)),
      JSONValue.Field("value_size", .integer(plan.valueSize)),
      JSONValue.Field("operations", .integer(histogram.count)),
      JSONValue.Field("seconds", .decimal(seconds, places: 3)),
      JSONValue.Field(
        "littles_law",
        .decimal(littlesLaw(outstanding: plan.outstanding), places: 3)
      ),
    ]
  }
}
