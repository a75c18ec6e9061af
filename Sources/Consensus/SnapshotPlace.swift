/// A place in a snapshot's file: a part starts there.
package struct SnapshotPlace: Hashable, Sendable {
  /// The newest entry that the snapshot includes.
  package var index: LogIndex
  /// Where in the file.
  package var offset: UInt64

  package init(index: LogIndex, offset: UInt64) {
    self.index = index
    self.offset = offset
  }
}
