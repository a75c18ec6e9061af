/// A snapshot in the folder that cannot be used.
package struct DamagedSnapshot: Equatable, Sendable {
  /// The index that its name says.
  package let index: UInt64
  /// What is wrong with it, and where.
  package let error: StorageError
}

/// The snapshots of a data directory: two are kept, the others are removed.
///
/// A passive value, like the journal: everything happens in a call and through the `Disk`. A
/// snapshot has its name only once it was synced and read back. docs/formats/snapshot.md.
package struct SnapshotStore: Sendable {
  /// The snapshots that can be used as far as is known, the oldest first.
  package private(set) var snapshots: [SnapshotFile] = []
  /// Those that cannot; they stay until a sound one makes them useless.
  package private(set) var damaged: [DamagedSnapshot] = []
  /// Half-made files of an earlier run that were removed at the opening.
  package private(set) var removed: [String] = []

  private let disk: any Disk
  private let cluster: [UInt8]

  /// How many snapshots are kept.
  package static let keptMax = 2

  /// Looks at a folder: removes what was never finished, reads the headers.
  ///
  /// `cluster` is the 16 bytes of the cluster. A header that is damaged is reported in `damaged`;
  /// whether the rest is sound, reading tells.
  ///
  /// - Throws: A refusal that names the file of another cluster, version or an unknown name.
  package static func open(
    on disk: any Disk,
    cluster: [UInt8]
  ) throws(StorageError) -> SnapshotStore {
    var store = try look(at: disk, cluster: cluster)
    let names = try withDisk { () throws(DiskError) in try disk.list() }
      .filter(SnapshotFile.isOurs)
    guard !names.isEmpty else { return store }
    store.removed = names.filter(SnapshotFile.isUnfinished)
    try withDiskFatally { () throws(DiskError) in
      for name in store.removed { try disk.remove(name) }
      // Also for the names: a process that was killed may not have synced its last rename.
      try disk.syncFolder()
    }
    return store
  }

  /// Looks at a folder that stays as it is, as where nothing but its snapshots is of use any more.
  package static func look(
    at disk: any Disk,
    cluster: [UInt8]
  ) throws(StorageError) -> SnapshotStore {
    var store = SnapshotStore(disk: disk, cluster: cluster)
    let names = try withDisk { () throws(DiskError) in try disk.list() }
      .filter(SnapshotFile.isOurs)
    for name in names where !SnapshotFile.isUnfinished(name) {
      guard let index = SnapshotFile.index(of: name) else {
        throw .unexpected(file: name, what: "no snapshot has this name")
      }
      do {
        store.add(try store.reader(of: index).file)
      } catch .snapshotDamaged(let file, let offset, let what) {
        store.note(file, offset, what, index)
      } catch .unexpected(let file, let what) {
        // Another snapshot of this cluster under this name: of no more use than a damaged one.
        store.note(file, 0, what, index)
      }
    }
    return store
  }

  private mutating func note(_ file: String, _ offset: Int, _ what: String, _ index: UInt64) {
    let error = StorageError.snapshotDamaged(file: file, offset: offset, what: what)
    damaged.append(DamagedSnapshot(index: index, error: error))
  }

  private init(disk: any Disk, cluster: [UInt8]) {
    self.disk = disk
    self.cluster = cluster
  }

  /// The newest snapshot that can be used.
  package var newest: SnapshotFile? { snapshots.last }

  /// Begins a snapshot; once its writer has finished, `add` makes it this store's.
  package func begin(
    index: UInt64,
    term: UInt64,
    head: [UInt8]
  ) throws(StorageError) -> SnapshotWriter {
    let header = SnapshotHeader(cluster: cluster, index: index, term: term, head: head)
    return try SnapshotWriter(on: disk, cluster: cluster, header: header)
  }

  /// Begins to receive the snapshot at `index` from another member.
  package func receive(index: UInt64) throws(StorageError) -> SnapshotReceiver {
    try SnapshotReceiver(on: disk, cluster: cluster, index: index)
  }

  /// Opens the snapshot at `index` for reading.
  package func reader(of index: UInt64) throws(StorageError) -> SnapshotReader {
    try SnapshotReader(on: disk, cluster: cluster, index: index)
  }

  /// Counts a snapshot that a writer or a receiver has finished.
  package mutating func add(_ snapshot: SnapshotFile) {
    snapshots.removeAll { $0.index == snapshot.index }
    damaged.removeAll { $0.index == snapshot.index }
    let place = snapshots.firstIndex { $0.index > snapshot.index } ?? snapshots.endIndex
    snapshots.insert(snapshot, at: place)
  }

  /// Uses a snapshot no more: reading has shown that it is damaged.
  package mutating func giveUp(_ index: UInt64, because error: StorageError) {
    guard snapshots.contains(where: { $0.index == index }) else { return }
    snapshots.removeAll { $0.index == index }
    damaged.append(DamagedSnapshot(index: index, error: error))
  }

  /// Removes one file that is no longer needed; false if there is none.
  ///
  /// Never one of the two newest sound ones; a damaged one only once a sound one is there.
  package mutating func prune() throws(StorageError) -> Bool {
    let index: UInt64
    if snapshots.count > Self.keptMax {
      index = snapshots[0].index
    } else if let first = damaged.first, !snapshots.isEmpty {
      index = first.index
    } else {
      return false
    }
    try remove(index)
    return true
  }

  /// Removes all but the newest sound one, for want of room.
  package mutating func removeOlder() throws(StorageError) {
    while snapshots.count > 1 { try remove(snapshots[0].index) }
  }

  /// Removes a damaged one for want of room, also where no sound one is left; false if there is
  /// none.
  package mutating func removeDamaged() throws(StorageError) -> Bool {
    guard let first = damaged.first else { return false }
    try remove(first.index)
    return true
  }

  private mutating func remove(_ index: UInt64) throws(StorageError) {
    try withDiskFatally { () throws(DiskError) in
      do throws(DiskError) {
        try disk.remove(SnapshotFile.name(index))
      } catch .missing {
        // Somebody else has removed it; nobody needs it.
      }
      try disk.syncFolder()
    }
    snapshots.removeAll { $0.index == index }
    damaged.removeAll { $0.index == index }
  }
}
