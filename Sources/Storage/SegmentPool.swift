/// How far the preparing of spare segments has come.
package enum SpareProgress: Equatable, Sendable {
  /// As many spares stand ready as are wanted.
  case ready
  /// A step is done and more are needed.
  case working
  /// The file system is full; try again later.
  case noSpace
}

/// The spare segments of a journal: files of full size whose names say that nothing is in them.
struct SegmentPool: Sendable {
  let disk: any Disk
  let segmentSize: Int
  /// The names of the spares, oldest first.
  private(set) var spares: [String] = []
  /// Whether a spare could not be made for want of space, and nothing has shown since that there is
  /// enough for one.
  private(set) var isDiskFull = false
  private var unfinished: (file: OpenFile, filled: Int)?

  /// Used again and again: fresh memory costs as much as writing it.
  private static let zeros = [UInt8](repeating: 0, count: 256 << 10)

  static let unfinishedName = "journal-spare.tmp"

  /// A pool with the spares that recovery found.
  init(disk: any Disk, segmentSize: Int, spares: [String] = []) {
    self.disk = disk
    self.segmentSize = segmentSize
    self.spares = spares
  }

  /// Whether a file's name is that of a spare.
  static func isSpare(_ name: String) -> Bool {
    name.hasPrefix("journal-spare-") && name.hasSuffix(".seg")
  }

  /// Fills at most `stepBytes` more of a spare with zeros, and puts a finished one into the pool.
  ///
  /// Each step is synced, so that none of them has a whole segment to wait for.
  mutating func prepare(stepBytes: Int) throws(DiskError) -> SpareProgress {
    do {
      let count = spares.count
      try fill(stepBytes)
      // A part of one is room for nothing yet.
      if spares.count > count { isDiskFull = false }
      return .working
    } catch DiskError.noSpace {
      // What was filled so far is given back: others may need it more.
      if unfinished != nil {
        unfinished = nil
        try disk.remove(Self.unfinishedName)
        try disk.syncFolder()
      }
      isDiskFull = true
      return .noSpace
    }
  }

  private mutating func fill(_ stepBytes: Int) throws(DiskError) {
    let (file, filled) =
      if let unfinished { unfinished } else { (try disk.create(Self.unfinishedName), 0) }
    unfinished = (file, filled)
    let count = min(max(stepBytes, 1), segmentSize - filled)
    try writeZeros(count, to: file, at: filled)
    try disk.sync(file)
    unfinished = (file, filled + count)
    guard filled + count == segmentSize else { return }
    let name = freeName()
    try disk.rename(Self.unfinishedName, to: name)
    unfinished = nil
    try disk.syncFolder()
    spares.append(name)
  }

  private func writeZeros(_ count: Int, to file: OpenFile, at start: Int) throws(DiskError) {
    var done = 0
    while done < count {
      let rest = count - done
      let part = rest < Self.zeros.count ? Array(Self.zeros.prefix(rest)) : Self.zeros
      try disk.write(part, to: file, at: start + done)
      done += part.count
    }
  }

  /// Turns the oldest spare into the segment that `header` describes; both are synced.
  mutating func take(for header: SegmentHeader) throws(DiskError) -> OpenFile {
    guard let spare = spares.first else { fatalError("a segment is taken only where a spare is") }
    let file = try disk.open(spare)
    try disk.write(header.encoded(), to: file, at: 0)
    try disk.sync(file)
    let name = SegmentHeader.fileName(header.number)
    try disk.rename(spare, to: name)
    try disk.syncFolder()
    spares.removeFirst()
    return try disk.open(name)
  }

  /// Turns a segment that nobody needs any more into a spare, or removes it if it does not fit.
  mutating func recycle(_ segment: JournalSegment, keeping wanted: Int) throws(DiskError) {
    let name = SegmentHeader.fileName(segment.number)
    do throws(DiskError) {
      if segment.size == segmentSize && spares.count < wanted {
        let spare = freeName()
        try disk.rename(name, to: spare)
        spares.append(spare)
        if spares.count >= wanted { isDiskFull = false }
      } else {
        try disk.remove(name)
      }
    } catch .missing {
      // Somebody else has removed it; nobody needs it.
    }
    // One name at a time, so that a power cut never leaves a gap between segments.
    try disk.syncFolder()
  }

  private func freeName() -> String {
    var number = 1
    while spares.contains("journal-spare-\(number).seg") { number += 1 }
    return "journal-spare-\(number).seg"
  }
}
