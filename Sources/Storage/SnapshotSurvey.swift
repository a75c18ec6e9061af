/// Everything that can be said of one snapshot file, and every damaged place in it.
package struct SnapshotSurvey: Sendable {
  /// The index that its name says.
  package let index: UInt64
  /// The file's name.
  package let fileName: String
  /// The file's size in bytes.
  package let size: Int
  /// What its header says; nil if the header is damaged.
  package private(set) var file: SnapshotFile?
  /// The sizes of its whole pieces, in order.
  package private(set) var pieceSizes: [Int] = []
  /// The damaged places, in order.
  package private(set) var damage: [SurveyedDamage] = []

  /// Reads the snapshot whose file bears this name; nil if no finished snapshot does.
  package init?(named name: String, on disk: any Disk, cluster: [UInt8]) throws(StorageError) {
    guard let index = SnapshotFile.index(of: name) else { return nil }
    let file = try withDisk { () throws(DiskError) in try disk.open(name) }
    let parts = try SnapshotParts(on: disk, file: file, name: name)
    self.index = index
    fileName = name
    size = parts.size
    var scan = SnapshotScan(file: name, cluster: cluster, index: index)
    do throws(StorageError) {
      _ = try scan.take(try parts.part(at: 0))
    } catch {
      note(0, "the header: \(error.reason)")
      return
    }
    self.file = scan.header.map {
      SnapshotFile(index: index, term: $0.term, head: $0.head, size: parts.size)
    }
    readChunks(parts, scan)
  }

  /// Goes on behind a damaged chunk where it says it ends, as long as that makes sense.
  private mutating func readChunks(_ parts: SnapshotParts, _ begun: SnapshotScan) {
    var scan = begun
    var offset = scan.offset
    while offset < size {
      do throws(StorageError) {
        let part = try parts.part(at: offset)
        try take(part, at: offset, &scan)
        offset += part.count
      } catch {
        note(offset, error.reason)
        guard let stated = parts.statedSize(at: offset) else { return }
        offset += stated
      }
    }
    if damage.isEmpty, !scan.isComplete { note(size, "it has no trailer") }
  }

  private mutating func take(
    _ part: [UInt8],
    at offset: Int,
    _ scan: inout SnapshotScan
  ) throws(StorageError) {
    if offset == scan.offset, !scan.isComplete {
      if let piece = try scan.take(part) { pieceSizes.append(piece.count) }
      return
    }
    guard let chunk = SnapshotChunk(decoding: part, at: offset, seed: scan.seed) else {
      return note(offset, "the checksum or place of a chunk is wrong")
    }
    if chunk.kind == .piece { pieceSizes.append(chunk.payload.count) }
  }

  private mutating func note(_ offset: Int, _ what: String) {
    damage.append(SurveyedDamage(offset: offset, end: size, what: what))
  }
}
