import Storage
import Synchronization

/// A disk on which files can grow by so many bytes and no more; what is removed makes room again.
final class SmallDisk: Disk {
  private let disk: any Disk
  private let free = Mutex<Int?>(nil)

  init(_ disk: any Disk) { self.disk = disk }

  /// Nil while there is room without end.
  var freeBytes: Int? {
    get { free.withLock { $0 } }
    set { free.withLock { $0 = newValue } }
  }

  func write(_ bytes: [UInt8], to file: OpenFile, at offset: Int) throws(DiskError) {
    let growth = max(0, offset + bytes.count - (try disk.size(of: file)))
    guard growth <= freeBytes ?? .max else { throw .noSpace(file: file.name) }
    try disk.write(bytes, to: file, at: offset)
    free.withLock { $0 = $0.map { $0 - growth } }
  }

  func remove(_ name: String) throws(DiskError) {
    let size = try disk.size(of: try disk.open(name))
    try disk.remove(name)
    free.withLock { $0 = $0.map { $0 + size } }
  }

  func list() throws(DiskError) -> [String] { try disk.list() }
  func open(_ name: String) throws(DiskError) -> OpenFile { try disk.open(name) }
  func create(_ name: String) throws(DiskError) -> OpenFile { try disk.create(name) }
  func size(of file: OpenFile) throws(DiskError) -> Int { try disk.size(of: file) }
  func read(_ file: OpenFile, at offset: Int, count: Int) throws(DiskError) -> [UInt8] {
    try disk.read(file, at: offset, count: count)
  }
  func sync(_ file: OpenFile) throws(DiskError) { try disk.sync(file) }
  func syncFolder() throws(DiskError) { try disk.syncFolder() }
  func rename(_ name: String, to newName: String) throws(DiskError) {
    try disk.rename(name, to: newName)
  }
  func lock(_ name: String) throws(DiskError) -> OpenFile { try disk.lock(name) }
}
