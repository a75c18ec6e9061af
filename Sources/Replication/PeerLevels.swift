package import Consensus

/// What the other members understand, as their handshakes say (docs/decisions/0034).
package struct PeerLevels: Sendable {
  /// How many are remembered who are no members.
  package static let strangersMax = 16

  /// What this node understands itself.
  private let own: FeatureLevel
  private var levels: [(member: Member, level: FeatureLevel)] = []
  private var others: [Member] = []
  /// What all members understand; of whom nothing is known yet, no more than the base is expected.
  package private(set) var common: FeatureLevel

  /// Of a node that has no peers yet.
  package init(own: FeatureLevel = .own) {
    self.own = own
    common = own
  }

  /// How many members it remembers.
  package var count: Int { levels.count }

  /// What one of them understands.
  package func level(of member: Member) -> FeatureLevel {
    levels.first { $0.member == member }?.level ?? .base
  }

  /// Whether a member can read messages of a level; else it would close the connection.
  package func includes(_ level: FeatureLevel, of member: Member) -> Bool {
    level <= self.level(of: member)
  }

  /// A member has shown itself; whatever it was before, it is this build now.
  package mutating func note(_ level: FeatureLevel, of member: Member) {
    levels.removeAll { $0.member == member }
    levels.append((member, level))
    let strangers = levels.indices.filter { !others.contains(levels[$0].member) }
    if strangers.count > Self.strangersMax { levels.remove(at: strangers[0]) }
    judge()
  }

  /// Takes over who the other members are.
  package mutating func keep(_ members: [Member]) {
    others = members
    judge()
  }

  private mutating func judge() {
    common = others.map(level(of:)).min().map { min($0, own) } ?? own
  }
}
