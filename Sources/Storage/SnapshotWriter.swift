/// Writes a snapshot piece by piece; each call is a small portion of work for the disk.
///
/// `append` for every piece, then `finish` until it says so. An error ends it: `disk_full` and
/// `snapshot_damaged` have removed the file and harm nobody, others are fatal.
package struct SnapshotWriter: Sendable {
  private var draft: SnapshotDraft
  private var hasTrailer = false

  init(on disk: any Disk, cluster: [UInt8], header: SnapshotHeader) throws(StorageError) {
    let name = SnapshotFile.unfinishedName(header.index)
    let scan = SnapshotScan(file: name, cluster: cluster, index: header.index)
    draft = try SnapshotDraft(on: disk, scan: scan)
    try draft.add(header.encoded())
  }

  /// Begins a file of the same form under a name of its own, which is no cluster's snapshot.
  package init(
    named name: String,
    on disk: any Disk,
    index: UInt64,
    head: [UInt8]
  ) throws(StorageError) {
    let cluster = [UInt8](repeating: 0, count: SnapshotFile.clusterTagSize)
    let header = SnapshotHeader(cluster: cluster, index: index, term: 0, head: head)
    let scan = SnapshotScan(file: name + ".tmp", cluster: cluster, index: index)
    draft = try SnapshotDraft(on: disk, scan: scan, finalName: name)
    try draft.add(header.encoded())
  }

  /// The name under which it is written.
  package var name: String { draft.scan.file }

  /// The bytes written so far.
  package var size: Int { draft.scan.offset }

  /// Writes the next piece: at most `SnapshotFile.pieceSizeMax` bytes.
  package mutating func append(_ piece: [UInt8]) throws(StorageError) {
    guard piece.count <= SnapshotFile.pieceSizeMax, !hasTrailer else {
      fatalError("a piece is at most 4 MiB and comes before the end")
    }
    try draft.add(draft.scan.encode(.piece, piece))
  }

  /// The same, but a full disk does not end it: what was written stays, and keeps its room.
  ///
  /// - Returns: Whether there was room; if not, the piece can be appended again.
  package mutating func appendIfRoom(_ piece: [UInt8]) throws(StorageError) -> Bool {
    guard piece.count <= SnapshotFile.pieceSizeMax, !hasTrailer else {
      fatalError("a piece is at most 4 MiB and comes before the end")
    }
    return try draft.addIfRoom(draft.scan.encode(.piece, piece))
  }

  /// Does one step towards a durable, verified snapshot: to be called until it is finished.
  package mutating func finish() throws(StorageError) -> SnapshotProgress {
    guard hasTrailer else {
      hasTrailer = true
      try draft.add(draft.scan.encode(.trailer, draft.scan.trailer.encoded()))
      return .working
    }
    return try draft.finish()
  }

  /// Gives the snapshot up and removes its file; does nothing once it has ended.
  package mutating func abandon() throws(StorageError) {
    try draft.abandon()
  }
}
