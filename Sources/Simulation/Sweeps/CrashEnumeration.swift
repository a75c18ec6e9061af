import Consensus

/// Every crash of one node in the reference run: at each call that changes its disk, with nothing,
/// everything, any part of what was not synced left (P1, D1 to D3, gate G3).
///
/// The run is repeated from its seed up to the crash; then the node comes back, clients go on, and
/// in the end all members must be equal, with everything in it that was ever acknowledged.
package struct CrashEnumeration {
  /// The node that goes down, counted from 0.
  private let node: Int
  private let cases: [CrashCase]
  /// What the run without a crash was like.
  package let facts: ReferenceFacts

  /// How many calls behind the first crash the second one of a pair comes at the latest.
  private static let secondStepMax = 40
  private static let pairsSalt: UInt64 = 0x7061_6972_7321

  /// Runs the reference once and lists the cases of a node, counted from 1.
  ///
  /// - Throws: What is broken without any crash.
  package init(node number: Int) throws(Violation) {
    node = number - 1
    let recorder = StepRecorder()
    var options = ReferenceScene().options()
    options.fuse = { [node] in recorder.record($1, if: $0 == node) }
    let cluster = SimulatedCluster(seed: ReferenceScene.seed, options)
    try cluster.playReference()
    var cases: [CrashCase] = []
    for (place, step) in recorder.steps.enumerated() {
      cases += PowerCut.all(at: step, seed: UInt64(place)).map {
        CrashCase(step: place + 1, cut: $0)
      }
    }
    self.cases = cases
    facts = Self.facts(of: cluster, recorder.steps, caseCount: cases.count)
  }

  /// Runs a case, by its number from 1 on.
  package func run(_ number: Int, watcher: ((String) -> Void)? = nil) -> CrashReport {
    let chosen = cases[number - 1]
    let crasher = Crasher(first: chosen)
    // A node that is back soon finds its old leader; one that is away for long, another.
    return run(number, crasher, isLong: number % 2 == 0, watcher)
  }

  /// Runs a pair of crashes, the second while the node recovers from the first or soon after.
  package func runPair(seed: Int, watcher: ((String) -> Void)? = nil) -> CrashReport {
    var random = RandomSource(seed: UInt64(seed) ^ Self.pairsSalt)
    let first = cases[random.number(below: cases.count)]
    // Recovery makes few calls: most of the second crashes fall into it.
    let reach = random.oneIn(3) ? Self.secondStepMax : 12
    let crasher = Crasher(first: first, secondAfter: 1 + random.number(below: reach), random)
    return run(seed, crasher, isLong: random.oneIn(2), watcher)
  }

  private func run(
    _ number: Int,
    _ crasher: Crasher,
    isLong: Bool,
    _ watcher: ((String) -> Void)?
  ) -> CrashReport {
    var options = ReferenceScene(downMicroseconds: isLong ? 450_000 : 5_000).options()
    options.fuse = { [node] in $0 == node ? crasher.passes($1) : nil }
    let cluster = SimulatedCluster(seed: ReferenceScene.seed, options, watcher: watcher)
    var verdict = SimulationReport.Verdict.ok
    do throws(Violation) {
      try cluster.playReference()
      if crasher.crashes.isEmpty { throw .safety("X1", "the run differs from the reference") }
    } catch {
      verdict = .broken(error)
    }
    return CrashReport(
      number: number,
      node: node + 1,
      crashes: crasher.crashes,
      kind: crasher.kind,
      simulatedMicroseconds: cluster.now,
      verdict: verdict,
      aftermath: verdict == .ok ? nil : cluster.aftermath
    )
  }

  private static func facts(
    of cluster: SimulatedCluster,
    _ steps: [DiskStep],
    caseCount: Int
  ) -> ReferenceFacts {
    func count(_ mark: CoverageMark) -> Int {
      cluster.coverage.all.first { $0.mark == mark }?.count ?? 0
    }
    let segments = steps.map(\.file).filter { $0.hasSuffix(".seg") && !$0.contains("spare") }
    return ReferenceFacts(
      operations: cluster.history.answeredCount,
      steps: steps.count,
      segments: Set(segments).count,
      snapshots: count(.snapshotWritten),
      installs: count(.installComplete),
      voters: cluster.checker.configuration.seats.count,
      pendingMax: steps.map(\.pendingCount).max() ?? 0,
      cases: caseCount
    )
  }
}

/// Writes down every step of a disk.
private final class StepRecorder {
  private(set) var steps: [DiskStep] = []

  func record(_ step: DiskStep, if isWanted: Bool) -> PowerCut? {
    if isWanted { steps.append(step) }
    return nil
  }
}

/// Ends a process at a step of its disk, and perhaps another one soon after.
private final class Crasher {
  private let first: CrashCase
  private let secondAfter: Int?
  private var random: RandomSource
  private var stepsCount = 0
  /// Where a process was ended, and what was left.
  private(set) var crashes: [String] = []

  init(
    first: CrashCase,
    secondAfter: Int? = nil,
    _ random: RandomSource = RandomSource(seed: 0)
  ) {
    self.first = first
    self.secondAfter = secondAfter
    self.random = random
  }

  var kind: String { first.cut.kind }

  func passes(_ step: DiskStep) -> PowerCut? {
    stepsCount += 1
    if stepsCount == first.step { return end(at: step, first.cut) }
    guard let secondAfter, stepsCount == first.step + secondAfter else { return nil }
    let cuts = PowerCut.all(at: step, seed: random.next())
    return end(at: step, cuts[random.number(below: cuts.count)])
  }

  private func end(at step: DiskStep, _ cut: PowerCut) -> PowerCut {
    crashes.append("\(step.call) \(step.file), step \(stepsCount): \(cut)")
    return cut
  }
}
