import Linearizability

/// What faults of one kind did to the clients.
package struct FaultFigures: Sendable {
  /// So long before and after a fault counts as before and after, in microseconds.
  private static let margin: Int64 = 3_000_000

  /// The kind.
  package let kind: FaultKind
  /// How many there were.
  package let count: Int
  /// How many of them anybody noticed.
  package let feltCount: Int
  /// Times of operations before, during and after.
  package let latencies: (before: LatencyFigures, during: LatencyFigures, after: LatencyFigures)
  /// How long it took until a new leader was seen, where one was needed; in milliseconds, sorted.
  package let leaderMilliseconds: [Int]
  /// The longest time in which no operation took effect, in milliseconds.
  package let longestGapMilliseconds: Int

  /// The figures of each kind that a run had.
  package static func all(of result: RunResult) -> [FaultFigures] {
    FaultKind.allCases.compactMap { kind in
      let own = result.faults.filter { $0.kind == kind }
      return own.isEmpty ? nil : FaultFigures(kind, own, result)
    }
  }

  /// The figures of several runs, kind by kind.
  package static func merged(_ all: [FaultFigures]) -> [FaultFigures] {
    FaultKind.allCases.compactMap { kind in
      let own = all.filter { $0.kind == kind }
      return own.isEmpty ? nil : FaultFigures(kind, merging: own)
    }
  }

  private init(_ kind: FaultKind, merging own: [FaultFigures]) {
    self.kind = kind
    count = own.reduce(0) { $0 + $1.count }
    feltCount = own.reduce(0) { $0 + $1.feltCount }
    latencies = (
      LatencyFigures(merging: own.map(\.latencies.before)),
      LatencyFigures(merging: own.map(\.latencies.during)),
      LatencyFigures(merging: own.map(\.latencies.after))
    )
    leaderMilliseconds = own.flatMap(\.leaderMilliseconds).sorted()
    longestGapMilliseconds = own.map(\.longestGapMilliseconds).max() ?? 0
  }

  private init(_ kind: FaultKind, _ faults: [RunFault], _ result: RunResult) {
    self.kind = kind
    count = faults.count
    feltCount = faults.count(where: \.wasFelt)
    let samples = result.samples
    func within(_ range: (RunFault) -> Range<Int64>) -> LatencyFigures {
      let ranges = faults.map(range)
      return LatencyFigures(samples.filter { sample in ranges.contains { $0 ~= sample.began } })
    }
    latencies = (
      within { $0.from - Self.margin..<$0.from },
      within { $0.from..<max($0.to, $0.from) },
      within { max($0.to, $0.from)..<max($0.to, $0.from) + Self.margin }
    )
    leaderMilliseconds = faults.compactMap { Self.newLeader(after: $0, result.leaders) }.sorted()
    longestGapMilliseconds = faults.map { Self.longestGap(in: $0, samples) }.max() ?? 0
  }

  /// From the beginning of a fault that struck the leader to the first sight of one of a newer
  /// term, if there was one before the fault was over for long.
  private static func newLeader(after fault: RunFault, _ leaders: [LeaderSight]) -> Int? {
    let old = leaders.last { $0.at <= fault.from }
    // A partition names all nodes; elsewhere a leader that was not struck need not be replaced.
    guard let old, fault.targets.contains(old.node) else { return nil }
    let new = leaders.first {
      $0.at > fault.from && $0.at < fault.to + margin && $0.term > old.term
    }
    return new.map { Int(($0.at - fault.from) / 1_000) }
  }

  /// The longest time between operations that took effect, from a fault's beginning to a while
  /// after its end.
  private static func longestGap(in fault: RunFault, _ samples: [CallSample]) -> Int {
    let end = fault.to + margin
    let ends = samples.lazy.filter { $0.ending == .ok }.map { $0.began + $0.took }
      .filter { $0 > fault.from && $0 < end }.sorted()
    let gaps = zip([fault.from] + ends, ends + [end]).map { $1 - $0 }
    // What follows the last one may be the end of the run.
    return Int((gaps.dropLast().max() ?? 0) / 1_000)
  }

  /// For programs.
  var json: HistoryValue {
    .object([
      ("kind", HistoryValue(kind.rawValue)),
      ("count", .integer(Int64(count))),
      ("felt", .integer(Int64(feltCount))),
      ("p50_before_ms", latencies.before.json(0.5)),
      ("p50_during_ms", latencies.during.json(0.5)),
      ("p50_after_ms", latencies.after.json(0.5)),
      ("p99_before_ms", latencies.before.json(0.99)),
      ("p99_during_ms", latencies.during.json(0.99)),
      ("p99_after_ms", latencies.after.json(0.99)),
      ("new_leader_ms", .list(leaderMilliseconds.map { .integer(Int64($0)) })),
      ("longest_gap_ms", .integer(Int64(longestGapMilliseconds))),
    ])
  }
}
