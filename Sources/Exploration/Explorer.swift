/// Goes through every small world there is within bounds, breadth first, and judges each.
///
/// The nodes are cores as they ship. The network is as bad as it can be: a message may arrive at
/// any time after it was sent, as often as it likes, in any order, or never.
package struct Explorer {
  /// How far it goes.
  package let bounds: SmallWorldBounds

  var nodes = NodeTable()
  var histories = HistoryTable()
  var seen = FingerprintSet()
  /// The worlds at the depth being explored, and at the next.
  private var current = WorldQueue()
  var next = WorldQueue()
  /// From which world each was reached first, by number.
  ///
  /// Worlds are numbered as they are found, which is also the order in which they are explored.
  var parents: [UInt32] = [0]
  /// By what it was reached then.
  var actions: [UInt32] = [0]

  /// The world being explored, and its number.
  var world = World()
  private(set) var number = 0
  /// The sums of the fingerprints of all that it consists of, one per renaming.
  var sums = [UInt64](repeating: 0, count: Renaming.all.count)
  /// The world that the step being taken leads to.
  var successor = World()
  /// The messages that this step puts under way.
  var arrivals: [Int] = []
  /// The messages that nobody will take notice of after this step.
  var dead: [Int] = []

  var transitions = 0
  /// How far the world being explored lies from the beginning, in steps.
  package private(set) var depth = 0
  /// How many worlds bear each mark, in the order of `WorldMark`.
  var marks = [Int](repeating: 0, count: WorldMark.allCases.count)
  /// The first broken promise, and the step that broke it.
  var violation: (WorldViolation, by: WorldAction)?

  /// A search that has only seen the beginning: three new nodes.
  package init(bounds: SmallWorldBounds, flaw: WorldFlaw = .none) {
    self.bounds = bounds
    for place in 0..<SmallCluster.size {
      world.nodes[place] = nodes.number(SmallNode(at: place, flaw: flaw))
    }
    world.history = histories.number(WorldHistory())
    current.append(world)
    sumUp()
    _ = seen.insert(fingerprint(of: sums, world.used))
  }

  /// Explores so many more worlds, or until all are, or until a promise is broken.
  ///
  /// - Returns: Whether there is more to do.
  package mutating func explore(worlds count: Int) -> Bool {
    for _ in 0..<count {
      if current.isEmpty {
        guard !next.isEmpty else { return false }
        swap(&current, &next)
        next.removeAll()
        depth += 1
      }
      current.removeFirst(into: &world)
      exploreWorld()
      guard violation == nil else { return false }
      number += 1
    }
    return !isExhausted
  }

  /// How many different worlds were found; of those that differ in names alone, one counts.
  package var worlds: Int { seen.count }

  /// How many of them wait to be explored.
  package var waiting: Int { seen.count - number }

  /// Whether every world within the bounds was explored.
  var isExhausted: Bool { current.isEmpty && next.isEmpty }

  private mutating func exploreWorld() {
    sumUp()
    for place in 0..<SmallCluster.size {
      let facts = nodes.facts[world.nodes[place]]
      for message in world.messages where nodes.messages.items[message].recipient == place {
        take(WorldAction(.deliver, at: place, message))
        if facts.isTrusting, nodes.messages.items[message].isFromCandidate {
          take(WorldAction(.deliverLate, at: place, message))
        }
      }
      if world.used.timeouts < bounds.timeouts { take(WorldAction(.time, at: place)) }
      let waiting = facts.unsyncedCount
      for count in 0..<waiting where bounds.partialSyncs || count + 1 == waiting {
        take(WorldAction(.sync, at: place, count + 1))
      }
      if facts.isLeader, world.used.entries < bounds.entries {
        take(WorldAction(.submit, at: place, world.used.entries + 1))
      }
      guard world.used.crashes < bounds.crashes else { continue }
      for count in 0...facts.unsyncedCount {
        take(WorldAction(.crash, at: place, count))
      }
    }
  }
}
