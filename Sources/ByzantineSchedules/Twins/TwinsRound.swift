/// What the network and the timers do in one round of a Twins scenario.
package struct TwinsRound: Hashable, Sendable {
  /// The side that each instance is on; messages between sides are lost.
  package var sides: [UInt8]
  /// So many hops of messages arrive; what is then under way is lost.
  package var hops: Int
  /// The sides, as bits, that lose patience at its end.
  package var impatient: UInt8

  /// Every way of putting instances on at most three sides, each once: sides are numbered in the
  /// order in which they first occur.
  package static func partitions(of count: Int) -> [[UInt8]] {
    var all: [[UInt8]] = [[0]]
    for _ in 1..<count {
      all = all.flatMap { sides in
        let next = min((sides.max() ?? 0) + 1, 2)
        return (0...next).map { sides + [$0] }
      }
    }
    return all
  }

  /// Every round of a small scenario: each partition, two hops or as many as there are, and nobody,
  /// everybody or all but the largest side impatient.
  package static func all(instances count: Int) -> [TwinsRound] {
    var rounds: [TwinsRound] = []
    for sides in partitions(of: count) {
      let minority = Self.minority(sides)
      let patience: [UInt8] = minority == 0 ? [0, 7] : [0, minority, 7]
      for hops in [2, 9] {
        for impatient in patience {
          rounds.append(TwinsRound(sides: sides, hops: hops, impatient: impatient))
        }
      }
    }
    return rounds
  }

  /// All sides but the largest.
  private static func minority(_ sides: [UInt8]) -> UInt8 {
    let sizes = (UInt8(0)...2).map { side in sides.count { $0 == side } }
    let largest = sizes.indices.max { sizes[$0] < sizes[$1] } ?? 0
    return sides.reduce(0) { $0 | 1 << $1 } & ~(1 << UInt8(largest))
  }

  /// In words, instances by number.
  package var text: String {
    let words = (UInt8(0)...2).compactMap { side -> String? in
      let members = sides.indices.filter { sides[$0] == side }.map { String($0) }
      guard !members.isEmpty else { return nil }
      let isImpatient = impatient & 1 << side != 0
      return members.joined(separator: " ") + (isImpatient ? " (impatient)" : "")
    }
    return words.joined(separator: " | ") + (hops < 9 ? ", \(hops) hops" : "")
  }
}
