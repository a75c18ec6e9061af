/// Work on snapshot files that a core asks for; it is done off the loop.
package enum SnapshotJob: Hashable, Sendable {
  /// Read a part of a snapshot of this node, for a member.
  case read(SnapshotPlace, for: Member)
  /// Keep a part of another node's snapshot; the first one begins anew, and the last one has the
  /// whole verified and installed.
  case store(InstallPart)
  /// No more parts of the snapshot at an index will come: what there is of it can go.
  case giveUp(index: LogIndex)
}

/// What came of a job.
package enum SnapshotJobResult: Sendable {
  /// The part that was asked for, of a file of so many bytes.
  case read(InstallPart, ofSize: Int, for: Member)
  /// There is no such part, or no longer such a snapshot.
  case unreadable(SnapshotPlace, for: Member)
  /// The part that starts there is kept; the next one starts at `end`.
  case stored(SnapshotPlace, end: UInt64, isLast: Bool)
  /// What was kept of the snapshot at an index is of no use: it has to come again from the start.
  case lost(index: LogIndex)
  /// The same: there is no room on the disk for it.
  case noRoom(index: LogIndex)

  /// Whether what was to be received is not here, and has to come again.
  package var isNotReceived: Bool {
    switch self {
    case .lost, .noRoom: true
    case .read, .unreadable, .stored: false
    }
  }
}
