import Consensus

/// A call that changes a disk, at the moment when its change is in the cache and not yet safe.
struct DiskStep: Equatable, Sendable {
  /// `create`, `write`, `sync`, `rename` or `remove`.
  let call: String
  /// The file; after a rename its new name; empty for the folder.
  let file: String
  /// How many changes a power cut could take away, that of this call included.
  let pendingCount: Int
  /// Where a write goes; nil for any other call.
  let written: Range<Int>?
}

/// How a process ends at one call of its disk, and what exactly is left of what was not synced.
enum PowerCut: Equatable, Sendable {
  /// The process is gone and the power stays: the cache keeps everything.
  case kill
  /// Of the pending changes these are left, in the order in which the disk counts them.
  case kept([Bool])
  /// All are left, but of the write in whose middle the power fails only the first bytes.
  case torn(bytes: Int)
  /// Of each sector some version since the last sync is left, of each file some size.
  case sectors(seed: UInt64)

  /// Up to how many pending changes every subset is tried.
  static let exhaustiveMax = 10
  /// How many subsets are drawn where there are more.
  private static let drawnCount = 32
  /// How many ways are drawn in which sectors are lost one by one.
  private static let sectorsCount = 2

  /// Everything that is tried at one step.
  static func all(at step: DiskStep, seed: UInt64) -> [PowerCut] {
    var random = RandomSource(seed: seed)
    var cuts = [PowerCut.kill]
    cuts += subsets(of: step.pendingCount, &random).map { .kept($0) }
    if let written = step.written { cuts += tears(of: written).map { .torn(bytes: $0) } }
    guard step.pendingCount > 0 else { return cuts }
    return cuts + (0..<sectorsCount).map { _ in .sectors(seed: random.next()) }
  }

  /// All subsets of a few changes; of many none, all, each one missing, each beginning, and some.
  private static func subsets(of count: Int, _ random: inout RandomSource) -> [[Bool]] {
    guard count > exhaustiveMax else {
      return (0..<1 << count).map { mask in (0..<count).map { mask >> $0 & 1 == 1 } }
    }
    let beginnings = (0...count).map { kept in (0..<count).map { $0 < kept } }
    let oneMissing = (0..<count - 1).map { missing in (0..<count).map { $0 != missing } }
    let drawn = (0..<drawnCount).map { _ in (0..<count).map { _ in random.oneIn(2) } }
    return beginnings + oneMissing + drawn
  }

  /// Where a write is torn: at each sector's bound, and at bytes that are none.
  private static func tears(of written: Range<Int>) -> [Int] {
    let size = SimulatedFile.sectorSize
    let first = (written.lowerBound / size + 1) * size
    let bounds = stride(from: first, to: written.upperBound, by: size).map {
      $0 - written.lowerBound
    }
    let bytes = [1, written.count / 3, written.count / 2, written.count - 1]
    let inside = bytes.filter { $0 > 0 && $0 < written.count }
    return Set(bounds + inside).sorted()
  }
}

extension PowerCut: CustomStringConvertible {
  /// Such as `kill`, `kept 101`, `torn after 512`.
  var description: String {
    switch self {
    case .kill: "kill"
    case .kept(let kept): "kept " + kept.map { $0 ? "1" : "0" }.joined()
    case .torn(let bytes): "torn after \(bytes)"
    case .sectors: "sectors"
    }
  }

  /// What kind of end this is, for counting.
  var kind: String {
    switch self {
    case .kill: "kill"
    case .kept(let kept) where !kept.contains(true): "lose_all"
    case .kept(let kept) where !kept.contains(false): "lose_none"
    case .kept: "subset"
    case .torn: "torn"
    case .sectors: "sectors"
    }
  }
}
