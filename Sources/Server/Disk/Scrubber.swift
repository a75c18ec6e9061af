import Documents
import Replication
import Storage

/// Reads everything on this node's disk that nobody else reads, round after round, a piece at a
/// time, so that rot is found while others still hold what it took (D21).
///
/// A passive value: the thread of the snapshots calls `step` when it is due. No byte is kept and
/// nothing but `identity` and `boot` is written; what is to be done, the server decides.
struct Scrubber: Sendable {
  /// What a step has come to.
  enum Finding: Sendable {
    /// A segment of the journal is damaged or missing.
    case segment(UInt64, FoundDamage)
    /// A snapshot is damaged; it was given up.
    case snapshot(SnapshotNotice<DocumentStore>)
    /// A file had rotted and was written again from memory.
    case mended(file: String)
    /// Everything was read once more.
    case round(bytes: Int, damaged: Int)
    /// Something could not be read, or written again, for want of space or of the machine.
    case failed(StorageError)
  }

  private enum Target {
    case segment(UInt64, before: UInt64?)
    case snapshot(UInt64)
  }

  private enum Reading {
    case segment(SegmentScrub)
    case snapshot(SnapshotReader)
  }

  /// Never faster than this, whatever the period.
  static let bytesPerSecondMax = 8 << 20
  private static let periodMinMicroseconds: UInt64 = 100_000
  /// After a failure the next round begins so much later.
  private static let retryMicroseconds: UInt64 = 60_000_000

  /// When the next step is due, in monotonic microseconds.
  private(set) var dueAt: UInt64

  private let folder: DataDirectory
  private let periodMicroseconds: UInt64
  /// What is left of the round, the next one last.
  private var targets: [Target] = []
  /// Whether `identity` and `boot` come next.
  private var hasOwnFilesLeft = false
  private var reading: Reading?
  /// Of all files when the round began.
  private var roundSize = 0
  private var bytesRead = 0
  private var damagedCount = 0
  private var isUnderway = false
  /// What the server knows already.
  private var reported: Set<UInt64> = []

  /// Goes through a directory once in every period, as far as the pace allows.
  init(of folder: DataDirectory, periodMicroseconds: UInt64, now: UInt64) {
    self.folder = folder
    self.periodMicroseconds = max(periodMicroseconds, Self.periodMinMicroseconds)
    // A start has just read nearly everything.
    dueAt = now + self.periodMicroseconds / 2
  }

  /// Reads one piece.
  ///
  /// Records of the journal behind `durableThrough` are left alone.
  ///
  /// - Throws: `disk_failed`, if writing again what memory holds fails: then nobody knows what the
  ///   disk holds, and the node must stop (D4).
  mutating func step(
    at now: UInt64,
    durableThrough: UInt64,
    _ keeper: inout SnapshotKeeper<DocumentStore>
  ) throws(StorageError) -> [Finding] {
    if hasOwnFilesLeft { return try mendOwnFiles(at: now) }
    do throws(StorageError) {
      if !isUnderway { return try beginRound(at: now, keeper.store.snapshots) }
      if let reading { return try goOn(reading, at: now, &keeper) }
      guard let target = targets.popLast() else { return endRound(at: now) }
      dueAt = now
      switch target {
      case .segment(let number, let next):
        return try open(number, before: next, durableThrough)
      case .snapshot(let index):
        return try open(snapshot: index, &keeper)
      }
    } catch {
      reading = nil
      isUnderway = false
      dueAt = now + max(periodMicroseconds, Self.retryMicroseconds)
      return [.failed(error)]
    }
  }

  /// A snapshot that was removed must not take up space for being open.
  mutating func closeIfGone(_ snapshots: [SnapshotFile]) {
    guard case .snapshot(let reader) = reading else { return }
    if !snapshots.contains(where: { $0.index == reader.file.index }) { reading = nil }
  }

  private mutating func beginRound(
    at now: UInt64,
    _ snapshots: [SnapshotFile]
  ) throws(StorageError) -> [Finding] {
    let segments = try folder.segments()
    targets = snapshots.map { .snapshot($0.index) }
    var gaps: [UInt64] = []
    for (place, segment) in segments.enumerated().reversed() {
      let next = place + 1 < segments.count ? segments[place + 1].number : nil
      if let next, next > segment.number + 1, try isThere(segment.number) {
        gaps.append(segment.number + 1)
      }
      targets.append(.segment(segment.number, before: next))
    }
    hasOwnFilesLeft = true
    let findings = gaps.flatMap { missing($0) }
    roundSize = segments.reduce(0) { $0 + $1.size } + snapshots.reduce(0) { $0 + $1.size }
    bytesRead = 0
    damagedCount = findings.count
    isUnderway = true
    dueAt = now
    return findings
  }

