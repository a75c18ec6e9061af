import Consensus

/// Damage to the disks of a cluster of three that has a reference run behind it (gates G4 and G5).
///
/// One by one every block of every file of one node; or, drawn, several blocks of all nodes such
/// that each committed entry is whole somewhere. Nobody helps: the nodes have to come back by
/// themselves, with everything that was ever acknowledged, and equal in the end.
package struct DamageSweep {
  /// A block, what becomes of it, and whether its node runs meanwhile.
  private struct Case {
    let place: DamagePlace
    let isRunning: Bool
  }

  /// Whoever waits longer for an answer finds the cluster unavailable: three election timeouts.
  private static let silenceMax: UInt64 = 1_000_000
  private static let drawnSalt: UInt64 = 0x6461_6D61_6765

  private let node: Int
  private let cases: [Case]

  /// Runs the reference once and lists what is to be damaged on a node, counted from 1.
  ///
  /// - Throws: What is broken without any damage.
  package init(node number: Int) throws(Violation) {
    node = number - 1
    var files: [(name: String, size: Int)] = []
    let cluster = Self.cluster(nil)
    _ = try cluster.play(
      DamageScene(nodes: [node], isRunning: false) { [node] in
        files = $0.nodes[node].disk.platter
        return []
      }
    )
    var cases: [Case] = []
    for file in files where file.size > 0 {
      for block in 0...(file.size - 1) / SimulatedFile.sectorSize {
        for damage in DiskDamage.swept {
          let place = DamagePlace(file: file.name, block: block, damage: damage)
          cases += [false, true].map { Case(place: place, isRunning: $0) }
        }
      }
    }
    self.cases = cases
  }

  /// How many cases there are, as one JSON object.
  package var jsonText: String { "{\"cases\": \(cases.count)}" }

  /// How many cases there are.
  package var count: Int { cases.count }

  /// Runs a case, by its number from 1 on (G4).
  package func run(_ number: Int, watcher: ((String) -> Void)? = nil) -> DamageReport {
    let chosen = cases[number - 1]
    let scene = DamageScene(nodes: [node], isRunning: chosen.isRunning) { [node] cluster in
      let isDone = cluster.damage(node, chosen.place, sparingRecent: false)
      return isDone ? ["n\(node + 1): \(chosen.place)"] : []
    }
    let when = chosen.isRunning ? "running" : "idle"
    return Self.report(number, "\(chosen.place.damage.rawValue), \(when)", scene, watcher)
  }

  /// Damages all three nodes at once, as a seed draws it (G5).
  package static func runOnAll(seed: Int, watcher: ((String) -> Void)? = nil) -> DamageReport {
    let scene = DamageScene(nodes: [0, 1, 2], isRunning: false) { cluster in
      var random = RandomSource(seed: UInt64(seed) ^ drawnSalt)
      return (0..<1 + random.number(below: 12)).compactMap { _ in
        let node = random.number(below: 3)
        let place = cluster.draw(on: node, &random)
        let isDone = cluster.damage(node, place, sparingRecent: true)
        return isDone ? "n\(node + 1): \(place)" : nil
      }
    }
    return report(seed, "all nodes", scene, watcher)
  }

  private static func cluster(_ watcher: ((String) -> Void)?) -> SimulatedCluster {
    let scene = ReferenceScene(hasJoiner: false)
    return SimulatedCluster(seed: ReferenceScene.seed, scene.options(), watcher: watcher)
  }

  private static func report(
    _ number: Int,
    _ kind: String,
    _ scene: DamageScene,
    _ watcher: ((String) -> Void)?
  ) -> DamageReport {
    let cluster = cluster(watcher)
    var outcome = DamageOutcome()
    var verdict = SimulationReport.Verdict.ok
    var damage: [String] = []
    var noting = scene
    noting.strike = {
      damage = scene.strike($0)
      return damage
    }
    do throws(Violation) {
      outcome = try cluster.play(noting)
    } catch {
      verdict = .broken(error)
    }
    return DamageReport(
      number: number,
      kind: kind,
      damage: damage,
      isAvailable: verdict == .ok && outcome.longestSilence <= silenceMax,
      repairs: cluster.coverage.all.first { $0.mark == .logRepaired }?.count ?? 0,
      isRefused: cluster.hasLosses || cluster.nodes.contains(where: \.isOut),
      longestSilence: outcome.longestSilence,
      microseconds: outcome.microseconds,
      verdict: verdict,
      aftermath: verdict == .ok ? nil : cluster.aftermath
    )
  }
}

/// What came of a case of damage.
package struct DamageReport: Sendable {
  /// The number of the case, or its seed.
  package let number: Int
  /// What kind of damage it was.
  package let kind: String
  /// What was damaged; nothing where it would have been lost everywhere.
  package let damage: [String]
  /// Whether clients were answered all the while.
  package let isAvailable: Bool
  /// How often a node had lost something of its journal, and got it back.
  package let repairs: Int
  /// Whether a node is not let in any more: its newest records are lost, and the others know.
  package let isRefused: Bool
  /// The longest time without an answer, in microseconds.
  package let longestSilence: UInt64
  /// How long it took until all were whole and equal, in microseconds.
  package let microseconds: UInt64
  /// How it ended.
  package let verdict: SimulationReport.Verdict
  /// What led to a broken promise, for people.
  package let aftermath: SimulationReport.Aftermath?

  /// The report as one JSON object on a line.
  package var jsonText: String {
    let counts = SimulationReport.object([
      ("damaged", damage.isEmpty ? "0" : "1"), ("available", isAvailable ? "1" : "0"),
      ("blocks", "\(damage.count)"), ("repairs", "\(repairs)"),
      ("refused", isRefused ? "1" : "0"),
    ])
    return SimulationReport.object(
      [
        ("case", "\(number)"), ("kind", SimulationReport.quoted(kind)),
        ("damage", SimulationReport.list(damage)), ("counts", counts),
        ("silence_ms", "\(longestSilence / 1_000)"), ("well_ms", "\(microseconds / 1_000)"),
      ] + SimulationReport.ending(verdict, aftermath)
    )
  }
}
