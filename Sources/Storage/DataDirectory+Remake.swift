// A directory is made anew in its folder, and what it held is kept aside under other names:
// `refused-1-identity`, `refused-1-journal-….seg`, and so on; the number counts the times.
//
// Names alone say how far that has come, so that a crash in the middle is made good at the next
// start. The old `boot` is set aside first and `identity` last, and the new `identity` is written
// last: as long as there is an `identity` and no `boot` beside a `refused-N-boot`, and no
// `refused-N-identity`, files remain to be set aside; while there is no `identity`, the new
// directory remains to be made, unless what stands there was opened before: then `identity` is
// lost, and nothing is touched. What people remove of the old files makes no difference.
extension DataDirectory {
  private static let asidePrefix = "refused-"

  static func isAside(_ name: String) -> Bool { name.hasPrefix(asidePrefix) }

  /// Whether the making of a directory anew was interrupted.
  package static func isHalfRemade(on disk: any Disk) throws(StorageError) -> Bool {
    let names = try withDisk { () throws(DiskError) in try disk.list() }
    let newest = newestNumber(names)
    guard newest > 0 else { return false }
    guard names.contains(DirectoryIdentity.fileName) else {
      return try isInTheMaking(names, on: disk)
    }
    guard !names.contains(identityName(newest)), !names.contains(BootCounter.fileName) else {
      return false
    }
    // Else `boot` was lost, and what stands aside is of a journal that began anew.
    return names.contains("\(asidePrefix)\(newest)-\(BootCounter.fileName)")
      || !names.contains(where: isData)
  }

  static func isData(_ name: String) -> Bool {
    name.hasPrefix("journal-") || name.hasPrefix("snapshot-")
  }

  /// Whether what stands there without an identity was never opened.
  ///
  /// Else that was lost, and the rest is a node's whole data. The new `boot` is made before all
  /// else.
  private static func isInTheMaking(
    _ names: [String],
    on disk: any Disk
  ) throws(StorageError) -> Bool {
    let begun = names.filter {
      !harmless.contains($0) && !isAside($0) && $0 != BootCounter.unfinishedName
    }
    guard !begun.isEmpty else { return true }
    do throws(StorageError) {
      return try BootCounter.inspect(disk) == 0
    } catch {
      guard error.isDamage else { throw error }
      return false
    }
  }

  /// Sets aside what the directory holds and makes it anew, or goes on with that.
  ///
  /// - Parameters:
  ///   - disk: The folder, which no process uses.
  ///   - records: What the new journal begins with.
  ///   - options: For that journal.
  ///   - next: Whose the new directory is, told whose the old one was.
  /// - Throws: What the disk says, or what is wrong with the old identity.
  package static func remake(
    on disk: any Disk,
    records: [JournalRecord],
    options: JournalOptions = JournalOptions(),
    as next: (DirectoryIdentity) throws(StorageError) -> DirectoryIdentity
  ) throws(StorageError) {
    // Nothing is touched where no successor can be named.
    if try !isHalfRemade(on: disk) { _ = try next(DirectoryIdentity.inspect(disk)) }
    let number = try makeRoom(on: disk)
    let former = try DirectoryIdentity.inspect(disk, name: identityName(number))
    try make(on: disk, identity: try next(former), records: records, options: options)
  }

  /// - Returns: Under which number the old files stand; nothing else is left.
  private static func makeRoom(on disk: any Disk) throws(StorageError) -> Int {
    let isBegun = try isHalfRemade(on: disk)
    let (lock, names) = try withDisk { () throws(DiskError) in
      (try disk.lock(lockName), try disk.list())
    }
    let number = newestNumber(names) + (isBegun ? 0 : 1)
    var rest = names.filter { !harmless.contains($0) && !isAside($0) }
    if !isBegun, rest.contains(DirectoryIdentity.fileName), !rest.contains(BootCounter.fileName) {
      // Its name aside says how far this has come.
      try BootCounter.rewrite(0, on: disk)
      rest.append(BootCounter.fileName)
      rest.removeAll { $0 == BootCounter.unfinishedName }
    }
    try withDiskFatally { () throws(DiskError) in
      guard !rest.contains(DirectoryIdentity.fileName) else {
        return try setAside(rest, number, on: disk)
      }
      // What was made of the new one so far; `boot` last, as it says that nothing else counts.
      for step in [rest.filter { $0 != BootCounter.fileName }, [BootCounter.fileName]] {
        for name in step where rest.contains(name) { try disk.remove(name) }
        try disk.syncFolder()
      }
    }
    withExtendedLifetime(lock) {}
    return number
  }

  private static func setAside(
    _ names: [String],
    _ number: Int,
    on disk: any Disk
  ) throws(DiskError) {
    let (boot, identity) = (BootCounter.fileName, DirectoryIdentity.fileName)
    let others = names.filter { $0 != boot && $0 != identity }
    for step in [names.filter { $0 == boot }, others, [identity]] {
      for name in step { try disk.rename(name, to: "\(asidePrefix)\(number)-\(name)") }
      try disk.syncFolder()
    }
  }

  private static func identityName(_ number: Int) -> String {
    "\(asidePrefix)\(number)-\(DirectoryIdentity.fileName)"
  }

  /// The name under which a file is kept that is set aside beside those that stand there already.
  static func asideName(of name: String, after names: [String]) -> String {
    "\(asidePrefix)\(newestNumber(names) + 1)-\(name)"
  }

  private static func newestNumber(_ names: [String]) -> Int {
    names.compactMap { name in
      guard isAside(name) else { return nil }
      return Int(name.dropFirst(asidePrefix.count).prefix { $0 != "-" })
    }.max() ?? 0
  }
}
