/// Takes another member's snapshot part by part, as its `SnapshotReader` gives them.
///
/// Each part is checked before it is written; one that is damaged, or is not the one wanted,
/// changes nothing, so that the sender can send it again. What was received before a restart is
/// not used: it is removed when the store is opened.
package struct SnapshotReceiver: Sendable {
  /// The index of the snapshot that is received.
  package let index: UInt64

  private var draft: SnapshotDraft

  init(on disk: any Disk, cluster: [UInt8], index: UInt64) throws(StorageError) {
    self.index = index
    let name = SnapshotFile.installName(index)
    draft = try SnapshotDraft(
      on: disk,
      scan: SnapshotScan(file: name, cluster: cluster, index: index)
    )
  }

  /// The offset of the part that is wanted next; the bytes received so far.
  package var wantedOffset: Int { draft.scan.offset }

  /// Whether every part is here; `finish` comes next.
  package var isComplete: Bool { draft.scan.isComplete }

  /// Whether it has ended: a new receiver has to begin from the first part.
  package var isOver: Bool { draft.isOver }

  /// What the sender put at the snapshot's head, once the first part is here.
  package var head: [UInt8]? { draft.scan.header?.head }

  /// Checks and writes a part; one at another offset than the wanted one is ignored.
  ///
  /// - Throws: `snapshotDamaged` or `foreign` for a part that is not right; nothing was changed,
  ///   unless the whole does not come to what its trailer says: then it is over. `diskFull`: over.
  package mutating func receive(_ part: SnapshotPart) throws(StorageError) {
    guard part.offset == wantedOffset, !isComplete else { return }
    do {
      try draft.add(part.bytes)
    } catch {
      // A whole trailer, and it is not the trailer of what came before it: which part was not
      // the sender's can no longer be told.
      if !error.isFatal, draft.scan.isTrailer(part.bytes) { try draft.abandon() }
      throw error
    }
  }

  /// Does one step towards a durable, verified snapshot: to be called until it is finished.
  package mutating func finish() throws(StorageError) -> SnapshotProgress {
    guard isComplete else { fatalError("a snapshot is finished when all of it is here") }
    return try draft.finish()
  }

  /// Gives it up and removes its file; does nothing once it has ended.
  package mutating func abandon() throws(StorageError) {
    try draft.abandon()
  }
}
