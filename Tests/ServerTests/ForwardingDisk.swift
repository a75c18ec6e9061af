import Storage

/// A disk with something added: all but `write` and `sync` goes straight through.
protocol ForwardingDisk: Disk {
  var disk: any Disk { get }
}

extension ForwardingDisk {
  func list() throws(DiskError) -> [String] { try disk.list() }
  func open(_ name: String) throws(DiskError) -> OpenFile { try disk.open(name) }
  func create(_ name: String) throws(DiskError) -> OpenFile { try disk.create(name) }
  func size(of file: OpenFile) throws(DiskError) -> Int { try disk.size(of: file) }
  func read(_ file: OpenFile, at offset: Int, count: Int) throws(DiskError) -> [UInt8] {
    try disk.read(file, at: offset, count: count)
  }
  func syncFolder() throws(DiskError) { try disk.syncFolder() }
  func rename(_ name: String, to newName: String) throws(DiskError) {
    try disk.rename(name, to: newName)
  }
  func remove(_ name: String) throws(DiskError) { try disk.remove(name) }
  func lock(_ name: String) throws(DiskError) -> OpenFile { try disk.lock(name) }
}
