import Consensus
import Raft
import Replication
import Storage
import Wire

/// What a node would find on its disk if it started now.
struct DiskRemains {
  /// How many entries its newest snapshot includes.
  var snapshotIndex = 0
  /// The records of its journal that can be read.
  var records: [Recovered<RaftRecord>] = []
  /// The positions of those that cannot.
  var holes: [ClosedRange<UInt64>] = []
  /// Whether nothing is lost that it needs, and none of its snapshots.
  var isWhole = false
  /// Whether something is lost and nothing says whom to ask for it.
  var knowsNobody = false

  /// Whether anything is lost between two records.
  func hasHole(between first: UInt64, and second: UInt64) -> Bool {
    holes.contains { $0.upperBound > first && $0.upperBound < second }
  }
}

extension SimulatedCluster {
  /// What is left on a node's disk; nothing where it would refuse to start.
  func remains(of node: Int) -> DiskRemains {
    let copy = nodes[node].disk.copy()
    var remains = DiskRemains()
    do {
      let directory = try DataDirectory.open(on: copy) { _ in setup.hasOthers }
      let store = try SnapshotStore.open(on: copy, cluster: setup.cluster.encoded())
      var keeper = SnapshotKeeper<ObservedStore>(store)
      let restored = try keeper.loadNewest()
      remains.snapshotIndex = Int(restored?.mark.index.rawValue ?? 0)
      let journal = try directory.openJournal(
        options: setup.journal,
        neededFrom: restored == nil ? 1 : .max,
        toleratingDamage: true
      )
      remains.holes = journal.damage.map { $0.first...$0.last }
      remains.records = try journal.records.map { found in
        Recovered(position: found.position, record: try RaftRecord(decoding: found.payload))
      }
      let past = Past(remains.records, after: restored?.mark, without: remains.holes)
      remains.isWhole = keeper.store.damaged.isEmpty && !RaftCore.mustRepair(past)
      remains.knowsNobody = !RaftCore.canRecover(past, as: nodes[node].member)
    } catch {
      // It refuses to start, or gives out nothing more.
      return remains
    }
    return remains
  }
}
