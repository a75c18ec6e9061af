import Dispatch
import Glibc
import Storage
import Synchronization

/// The real disk, until a test says otherwise.
final class FaultyDisk: ForwardingDisk {
  private struct Faults {
    var isFull = false
    var failsSync = false
    var isHung = false
    var folderSyncMicroseconds: UInt32 = 0
    var folderSyncs = 0
    var folderSyncsBeforeSync: Int?
    var lost: (file: String, bytes: Range<Int>)?
  }

  let disk: any Disk
  private let faults = Mutex(Faults())
  private let thaw = DispatchSemaphore(value: 0)

  init(path: String) throws { disk = try PosixDisk(path: path) }

  /// No file may grow any more; what is there can be written over.
  func fill() { faults.withLock { $0.isFull = true } }

  /// Space has been made.
  func makeSpace() { faults.withLock { $0.isFull = false } }

  /// Every sync fails from now on.
  func failSyncs() { faults.withLock { $0.failsSync = true } }

  /// Every sync of the folder takes this long from now on.
  func slowFolderSyncs(microseconds: UInt32) {
    faults.withLock { $0.folderSyncMicroseconds = microseconds }
  }

  /// How often the folder was synced, or is being.
  var folderSyncs: Int { faults.withLock { $0.folderSyncs } }

  /// How often the folder had been synced, or was being, when a file was first synced since
  /// `watchSync`; nil if none was.
  var folderSyncsBeforeSync: Int? { faults.withLock { $0.folderSyncsBeforeSync } }

  func watchSync() { faults.withLock { $0.folderSyncsBeforeSync = nil } }

  func syncFolder() throws(DiskError) {
    let duration = faults.withLock { faults in
      faults.folderSyncs += 1
      return faults.folderSyncMicroseconds
    }
    if duration > 0 { usleep(duration) }
    try disk.syncFolder()
  }

  /// The next sync does not return before `release`.
  func hang() { faults.withLock { $0.isHung = true } }

  /// The disk has lost a part of a file: reading it gives EIO.
  func lose(_ bytes: Range<Int>, of file: String) { faults.withLock { $0.lost = (file, bytes) } }

  /// What takes the name of a file lies elsewhere on the disk.
  func rename(_ name: String, to newName: String) throws(DiskError) {
    faults.withLock { if $0.lost?.file == newName { $0.lost = nil } }
    try disk.rename(name, to: newName)
  }

  func read(_ file: OpenFile, at offset: Int, count: Int) throws(DiskError) -> [UInt8] {
    if let lost = faults.withLock({ $0.lost }), lost.file == file.name,
      lost.bytes.overlaps(offset..<offset + count)
    {
      throw .io(call: "read", file: file.name, errno: EIO)
    }
    return try disk.read(file, at: offset, count: count)
  }

  func release() {
    faults.withLock { $0.isHung = false }
    thaw.signal()
  }

  /// The sync that hangs returns; the next one hangs.
  func releaseOne() { thaw.signal() }

  func sync(_ file: OpenFile) throws(DiskError) {
    let now = faults.withLock { faults in
      faults.folderSyncsBeforeSync = faults.folderSyncsBeforeSync ?? faults.folderSyncs
      return faults
    }
    if now.isHung { thaw.wait() }
    if now.failsSync { throw .io(call: "fdatasync", file: file.name, errno: EIO) }
    try disk.sync(file)
  }

  func write(_ bytes: [UInt8], to file: OpenFile, at offset: Int) throws(DiskError) {
    if faults.withLock({ $0.isFull }), offset + bytes.count > (try disk.size(of: file)) {
      throw .noSpace(file: file.name)
    }
    try disk.write(bytes, to: file, at: offset)
  }
}
