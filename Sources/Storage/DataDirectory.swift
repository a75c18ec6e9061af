/// A node's folder: locked, its own, and counted.
///
/// It holds `lock`, `identity`, `boot`, the journal and the snapshots; docs/formats/journal.md and
/// snapshot.md say what is in them. The lock is held as long as this value or a copy of it lives.
package struct DataDirectory: Sendable {
  /// Whose directory it is.
  package let identity: DirectoryIdentity
  /// How often it has been opened, this time included; never the same twice.
  package let bootNumber: UInt64
  /// What was found of a count that was lost: it has begun anew, far above.
  package let bootLost: StorageError?

  let disk: any Disk
  private let lock: OpenFile

  static let lockName = "lock"
  /// What may stand in a folder that counts as empty.
  static let harmless = [lockName, "lost+found"]

  /// Makes a directory in an empty folder, with a journal that holds `records`, and leaves it.
  ///
  /// The identity gets its name last: a directory whose making was interrupted never opens. Beside
  /// `refused-N-…` it would, as what is half remade, and be the old cluster's again; so a folder
  /// that holds such files is not empty.
  package static func create(
    on disk: any Disk,
    identity: DirectoryIdentity,
    records: [JournalRecord],
    options: JournalOptions = JournalOptions()
  ) throws(StorageError) {
    let first = try withDisk { () throws(DiskError) in try disk.list() }.first(where: isAside)
    if let first { throw .notEmpty(file: first) }
    try make(on: disk, identity: identity, records: records, options: options)
  }

  /// Makes a directory in a folder that holds nothing but what was set aside.
  static func make(
    on disk: any Disk,
    identity: DirectoryIdentity,
    records: [JournalRecord],
    options: JournalOptions
  ) throws(StorageError) {
    // Before the lock, which writes into its file: a folder that is not ours stays as it is.
    try checkEmpty(disk)
    let lock = try withDisk { () throws(DiskError) in try disk.lock(lockName) }
    // And behind it: another process may have made its directory meanwhile.
    try checkEmpty(disk)
    try withDisk { () throws(DiskError) in try BootCounter.create(on: disk) }
    var journal = try Journal.create(on: disk, identity: identity.tag, options: options)
    try journal.append(records)
    try journal.sync()
    try withDisk { () throws(DiskError) in try identity.write(to: disk) }
    withExtendedLifetime(lock) {}
  }

  private static func checkEmpty(_ disk: any Disk) throws(StorageError) {
    let names = try withDisk { () throws(DiskError) in try disk.list() }
    let isInTheWay = { (name: String) in !harmless.contains(name) && !isAside(name) }
    if let file = names.first(where: isInTheWay) { throw .notEmpty(file: file) }
  }

  /// What the numbers of openings begin with where their count was lost.
  package static var countsAnewFrom: UInt64 { BootCounter.anewFrom }

  /// Locks the directory, checks whose it is (`tag`, where the caller knows), counts the boot.
  ///
  /// - Parameters:
  ///   - disk: The folder.
  ///   - tag: That of the identity that it has to have.
  ///   - mayCountAnew: Whether a count that is lost may begin anew where this identity stands:
  ///     whether others judge what the node shows.
  /// - Returns: The directory; no other process can open it as long as it is held.
  /// - Throws: What is wrong with it, or what the disk says.
  package static func open(
    on disk: any Disk,
    expecting tag: [UInt8]? = nil,
    countingAnewIf mayCountAnew: (DirectoryIdentity) -> Bool = { _ in false }
  ) throws(StorageError) -> DataDirectory {
    // A folder that is not ours stays as it is, without so much as a lock file.
    let names = try withDisk { () throws(DiskError) in try disk.list() }
      .filter { !harmless.contains($0) && !isAside($0) }
    guard let first = names.first else { throw .empty }
    guard names.contains(DirectoryIdentity.fileName) else {
      guard names.contains(where: { $0.hasPrefix(BootCounter.fileName) }) else {
        throw .foreign(file: first, what: "this is no data directory")
      }
      throw .missing(file: DirectoryIdentity.fileName)
    }
    let lock = try withDisk { () throws(DiskError) in try disk.lock(lockName) }
    let identity = try DirectoryIdentity.read(from: disk)
    if let tag, tag != identity.tag {
      throw .foreign(
        file: DirectoryIdentity.fileName,
        what: "it is another node's or cluster's directory"
      )
    }
    // Without its journal as well nothing says that this is more than a part of some copy.
    let hasJournal = names.contains { SegmentHeader.number(of: $0) != nil }
    let canBeginAnew = hasJournal && mayCountAnew(identity)
    let counted = try BootCounter.advance(on: disk, canBeginAnew: canBeginAnew)
    return DataDirectory(identity: identity, counted: counted, disk: disk, lock: lock)
  }

  private init(
    identity: DirectoryIdentity,
    counted: (boot: UInt64, lost: StorageError?),
    disk: any Disk,
    lock: OpenFile
  ) {
    self.identity = identity
    (bootNumber, bootLost) = counted
    self.disk = disk
    self.lock = lock
  }

  /// Opens the journal of this directory; see `JournalRecovery.open`.
  package func openJournal(
    options: JournalOptions = JournalOptions(),
    neededFrom needed: UInt64 = 1,
    toleratingDamage: Bool = false
  ) throws(StorageError) -> RecoveredJournal {
    try JournalRecovery.open(
      on: disk,
      identity: identity.tag,
      options: options,
      neededFrom: needed,
      toleratingDamage: toleratingDamage
    )
  }

  /// Opens the snapshots of this directory; see `SnapshotStore.open`.
  package func openSnapshots(cluster: [UInt8]) throws(StorageError) -> SnapshotStore {
    try SnapshotStore.open(on: disk, cluster: cluster)
  }
}
