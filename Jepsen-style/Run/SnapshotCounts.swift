/// Snapshots that nodes took, and received from others.
package struct SnapshotCounts: Equatable, Sendable {
  /// Written by the node itself; its log is trimmed then.
  package var taken = 0
  /// Received whole, in the place of a log that nobody has any more.
  package var received = 0

  /// What the logs of some nodes tell.
  static func count(in logs: [String]) -> SnapshotCounts {
    var counts = SnapshotCounts()
    for line in logs.lazy.flatMap({ Folder.text(of: $0).split(separator: "\n") }) {
      if line.contains("snapshot.taken") { counts.taken += 1 }
      if line.contains("snapshot.received") { counts.received += 1 }
    }
    return counts
  }

  static func + (one: SnapshotCounts, other: SnapshotCounts) -> SnapshotCounts {
    SnapshotCounts(taken: one.taken + other.taken, received: one.received + other.received)
  }

  static func - (one: SnapshotCounts, other: SnapshotCounts) -> SnapshotCounts {
    SnapshotCounts(taken: one.taken - other.taken, received: one.received - other.received)
  }
}
