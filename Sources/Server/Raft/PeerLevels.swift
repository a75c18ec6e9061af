import Consensus

/// What the builds of the other members understand, as their handshakes say.
struct PeerLevels {
  private var levels: [(member: Member, level: FeatureLevel)] = []
  private var others: [Member] = []
  /// What all members understand; of whom nothing is known yet, no more than the base is expected.
  private(set) var common = FeatureLevel.own

  /// How many members it remembers.
  var count: Int { levels.count }

  /// What one of them understands.
  func level(of member: Member) -> FeatureLevel {
    levels.first { $0.member == member }?.level ?? .base
  }

  /// A member has shown itself; whatever it was before, it is this build now.
  mutating func note(_ level: FeatureLevel, of member: Member) {
    levels.removeAll { $0.member == member }
    levels.append((member, level))
    let strangers = levels.indices.filter { !others.contains(levels[$0].member) }
    if strangers.count > PeerTraffic.strangersMax { levels.remove(at: strangers[0]) }
    judge()
  }

  /// Takes over who the other members are.
  mutating func keep(_ members: [Member]) {
    others = members
    judge()
  }

  private mutating func judge() {
    common = others.map(level(of:)).min().map { min($0, .own) } ?? .own
  }
}
