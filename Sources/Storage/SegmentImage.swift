/// A segment's bytes as far as the disk gives them; sectors that cannot be read are zeros.
struct SegmentImage: Sendable {
  let name: String
  let bytes: [UInt8]
  /// Where the disk gave an error instead of bytes.
  let unreadable: [Range<Int>]

  /// What a disk that fails is asked for at a time.
  private static let sectorSize = 512

  init(name: String, bytes: [UInt8], unreadable: [Range<Int>]) {
    self.name = name
    self.bytes = bytes
    self.unreadable = unreadable
  }

  /// Reads the file; where that fails, sector by sector.
  init(reading name: String, on disk: any Disk) throws(DiskError) {
    self.name = name
    let file = try disk.open(name)
    let size = try disk.size(of: file)
    do {
      bytes = try disk.read(file, at: 0, count: size)
      unreadable = []
      return
    } catch .io {
      (bytes, unreadable) = try Self.sectors(of: file, size: size, on: disk)
    }
  }

  private static func sectors(
    of file: OpenFile,
    size: Int,
    on disk: any Disk
  ) throws(DiskError) -> (bytes: [UInt8], unreadable: [Range<Int>]) {
    var bytes: [UInt8] = []
    var unreadable: [Range<Int>] = []
    bytes.reserveCapacity(size)
    while bytes.count < size {
      let start = bytes.count
      let count = min(sectorSize, size - start)
      do {
        let part = try disk.read(file, at: start, count: count)
        // The file has become shorter meanwhile.
        guard part.count == count else { break }
        bytes += part
      } catch .io {
        unreadable.append(start..<start + count)
        bytes += [UInt8](repeating: 0, count: count)
      }
    }
    return (bytes, unreadable)
  }

  /// A range without the sectors in it that could not be read.
  func readableParts(of range: Range<Int>) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = range.lowerBound
    for sector in unreadable where sector.overlaps(range) {
      if start < sector.lowerBound { parts.append(start..<sector.lowerBound) }
      start = max(start, sector.upperBound)
    }
    if start < range.upperBound { parts.append(start..<range.upperBound) }
    return parts
  }

  /// Whether a part of these bytes could not be read.
  func isUnreadable(within range: Range<Int>) -> Bool {
    unreadable.contains { $0.overlaps(range) }
  }
}
