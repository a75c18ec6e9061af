/// The journal's files in a folder, by their names.
struct JournalInventory {
  /// The numbers of the segments, ascending, without a gap.
  private(set) var segments: [UInt64] = []
  /// The names of the spares.
  private(set) var spares: [String] = []
  /// Half-made files that nobody needs.
  private(set) var leftovers: [String] = []

  /// Nothing.
  init() {}

  /// Looks at a folder; refuses a name that the journal never gave, and gaps, or no segment at all,
  /// unless told.
  init(of disk: any Disk, allowingGaps: Bool = false) throws(StorageError) {
    let names = try withDisk { () throws(DiskError) in try disk.list() }
    for name in names where name.hasPrefix("journal-") {
      if name == SegmentPool.unfinishedName {
        leftovers.append(name)
      } else if SegmentPool.isSpare(name) {
        spares.append(name)
      } else if let number = SegmentHeader.number(of: name) {
        segments.append(number)
      } else {
        throw .unexpected(file: name, what: "the journal knows no file of this name")
      }
    }
    segments.sort()
    guard !allowingGaps else { return }
    guard let first = segments.first else { throw .missing(file: SegmentHeader.fileName(1)) }
    for (number, expected) in zip(segments, first...) where number != expected {
      throw .missing(file: SegmentHeader.fileName(expected))
    }
  }
}
