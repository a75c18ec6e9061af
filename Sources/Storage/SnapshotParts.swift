/// Finds the parts of a snapshot file on a disk; what they hold is for others to check.
struct SnapshotParts: Sendable {
  let disk: any Disk
  let file: OpenFile
  /// The name for errors: a file may have been renamed since it was opened.
  let name: String
  let size: Int

  init(on disk: any Disk, file: OpenFile, name: String) throws(StorageError) {
    self.disk = disk
    self.file = file
    self.name = name
    size = try withDisk { () throws(DiskError) in try disk.size(of: file) }
  }

  /// The bytes of the part at `offset`: the header at 0, else a chunk.
  func part(at offset: Int) throws(StorageError) -> [UInt8] {
    let head = try head(at: offset)
    guard let stated = statedSize(head, at: offset), offset + stated <= size else {
      throw .snapshotDamaged(file: name, offset: offset, what: "no part of that size stands here")
    }
    return stated == head.count ? head : try read(at: offset, count: stated)
  }

  /// The size that the part at `offset` says it has; nil if it cannot be one.
  func statedSize(at offset: Int) -> Int? {
    do {
      return statedSize(try head(at: offset), at: offset)
    } catch {
      return nil
    }
  }

  private func head(at offset: Int) throws(StorageError) -> [UInt8] {
    try read(at: offset, count: offset == 0 ? SnapshotHeader.sizeMin : SnapshotChunk.headSize)
  }

  private func statedSize(_ head: [UInt8], at offset: Int) -> Int? {
    offset == 0 ? SnapshotHeader.size(statedIn: head) : SnapshotChunk.size(statedIn: head)
  }

  /// A sector that cannot be read is damage to this file, and no reason to stop the node (D8).
  private func read(at offset: Int, count: Int) throws(StorageError) -> [UInt8] {
    do {
      let bytes = try disk.read(file, at: offset, count: count)
      if bytes.count == count { return bytes }
    } catch .io(_, _, let errno) {
      throw .snapshotDamaged(file: name, offset: offset, what: "reading gives errno \(errno)")
    } catch {
      throw StorageError(error)
    }
    throw .snapshotDamaged(file: name, offset: size, what: "it is cut off")
  }
}
