import Wire

/// The beginning of a snapshot file: whose it is and what it stands for.
///
/// Every chunk's checksum begins with that of the header, so that none fits another snapshot.
struct SnapshotHeader: Equatable, Sendable {
  /// The 16 bytes of the cluster; all its members' files are equal.
  let cluster: [UInt8]
  let index: UInt64
  let term: UInt64
  let head: [UInt8]

  /// The bytes that must be read before the header's size is known.
  static let sizeMin = 4096
  /// More than any header has.
  static let sizeMax = (fixedSize + SnapshotFile.headSizeMax + 4 + 4095) & ~4095

  private static let magic = Array("LKSTPSNP".utf8)
  private static let version: UInt16 = 1
  private static let fixedSize = 52

  init(cluster: [UInt8], index: UInt64, term: UInt64, head: [UInt8]) {
    guard cluster.count == SnapshotFile.clusterTagSize, head.count <= SnapshotFile.headSizeMax
    else { fatalError("a cluster's tag is 16 bytes and a snapshot's head at most 64 KiB") }
    self.cluster = cluster
    self.index = index
    self.term = term
    self.head = head
  }

  /// The header's bytes: a multiple of 4096.
  func encoded() -> [UInt8] {
    let size = (Self.fixedSize + head.count + 4 + 4095) & ~4095
    var writer = ByteWriter(capacity: size)
    writer.writeRaw(Self.magic)
    writer.write(Self.version)
    writer.write(UInt16(0))
    writer.write(UInt32(size))
    writer.writeRaw(cluster)
    writer.write(index)
    writer.write(term)
    writer.writeBlob(head)
    return CheckedBlock.seal(writer.bytes, size: size)
  }

  /// The size that a header says it has; nil if no header has that size.
  static func size(statedIn bytes: [UInt8]) -> Int? {
    guard bytes.count >= sizeMin else { return nil }
    let size = bytes[12..<16].reversed().reduce(0) { $0 << 8 | Int($1) }
    return size >= sizeMin && size <= sizeMax && size % 4096 == 0 ? size : nil
  }

  /// Reads a whole header of the file `file`.
  init(decoding block: [UInt8], file: String) throws(StorageError) {
    guard Self.size(statedIn: block) == block.count else {
      throw .snapshotDamaged(file: file, offset: 12, what: "its header has no such size")
    }
    do {
      try CheckedBlock.check(
        block,
        size: block.count,
        magic: Self.magic,
        version: Self.version,
        file: file
      )
    } catch .corrupt(_, let offset, let what) {
      throw .snapshotDamaged(file: file, offset: offset, what: what)
    }
    var reader = ByteReader(block, 16..<block.count - 4)
    do {
      cluster = try reader.readRaw(SnapshotFile.clusterTagSize)
      index = try reader.read()
      term = try reader.read()
      head = try reader.readRaw(reader.readCount(max: SnapshotFile.headSizeMax))
    } catch {
      throw .snapshotDamaged(file: file, offset: 16, what: "its header says \(error)")
    }
  }

  /// The checksum with which every chunk's checksum begins: the header's own.
  static func seed(of block: [UInt8]) -> UInt32 {
    block.suffix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }
}
