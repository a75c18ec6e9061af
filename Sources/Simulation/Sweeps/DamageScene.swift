import Consensus
import Raft
import Replication

/// What is damaged behind the reference run, and when.
struct DamageScene {
  /// The nodes whose disks are damaged.
  var nodes: [Int]
  /// Whether they run meanwhile, and find out at a later start.
  var isRunning: Bool
  /// Damages the disks.
  ///
  /// Returns what was damaged, in words.
  var strike: (SimulatedCluster) -> [String]
}

/// What came of some damage.
struct DamageOutcome {
  var damage: [String] = []
  /// The longest time in which nobody was answered, in microseconds.
  var longestSilence: UInt64 = 0
  /// When all was well again.
  var microseconds: UInt64 = 0
}

// Damage behind the reference run: all must come back by themselves.
extension SimulatedCluster {
  /// By then everybody has told everybody how far its journal reaches.
  private static let idleMicroseconds: UInt64 = 3_000_000
  private static let runningMicroseconds: UInt64 = 1_500_000

  /// Plays the reference run, lets everybody rest, damages, and lets everybody come back.
  func play(_ scene: DamageScene) throws(Violation) -> DamageOutcome {
    try playReference()
    try go(until: now + Self.idleMicroseconds)
    var outcome = DamageOutcome()
    if !scene.isRunning { endProcesses(of: scene) }
    outcome.damage = scene.strike(self)
    let began = now
    for client in clients.indices { clients[client].isActive = true }
    if scene.isRunning {
      try go(until: now + Self.runningMicroseconds)
      endProcesses(of: scene)
    }
    reference?.damaged(at: now, answered: history.answeredCount, crashes: crashes)
    outcome.longestSilence = try watchReturn()
    outcome.microseconds = now - began
    var replay = HistoryReplay(history, applied)
    try replay.check()
    _ = try KeyHistories(history, applied).check()
    return outcome
  }

  private func go(until time: UInt64) throws(Violation) {
    while now < time, try step() {}
  }

  private func endProcesses(of scene: DamageScene) {
    for node in scene.nodes { crash(node, by: .kill, losesPower: false) }
  }

  /// Goes on until all members are whole and equal.
  ///
  /// - Returns: The longest time in which no client was answered, although all asked.
  private func watchReturn() throws(Violation) -> UInt64 {
    var answered = history.answeredCount
    var answeredAt = now
    var longest: UInt64 = 0
    while try !isReferenceOver(), try step() {
      if case .ending = reference?.act { continue }
      if history.answeredCount > answered {
        longest = max(longest, now - answeredAt)
        (answered, answeredAt) = (history.answeredCount, now)
      }
    }
    return longest
  }
}
