/// A part of a snapshot file on its way to another member: the header or one whole chunk.
package struct SnapshotPart: Equatable, Sendable {
  /// Where it stands in the file.
  package let offset: Int
  /// Its bytes; checked before they were handed out.
  package let bytes: [UInt8]
  /// Whether nothing comes behind it.
  package let isLast: Bool

  /// The part that a sender sent.
  package init(offset: Int, bytes: [UInt8], isLast: Bool = false) {
    self.offset = offset
    self.bytes = bytes
    self.isLast = isLast
  }

  /// The most bytes that a part can have.
  package static let sizeMax = max(SnapshotChunk.sizeMax, SnapshotHeader.sizeMax)
}

/// Reads a finished snapshot: pieces in order for its own node, parts at any offset for others.
///
/// Nothing leaves it unchecked (W3). What `next` gave counts only once it has given nil: only then
/// the digest over the whole is known to be right.
package struct SnapshotReader: Sendable {
  /// What the file is.
  package let file: SnapshotFile

  private let parts: SnapshotParts
  private let header: SnapshotHeader
  private let seed: UInt32
  private var scan: SnapshotScan

  init(on disk: any Disk, cluster: [UInt8], index: UInt64) throws(StorageError) {
    let name = SnapshotFile.name(index)
    let scan = SnapshotScan(file: name, cluster: cluster, index: index)
    try self.init(try Self.parts(of: name, on: disk), scan)
  }

  /// Reads a file of this form by its name, whatever its index is; no cluster's snapshot.
  package init(named name: String, on disk: any Disk) throws(StorageError) {
    let parts = try Self.parts(of: name, on: disk)
    let header = try SnapshotHeader(decoding: try parts.part(at: 0), file: name)
    let cluster = [UInt8](repeating: 0, count: SnapshotFile.clusterTagSize)
    try self.init(parts, SnapshotScan(file: name, cluster: cluster, index: header.index))
  }

  private init(_ parts: SnapshotParts, _ begun: SnapshotScan) throws(StorageError) {
    self.parts = parts
    scan = begun
    _ = try scan.take(try parts.part(at: 0))
    guard let header = scan.header else { fatalError("the first part is the header") }
    self.header = header
    seed = scan.seed
    file = SnapshotFile(
      index: scan.index,
      term: header.term,
      head: header.head,
      size: parts.size
    )
    try checkEnd()
  }

  private static func parts(
    of name: String,
    on disk: any Disk
  ) throws(StorageError) -> SnapshotParts {
    let opened = try withDisk { () throws(DiskError) in try disk.open(name) }
    return try SnapshotParts(on: disk, file: opened, name: name)
  }

  /// How many bytes were read in order so far.
  package var offset: Int { scan.offset }

  /// Lets what comes next be read from the disk itself, as far as that can be had.
  package func forgetCached() { parts.disk.forgetCached(parts.file) }

  /// The next piece; nil once all of them were given and the whole file is as it should be.
  package mutating func next() throws(StorageError) -> [UInt8]? {
    guard !scan.isComplete else { return nil }
    if let piece = try scan.take(try parts.part(at: scan.offset)) { return piece }
    guard scan.offset == parts.size else {
      throw .snapshotDamaged(
        file: file.name,
        offset: scan.offset,
        what: "bytes stand behind its trailer"
      )
    }
    return nil
  }

  /// The part at `offset`; nil if none starts there, as when another file's offset was meant.
  package func part(at offset: Int) throws(StorageError) -> SnapshotPart? {
    do {
      return try checkedPart(at: offset)
    } catch .snapshotDamaged(let file, let place, let what) {
      // A peer's offset alone must not make a sound file look damaged.
      guard startsPart(at: offset) else { return nil }
      throw .snapshotDamaged(file: file, offset: place, what: what)
    }
  }

  /// A file that was cut off or grew says so at once.
  private func checkEnd() throws(StorageError) {
    let end = parts.size - SnapshotChunk.size(payloadSize: SnapshotTrailer.payloadSize)
    guard end >= scan.offset,
      SnapshotChunk(decoding: try parts.part(at: end), at: end, seed: seed)?.kind == .trailer
    else { throw damaged(at: min(max(end, 0), parts.size), "no trailer stands at its end") }
  }

  private func checkedPart(at offset: Int) throws(StorageError) -> SnapshotPart {
    let bytes = try parts.part(at: offset)
    if offset == 0 {
      guard try SnapshotHeader(decoding: bytes, file: file.name) == header else {
        throw damaged(at: 0, "its header is not the one it had")
      }
      return SnapshotPart(offset: 0, bytes: bytes)
    }
    guard let chunk = SnapshotChunk(decoding: bytes, at: offset, seed: seed) else {
      throw damaged(at: offset, "the checksum or place of a chunk is wrong")
    }
    return SnapshotPart(offset: offset, bytes: bytes, isLast: chunk.kind == .trailer)
  }

  /// Whether the sizes that the parts state lead to `offset`; yes if one of them is damaged.
  private func startsPart(at offset: Int) -> Bool {
    guard offset < parts.size else { return false }
    var place = 0
    while place < offset {
      guard let size = parts.statedSize(at: place) else { return true }
      place += size
    }
    return place == offset
  }

  private func damaged(at offset: Int, _ what: String) -> StorageError {
    .snapshotDamaged(file: file.name, offset: offset, what: what)
  }
}
