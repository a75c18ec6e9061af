import Consensus
import Documents
import PBFT
import Replication
import Storage

/// One life of a node: the shipped replica, its journal and its snapshots.
///
/// A class, because a process is a thing that dies: events that are still to come see that.
final class ByzantineLife {
  /// Tells the lives of a node apart.
  let boot: UInt64
  /// Keeps the directory's lock.
  private let directory: DataDirectory
  var journal: Journal
  var keeper: SnapshotKeeper<DocumentStore>
  var replica: Replica<WatchedCore, DocumentStore>
  /// Records for the journal's next batch.
  var waiting: [JournalRecord] = []
  /// Records that are written and not synced.
  var unsynced: [JournalRecord] = []
  var isJournalBusy = false
  var isKeeperBusy = false
  var isTurnScheduled = false
  /// Records below may go, once those that were handed over with this are durable.
  var forgetBelow: UInt64 = 0
  /// The same, once the batch that is written now is.
  var forgettableBelow: UInt64 = 0
  /// The state that others are asked for.
  var wanted: StateTarget?

  init(
    boot: UInt64,
    directory: DataDirectory,
    journal: Journal,
    keeper: SnapshotKeeper<DocumentStore>,
    replica: Replica<WatchedCore, DocumentStore>
  ) {
    self.boot = boot
    self.directory = directory
    self.journal = journal
    self.keeper = keeper
    self.replica = replica
  }

  /// How its core stands, without a copy of it.
  var status: ByzantineStatus { replica.core.core.byzantineStatus }
}
