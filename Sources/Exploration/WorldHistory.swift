import Consensus

/// What a world remembers beyond its nodes' states: promises are judged over its whole past.
struct WorldHistory: Hashable {
  /// Who has led in each term: a half byte per term, holding the place + 1.
  private(set) var leaders: UInt64 = 0
  /// Everything that any node ever knew to be committed.
  private(set) var committed = PackedLog()
  /// The term of the first node to know each entry as committed: a byte per entry.
  private(set) var commitTerms: UInt64 = 0

  /// The place + 1 of who has led in a term, 0 for nobody.
  func leader(in term: UInt8) -> UInt64 { leaders >> (4 * UInt64(term)) & 15 }

  /// How much of the log was committed in terms before this one.
  func committedCount(before term: UInt8) -> Int {
    (1..<committed.count + 1).prefix { commitTerm(at: $0) < term }.count
  }

  /// The term in which the entry at an index was committed.
  func commitTerm(at index: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: commitTerms >> UInt64(8 * (index - 1)))
  }

  /// A node stands like this now (S1, S7).
  mutating func add(_ facts: NodeFacts, of place: Int) throws(WorldViolation) {
    if facts.isLeader { try leads(place, in: facts.term) }
    let known = facts.committed
    guard known != committed else { return }
    let id = SmallCluster.members[place].id
    guard known.agreement(with: committed) == min(known.count, committed.count) else {
      throw WorldViolation("S7", "\(id) commits another entry than others did")
    }
    while committed.count < known.count {
      let index = committed.count + 1
      commitTerms |= UInt64(facts.term) << UInt64(8 * (index - 1))
      committed.append(known[index])
    }
  }

  private mutating func leads(_ place: Int, in term: UInt8) throws(WorldViolation) {
    let known = leader(in: term)
    guard known == 0 || known == UInt64(place + 1) else {
      let ids = [Int(known) - 1, place].map { SmallCluster.members[$0].id }
      throw WorldViolation("S1", "\(ids[0]) and \(ids[1]) both lead in term \(term)")
    }
    leaders |= UInt64(place + 1) << (4 * UInt64(term))
  }

  /// The history's fingerprint where its cluster's names are exchanged.
  func fingerprint(_ renaming: Renaming) -> UInt64 {
    var renamed: UInt64 = 0
    for term in 0..<UInt8(16) where leader(in: term) > 0 {
      renamed |= UInt64(renaming.name(Int(leader(in: term)) - 1)) << (4 * UInt64(term))
    }
    return Fingerprint.mixed(
      Fingerprint.mixed(Fingerprint.mixed(renamed) ^ committed.bits) ^ commitTerms
    )
  }
}
