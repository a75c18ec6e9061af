package import Storage
import Wire

/// Writes a backup (docs/formats/backup.md): it has its name once it was synced and read back.
package struct BackupWriter: Sendable {
  private let disk: any Disk
  private let name: String
  private let createdMilliseconds: UInt64
  private var writer: SnapshotWriter?

  /// Begins a backup; nothing is written before its first piece.
  package init(named name: String, on disk: any Disk, createdMilliseconds: UInt64) {
    self.disk = disk
    self.name = name
    self.createdMilliseconds = createdMilliseconds
  }

  /// Writes the next piece of the image of the state at a revision.
  package mutating func append(_ piece: [UInt8], revision: UInt64) throws(StorageError) {
    if writer == nil {
      var head = ByteWriter()
      head.write(Backup.headVersion)
      head.write(createdMilliseconds)
      writer = try SnapshotWriter(named: name, on: disk, index: revision, head: head.bytes)
    }
    try writer?.append(piece)
  }

  /// Makes it durable and reads it back; nil if it had no piece.
  package mutating func finish() throws(StorageError) -> SnapshotFile? {
    guard writer != nil else { return nil }
    while true {
      if case .finished(let file)? = try writer?.finish() { return file }
    }
  }

  /// Gives it up and removes what was written, also after a failure on the way.
  package mutating func abandon() {
    // It was made here, under a name that nothing had.
    guard writer != nil else { return }
    do {
      try disk.remove(name + ".tmp")
      try disk.syncFolder()
    } catch {
      // It has its own name already, or the disk has failed altogether.
    }
  }
}
