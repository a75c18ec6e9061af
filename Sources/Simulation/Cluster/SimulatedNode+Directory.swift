import Consensus
import Raft
import Replication
import Storage
import Wire

// A node's folder: made, emptied, made anew for another member, put back from a copy.
extension SimulatedNode {
  /// Makes the node's data directory, as `server init` does.
  func makeDirectory(_ setup: Setup) throws(StorageError) {
    try DataDirectory.create(
      on: disk,
      identity: identity(setup),
      records: journalRecords(firstRecords(setup)),
      options: setup.journal
    )
  }

  private func journalRecords(_ records: [RaftRecord]) -> [JournalRecord] {
    records.map { JournalRecord(payload: $0.encoded(), isVital: $0.isVital) }
  }

  /// The folder is emptied and made anew while the node is down.
  mutating func wipe(_ setup: Setup) throws(StorageError) {
    disk.replaceFiles(with: [])
    (bootsLost, hasLostBoot) = (lastBoot, false)
    try makeDirectory(setup)
  }

  /// The folder is emptied and made for a new member that waits to be added.
  mutating func wipe(as successor: Member, _ setup: Setup) throws(StorageError) {
    member = successor
    try wipe(setup)
  }

  /// What the folder holds is set aside, and another directory made for a new member, as
  /// `server start` does when the others have taken that in.
  mutating func comeBack(as successor: Member, _ setup: Setup) throws(StorageError) {
    member = successor
    (bootsLost, hasLostBoot) = (lastBoot, false)
    loss = nil
    wasAdmitted = false
    (isRotten, mayHaveHoles, mayLackEnd, mayRefuse) = (false, false, false, false)
    mayLackSnapshot = false
    isReturning = true
    try remakeFolder(setup)
    isReturning = false
  }

  /// Opens the folder as `server start` does.
  func open(_ setup: Setup) throws(StorageError) -> DataDirectory {
    try DataDirectory.open(on: disk, expecting: identity(setup).tag) { _ in setup.hasOthers }
  }

  /// Whether the folder is the new member's, after a crash while it was made so.
  func isRemade(_ setup: Setup) throws(StorageError) -> Bool {
    guard try !DataDirectory.isHalfRemade(on: disk) else { return false }
    do throws(StorageError) {
      _ = try open(setup)
      return true
    } catch {
      guard case .foreign = error else { throw error }
      return false
    }
  }

  func remakeFolder(_ setup: Setup) throws(StorageError) {
    let identity = identity(setup)
    try DataDirectory.remake(
      on: disk,
      records: journalRecords(RaftCore.joinerRecords),
      options: setup.journal
    ) { _ throws(StorageError) in identity }
  }

  /// The folder as the disk holds it at this moment.
  func copyFolder(_ ledger: NodeLedger) -> DiskCopy? {
    process.map { process in
      DiskCopy(files: disk.durableContents, ledger: ledger, boot: process.directoryBoot)
    }
  }

  /// While the node is down the file is lost that says how often it was started.
  ///
  /// - Returns: Whether it was there, and had not been lost before.
  mutating func loseBoot() -> Bool {
    let hasIdentity = disk.platter.contains { $0.name == "identity" }
    guard process == nil, !hasLostBoot, !isReturning, hasIdentity, disk.lose("boot") else {
      return false
    }
    (hasLostBoot, isRotten) = (true, true)
    if !wasLifeAdmitted { wasAdmitted = false }
    return true
  }

  /// The copy, or all of it but the count of openings, takes the folder's place while the node is
  /// down.
  mutating func putBack(_ copy: DiskCopy, isBootless: Bool) {
    disk.replaceFiles(with: copy.files)
    bootsLost = lastBoot
    // A new one needs room on the disk.
    if isBootless, disk.lose("boot") { isRotten = true }
  }

  /// What a new directory's journal holds: the configuration, or nothing if the node is not in it.
  func firstRecords(_ setup: Setup) -> [RaftRecord] {
    let isVoter = setup.configuration.seat(of: member) != nil
    return isVoter ? RaftCore.initialRecords(for: setup.configuration) : RaftCore.joinerRecords
  }

  /// The record that a voter's identity keeps, too.
  func keptRecord(_ setup: Setup) -> RecoveredRecord? {
    guard case .entry = firstRecords(setup).first else { return nil }
    return journalRecords(firstRecords(setup)).first.map {
      RecoveredRecord(position: 1, payload: $0.payload, isVital: $0.isVital)
    }
  }

  func identity(_ setup: Setup) -> DirectoryIdentity {
    var writer = ByteWriter(capacity: 32)
    writer.write(setup.cluster)
    writer.write(member)
    writer.writeRaw([0, 0, 0, 0])
    return DirectoryIdentity(tag: writer.bytes, payload: [])
  }
}

extension [SimulatedNode] {
  /// Two machines get each other's disks.
  mutating func swapDisks(of one: Int, and other: Int) {
    let disk = self[one].disk
    self[one].disk = self[other].disk
    self[other].disk = disk
  }
}
