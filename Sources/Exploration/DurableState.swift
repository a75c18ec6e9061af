import Consensus
import Raft

/// What a journal's records add up to, as the explorer reckons it for itself.
struct DurableState: Hashable {
  private(set) var term: UInt8 = 0
  /// The place of whom the node voted for in that term.
  private(set) var votedFor: Int?
  private(set) var log = PackedLog()

  init(folding records: [RaftRecord] = []) {
    for record in records { fold(record) }
  }

  mutating func fold(_ record: RaftRecord) {
    switch record {
    case .hardState(let term, let votedFor):
      self.term = UInt8(term.rawValue)
      self.votedFor = votedFor.map(SmallCluster.place)
    case .entry(_, let entry): log.append(PackedLog.code(entry))
    case .truncate(let index): log.truncate(from: Int(index.rawValue))
    case .restart: invariant(false, "a small world takes no snapshots")
    case .admission: invariant(false, "in a small world no disk is wiped or put back")
    case .repair, .repaired: invariant(false, "in a small world no disk is damaged")
    }
  }
}
