package import Consensus
package import Storage

/// What came of an order.
package enum SnapshotNotice<Machine: StateMachine>: Sendable {
  /// The state is written, durable and read back.
  case taken(SnapshotMark, size: Int)
  /// It is not, and is to be tried again later; nothing is lost.
  case notTaken(StorageError)
  /// Another node's snapshot could not be kept; the job that says so is lost.
  case notReceived(StorageError)
  /// Only this snapshot is left, which was read through before the older one was removed.
  case olderRemoved(kept: LogIndex)
  /// A job has come to this.
  case jobDone(SnapshotJobResult)
  /// Another node's snapshot is here, durable and read: the state may go on from it.
  case received(RestoredSnapshot<Machine>)
  /// A snapshot that was whole is damaged, and not used any more.
  case damaged(StorageError)
}
