import Consensus

/// The newest ends of stretches, of this node or of another: at most 1,024, so that memory stays
/// bounded.
struct StretchMarks: Sendable {
  /// How many are kept.
  static let countMax = 1_024

  /// The place of a mark follows from its index.
  private var marks: [DigestMark?] = []
  /// The end of the newest stretch.
  private(set) var newest = LogIndex.zero

  /// Keeps the end of a stretch; whatever stood in its place is older.
  mutating func add(_ mark: DigestMark) {
    let place = Self.place(of: mark.index)
    while marks.count <= place { marks.append(nil) }
    marks[place] = mark
    newest = max(newest, mark.index)
  }

  /// The digest at the end of a stretch, if it is known.
  func digest(at index: LogIndex) -> UInt64? {
    let place = Self.place(of: index)
    guard place < marks.count, let mark = marks[place], mark.index == index else { return nil }
    return mark.digest
  }

  /// The newest of them, in order of index, as far as none is missing.
  func newest(_ countMax: Int) -> [DigestMark] {
    var found: [DigestMark] = []
    var index = newest
    while index > .zero, found.count < countMax, let digest = digest(at: index) {
      found.append(DigestMark(index: index, digest: digest))
      index = LogIndex(index.rawValue - ResultDigests.stretchSize)
    }
    return found.reversed()
  }

  private static func place(of index: LogIndex) -> Int {
    Int(index.rawValue / ResultDigests.stretchSize % UInt64(countMax))
  }
}
