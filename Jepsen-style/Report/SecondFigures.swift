/// What happened in one second of a run.
struct SecondFigures: Sendable {
  /// Operations that ended in it, by how they ended.
  var ok = 0
  var fail = 0
  var info = 0
  /// Times of those that took effect, in milliseconds; nil if none did.
  var p50: Double?
  var p99: Double?

  /// Second by second.
  static func all(of samples: [CallSample], until end: Int64) -> [SecondFigures] {
    let count = Int(end / 1_000_000) + 1
    var buckets = Array(repeating: [CallSample](), count: count)
    for sample in samples {
      let second = Int((sample.began + sample.took) / 1_000_000)
      if buckets.indices.contains(second) { buckets[second].append(sample) }
    }
    return buckets.map { bucket in
      let figures = LatencyFigures(bucket)
      return SecondFigures(
        ok: figures.count,
        fail: bucket.count { $0.ending == .fail },
        info: bucket.count { $0.ending == .info },
        p50: figures.milliseconds(0.5),
        p99: figures.milliseconds(0.99)
      )
    }
  }
}
