/// Carries a run's faults out, and keeps what came of them.
@MainActor
final class FaultWatch {
  /// What was done so far, in the order of beginning; what lasts has ended in no time yet.
  private(set) var faults: [RunFault] = []
  /// What kept faults from happening.
  private(set) var problem: HarnessError?

  private let nemesis: Nemesis
  private let recorder: HistoryRecorder
  /// Where the nemesis' time stood when the run began, in milliseconds.
  private var origin = 0
  private var task: Task<Void, Never>?
  /// Snapshots while anything was broken; what lasts since `snapshotsBefore` not among them.
  private var snapshots = SnapshotCounts()
  private var snapshotsBefore: SnapshotCounts?

  init(_ nemesis: Nemesis, _ recorder: HistoryRecorder) {
    self.nemesis = nemesis
    self.recorder = recorder
    nemesis.callsUnderWay = { recorder.openCount }
  }

  /// What lasts at the moment, in a few words; empty if nothing does.
  var words: String { nemesis.effects.map(\.kind.rawValue).joined(separator: ", ") }

  /// Begins the schedule.
  func begin(_ plan: FaultPlan) {
    origin = nemesis.now
    let conductor = FaultConductor(plan, nemesis)
    conductor.tell = { [weak self] in self?.note($0) }
    task = Task {
      do throws(HarnessError) { try await conductor.run() } catch { problem = error }
    }
  }

  /// Ends every fault; the first problem is kept.
  func end() async {
    task?.cancel()
    await task?.value
    do throws(HarnessError) {
      try await nemesis.healAll { [weak self] effect in self?.note(effect) }
    } catch {
      problem = problem ?? error
    }
    let now = recorder.now
    for place in faults.indices where faults[place].to < 0 { faults[place].to = now }
    countSnapshots()
    recorder.healed()
  }

  /// The snapshots that nodes took and received while anything was broken.
  ///
  /// That snapshots and faults met is else only hoped for.
  var snapshotsAmidFaults: SnapshotCounts { snapshots }

  /// Begins to count with the first fault that lasts, and ends with the last.
  private func countSnapshots() {
    let cluster = nemesis.cluster
    let isBroken = faults.contains { $0.to < 0 }
    guard isBroken == (snapshotsBefore == nil) else { return }
    let now = SnapshotCounts.count(in: (1...cluster.plan.nodesCount).map { cluster.log(of: $0) })
    if let before = snapshotsBefore { snapshots = snapshots + (now - before) }
    snapshotsBefore = isBroken ? now : nil
  }

  /// The faults, with what clients felt of those that strike neither frames nor syncs: calls that
  /// were under way meanwhile.
  ///
  /// Whose files change is down while they do.
  func faults(feltBy samples: [CallSample]) -> [RunFault] {
    Self.faults(faults, feltBy: samples)
  }

  static func faults(_ faults: [RunFault], feltBy samples: [CallSample]) -> [RunFault] {
    faults.map { fault in
      let isToldByCalls =
        fault.kind.destroys || [.process, .clock, .membership].contains(fault.kind.lane)
      guard isToldByCalls, fault.hasHappened else { return fault }
      var fault = fault
      fault.feltCount = samples.count {
        $0.began < fault.to && $0.began + $0.took > fault.from
      }
      return fault
    }
  }

  func note(_ effect: FaultEffect) {
    defer { countSnapshots() }
    let from = Int64(effect.from - origin) * 1_000
    var fault = RunFault(
      kind: effect.kind,
      targets: effect.targets,
      from: from,
      to: -1,
      feltCount: effect.feltCount,
      words: effect.words,
      hasHappened: effect.hasHappened
    )
    recorder.note(effect)
    guard let to = effect.to else { return faults.append(fault) }
    fault.to = Int64(to - origin) * 1_000
    let place = faults.lastIndex { $0.from == from && $0.kind == fault.kind && $0.to < 0 }
    if let place { faults[place] = fault } else { faults.append(fault) }
  }
}
