// A journal of which nothing is left begins anew, in the directory as it is: whose it is, and how
// often it was opened, stays known. What little there is of the old files is kept aside.
extension DataDirectory {
  /// Sets what is left of journal and snapshots aside, in files that begin with `refused-`, and
  /// begins a journal with `records`; the directory is open, and its journal is not.
  ///
  /// Interrupted, it is found as it was, or with a journal that begins with no record at all.
  package func beginJournalAnew(
    with records: [JournalRecord],
    options: JournalOptions = JournalOptions()
  ) throws(StorageError) {
    try withDiskFatally { () throws(DiskError) in
      let names = try disk.list()
      for name in names where Self.isData(name) {
        if SegmentPool.isSpare(name) || name.hasSuffix(".tmp") {
          try disk.remove(name)
        } else {
          try disk.rename(name, to: Self.asideName(of: name, after: names))
        }
      }
      try disk.syncFolder()
    }
    var journal = try Journal.create(on: disk, identity: identity.tag, options: options)
    try journal.append(records)
    try journal.sync()
  }
}
