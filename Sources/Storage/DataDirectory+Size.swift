import Glibc

// How much of the disk a directory takes up.
extension DataDirectory {
  /// The bytes of all files in the folder but the journal's segments and spares, of which it knows
  /// itself: also of snapshots that are half made or damaged, and of what was set aside.
  package func sizeBesideJournal() throws(StorageError) -> Int {
    try withDisk { () throws(DiskError) in
      var sum = 0
      for name in try disk.list() where name != Self.lockName && !Self.isOfJournal(name) {
        do throws(DiskError) {
          sum += try disk.size(of: try disk.open(name))
        } catch {
          guard isNoFile(error) else { throw error }
        }
      }
      return sum
    }
  }

  /// Whether it is gone since it was listed, or is a folder.
  private func isNoFile(_ error: DiskError) -> Bool {
    switch error {
    case .missing: true
    case .io(_, _, let number): number == EISDIR
    default: false
    }
  }

  private static func isOfJournal(_ name: String) -> Bool {
    SegmentHeader.number(of: name) != nil || SegmentPool.isSpare(name)
      || name == SegmentPool.unfinishedName
  }
}
