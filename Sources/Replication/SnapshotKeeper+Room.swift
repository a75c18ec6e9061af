import Consensus
import Storage

// A disk without room for a third snapshot beside two: the older one makes it (decision 0013).
extension SnapshotKeeper {
  /// Reads a part of the newest snapshot; once all of it was sound, the older one is removed.
  mutating func makeRoom() throws(StorageError) -> [SnapshotNotice<Machine>] {
    wantsRoom = false
    guard let newest = store.newest, store.snapshots.count > 1,
      proving.map({ $0.file.index == newest.index }) ?? true
    else {
      proving = nil
      return []
    }
    do throws(StorageError) {
      var reader = if let proving { proving } else { try beginProof(of: newest) }
      // Moved out, so that nothing is copied.
      proving = nil
      guard try reader.next() == nil else {
        proving = reader
        return []
      }
    } catch {
      guard !error.isFatal else { throw error }
      return giveUp(newest.index, because: error).map { [$0] } ?? []
    }
    try store.removeOlder()
    closeIfGone()
    return [.olderRemoved(kept: LogIndex(newest.index))]
  }

  /// Removes a damaged snapshot for want of room: others have what it would hold.
  mutating func dropDamaged() throws(StorageError) -> [SnapshotNotice<Machine>] {
    dropsDamaged = try store.removeDamaged()
    closeIfGone()
    return []
  }

  /// From the disk, and not from memory.
  private func beginProof(of newest: SnapshotFile) throws(StorageError) -> SnapshotReader {
    let reader = try store.reader(of: newest.index)
    reader.forgetCached()
    return reader
  }
}
