/// How far the finishing of a snapshot has come.
package enum SnapshotProgress: Equatable, Sendable {
  /// A step is done and more are needed.
  case working
  /// It stands under its final name, verified and durable.
  case finished(SnapshotFile)
}

/// A snapshot file that is not finished: written or received under another name.
///
/// Its making never endangers anything: a full disk or damage found ends it and removes the file.
/// Only a failing call of another kind is fatal, as everywhere.
struct SnapshotDraft: Sendable {
  private enum Phase {
    case filling
    case checking(SnapshotScan)
    case naming
    case over
  }

  let disk: any Disk
  private(set) var scan: SnapshotScan
  private let file: OpenFile
  /// The name that it gets in the end, if not the one of its index.
  private let finalName: String?
  private var unsyncedBytes = 0
  private var phase = Phase.filling

  /// So much is written before a sync: the journal's syncs must not wait for more than that.
  private static let syncBytes = 512 << 10
  /// So much is read back in one step.
  private static let checkBytes = 256 << 10

  /// Makes the file.
  init(
    on disk: any Disk,
    scan: SnapshotScan,
    finalName: String? = nil
  ) throws(StorageError) {
    self.disk = disk
    self.scan = scan
    self.finalName = finalName
    file = try withDisk { () throws(DiskError) in try disk.create(scan.file) }
  }

  /// Whether it has ended without a snapshot, or with one.
  var isOver: Bool {
    if case .over = phase { return true }
    return false
  }

  /// Checks the next part and writes it; one that does not fit is refused and changes nothing.
  mutating func add(_ part: [UInt8]) throws(StorageError) {
    if try !addIfRoom(part) {
      try abandon()
      throw .diskFull(file: scan.file)
    }
  }

  /// The same, but where the disk is full the draft stays as it is, and so does the room that it
  /// has taken: the part can be added again.
  ///
  /// - Returns: Whether there was room.
  mutating func addIfRoom(_ part: [UInt8]) throws(StorageError) -> Bool {
    guard case .filling = phase else { fatalError("a snapshot that ended takes nothing more") }
    var checked = scan
    _ = try checked.take(part)
    do throws(DiskError) {
      try disk.write(part, to: file, at: scan.offset)
    } catch .noSpace {
      return false
    } catch {
      phase = .over
      throw StorageError(error)
    }
    unsyncedBytes += part.count
    if unsyncedBytes >= Self.syncBytes {
      unsyncedBytes = 0
      try endingOnFailure { draft throws(DiskError) in
        try draft.disk.sync(draft.file)
      }
    }
    scan = checked
    return true
  }

  /// Does one step: sync, read back a part of it, or give it its name.
  mutating func finish() throws(StorageError) -> SnapshotProgress {
    switch phase {
    case .filling:
      try endingOnFailure { draft throws(DiskError) in try draft.disk.sync(draft.file) }
      disk.forgetCached(file)
      phase = .checking(SnapshotScan(file: scan.file, cluster: scan.cluster, index: scan.index))
      return .working
    case .checking(let scan):
      phase = try check(scan)
      return .working
    case .naming:
      return .finished(try name())
    case .over:
      fatalError("a snapshot that ended has nothing left to finish")
    }
  }

  /// Ends it and removes the file.
  mutating func abandon() throws(StorageError) {
    guard !isOver else { return }
    phase = .over
    try withDiskFatally { () throws(DiskError) in
      try disk.remove(scan.file)
      try disk.syncFolder()
    }
  }

  private mutating func check(_ begun: SnapshotScan) throws(StorageError) -> Phase {
    var check = begun
    do throws(StorageError) {
      let parts = try SnapshotParts(on: disk, file: file, name: scan.file)
      let end = check.offset + Self.checkBytes
      while !check.isComplete, check.offset < end {
        _ = try check.take(try parts.part(at: check.offset))
      }
      guard check.isComplete else { return .checking(check) }
      guard check.result == scan.result, parts.size == check.offset else {
        throw StorageError.snapshotDamaged(
          file: scan.file,
          offset: check.offset,
          what: "it reads otherwise than it was written"
        )
      }
    } catch {
      if !error.isFatal { try abandon() }
      throw error
    }
    return .naming
  }

  /// Only now it counts as a snapshot; the log may be trimmed when this has returned.
  private mutating func name() throws(StorageError) -> SnapshotFile {
    guard let result = scan.result else { fatalError("only a checked snapshot gets its name") }
    try endingOnFailure { draft throws(DiskError) in
      try draft.disk.rename(draft.scan.file, to: draft.finalName ?? result.name)
    }
    phase = .over
    try withDiskFatally { () throws(DiskError) in try disk.syncFolder() }
    return result
  }

  /// Runs disk calls on which nothing depends yet: a full disk only ends the draft.
  private mutating func endingOnFailure(
    _ body: (borrowing SnapshotDraft) throws(DiskError) -> Void
  ) throws(StorageError) {
    do {
      try body(self)
    } catch {
      if case .noSpace = error {
        try abandon()
      } else {
        phase = .over
      }
      throw StorageError(error)
    }
  }
}