  /// Where there is no room to write them again, the next round tries; the others are read now.
  private mutating func mendOwnFiles(at now: UInt64) throws(StorageError) -> [Finding] {
    hasOwnFilesLeft = false
    dueAt = now
    do throws(StorageError) {
      return try folder.mendOwnFiles().map { .mended(file: $0) }
    } catch {
      guard error.isShortage || !error.isFatal else { throw error }
      return [.failed(error)]
    }
  }

  /// Whether a segment is there still: those behind it are not forgotten before it is.
  private func isThere(_ number: UInt64) throws(StorageError) -> Bool {
    try folder.segments().contains { $0.number == number }
  }

  private mutating func endRound(at now: UInt64) -> [Finding] {
    isUnderway = false
    // The part of the last segment that was left alone takes its time as well.
    dueAt = now + spread(over: max(roundSize - bytesRead, 0))
    return [.round(bytes: bytesRead, damaged: damagedCount)]
  }

  private mutating func open(
    _ number: UInt64,
    before next: UInt64?,
    _ durableThrough: UInt64
  ) throws(StorageError) -> [Finding] {
    do throws(StorageError) {
      reading = try folder.scrub(segment: number, before: next, durableThrough: durableThrough)
        .map { .segment($0) }
      return []
    } catch {
      return try damaged(number, error)
    }
  }

  private mutating func open(
    snapshot index: UInt64,
    _ keeper: inout SnapshotKeeper<DocumentStore>
  ) throws(StorageError) -> [Finding] {
    // Pruned since the round began.
    guard keeper.store.snapshots.contains(where: { $0.index == index }) else { return [] }
    do throws(StorageError) {
      let reader = try keeper.store.reader(of: index)
      reader.forgetCached()
      reading = .snapshot(reader)
      return []
    } catch {
      return try damaged(snapshot: index, error, &keeper)
    }
  }

  private mutating func goOn(
    _ current: Reading,
    at now: UInt64,
    _ keeper: inout SnapshotKeeper<DocumentStore>
  ) throws(StorageError) -> [Finding] {
    // Moved out, so that nothing is copied.
    reading = nil
    switch current {
    case .segment(var scrub):
      do throws(StorageError) {
        let count = try scrub.step()
        if count != nil { reading = .segment(scrub) }
        pause(at: now, afterReading: count ?? 0)
        return []
      } catch {
        pause(at: now, afterReading: 0)
        return try damaged(scrub.number, error)
      }
    case .snapshot(var reader):
      let before = reader.offset
      do throws(StorageError) {
        if try reader.next() != nil { reading = .snapshot(reader) }
        pause(at: now, afterReading: reader.offset - before)
        return []
      } catch {
        pause(at: now, afterReading: 0)
        return try damaged(snapshot: reader.file.index, error, &keeper)
      }
    }
  }

  /// The pace: a round takes its period, or longer where that would be too fast for the disk.
  private mutating func pause(at now: UInt64, afterReading count: Int) {
    bytesRead += count
    let least = 1e6 * Double(count) / Double(Self.bytesPerSecondMax)
    dueAt = now + max(spread(over: count), UInt64(least))
  }

  private func spread(over count: Int) -> UInt64 {
    UInt64(Double(periodMicroseconds) * Double(count) / Double(max(roundSize, 1)))
  }

  private mutating func damaged(
    _ number: UInt64,
    _ error: StorageError
  ) throws(StorageError) -> [Finding] {
    guard !error.isShortage else { throw error }
    damagedCount += 1
    guard reported.insert(number).inserted else { return [] }
    return [.segment(number, FoundDamage(inSegment: number, error))]
  }

  private mutating func missing(_ number: UInt64) -> [Finding] {
    guard reported.insert(number).inserted else { return [] }
    return [.segment(number, FoundDamage(inSegment: number, nil))]
  }

  private mutating func damaged(
    snapshot index: UInt64,
    _ error: StorageError,
    _ keeper: inout SnapshotKeeper<DocumentStore>
  ) throws(StorageError) -> [Finding] {
    guard !error.isShortage else { throw error }
    // Removed by the keeper itself in between.
    guard let notice = keeper.giveUp(index, because: error) else { return [] }
    damagedCount += 1
    return [.snapshot(notice)]
  }
}
