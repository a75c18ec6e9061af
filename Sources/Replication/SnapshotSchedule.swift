import Consensus
import Wire

/// What a replica knows of its snapshots, and when the next one is due.
struct SnapshotSchedule: Sendable {
  /// After a failure, mostly for want of space, it is tried again so much later; twice as long
  /// after each further one, as long as nobody has written or removed anything.
  private static let retryMicroseconds: UInt64 = 10_000_000
  private static let retryDoublingsMax: UInt64 = 5
  /// What an entry takes in the log besides its command.
  private static let entryHeadSize = 54
  private static let placesCount: UInt32 = 4
  /// Without room another one is tried so long after the last at first, and then twice as long.
  private static let fullMicroseconds: UInt64 = 10_000_000
  private static let fullDoublingsMax: UInt64 = 6
  /// No log is so large.
  private static let logSizeMax = 1 << 60

  /// Whether one is due whatever the log's size, and even if nothing was applied since the last.
  private(set) var isNeeded = false
  /// Whether the log begins behind the newest one: should that rot, no older one is of use.
  var isIrreplaceable = false
  /// What it has to include.
  private var neededThrough = LogIndex.zero
  /// The newest snapshot on the disk.
  private(set) var newest = LogIndex.zero
  private var newestSize = 0
  /// Of the entries applied since the last snapshot was frozen, and of what came with them.
  private var logSize = 0
  /// Of all records handed to the journal since then.
  private var journalSize = 0
  /// Of those between the snapshot that is under way and the last one, and of those before, which
  /// the journal keeps as long as the older of two snapshots goes on there.
  private var (journalSizeFrozen, journalSizeBefore) = (0, 0)
  private var isUnderway = false
  /// When the last one failed, how many did since one was taken, and whether clients' writes or
  /// removals were applied in between.
  private var failedAt: UInt64 = 0
  private var failuresCount: UInt64 = 0
  private var isChanged = false
  /// Whether clients' writes find no room in the journal, and how many were taken for that.
  private var isDiskFull = false
  private var takenWhenFull: UInt64 = 0
  private var fullRetryAt: UInt64 = 0
  private(set) var lastApplied: SnapshotMark?

  mutating func applied(_ entry: Committed) {
    switch entry.payload {
    case .request(let request), .signed(let request, _):
      logSize += request.command.count + Self.entryHeadSize
      isChanged = true
    case .noOp:
      logSize += Self.entryHeadSize
    case .configuration(let configuration):
      logSize += Self.entryHeadSize
      if lastApplied == nil {
        lastApplied = SnapshotMark(
          index: entry.index,
          term: entry.term,
          logTimeMicroseconds: 0,
          configuration: configuration,
          configurationIndex: entry.index
        )
      } else {
        lastApplied?.configuration = configuration
        lastApplied?.configurationIndex = entry.index
      }
    }
    lastApplied?.index = entry.index
    lastApplied?.term = entry.term
    lastApplied?.logTimeMicroseconds = entry.logTimeMicroseconds
  }

  /// The log has grown by what is no entry.
  mutating func logGrew(by size: Int) { logSize += size }

  /// Records were handed to the journal: entries, also those that are overwritten, terms and votes.
  mutating func journalGrew(by size: Int) { journalSize += size }

  /// So much stood in the journal at the start, as if the last snapshot stood in its middle.
  mutating func journalFound(_ size: Int) {
    journalSize = size / 2
    journalSizeBefore = size - journalSize
  }

  /// A file of this node has rotted: a snapshot is wanted at once that includes so much, however
  /// lately one has failed.
  mutating func demand(through index: LogIndex = .zero) {
    isNeeded = true
    failuresCount = 0
    neededThrough = max(neededThrough, index)
  }

  /// Whether the journal has no room: what a snapshot lets it forget makes some, however little
  /// has been applied since, and the state is smaller after removals.
  mutating func disk(isFull: Bool) {
    isDiskFull = isFull
    if !isFull { (takenWhenFull, fullRetryAt) = (0, 0) }
  }

  /// The log has become shorter: no more than this will ever be applied of what it held.
  mutating func logEnds(at index: LogIndex) { neededThrough = min(neededThrough, index) }

  /// What the state stands for, if it is to be frozen now; it counts as frozen then.
  ///
  /// Nodes apply the same entries: so that they do not all write at once, each has a place.
  mutating func markIfDue(
    at now: UInt64,
    logSizeMin: Int,
    place: UInt32
  ) -> SnapshotMark? {
    // A snapshot is written no more often than it has cost the log as much.
    let least = min(max(logSizeMin, newestSize), Self.logSizeMax)
    let due = least + least / 8 * Int(place % Self.placesCount)
    // A vote takes 4 KiB of the journal: where leaders change often, it grows without the log. And
    // where one snapshot was long in coming, as in doubt, the next must not be.
    let size = max(logSize, journalSize / 2, (journalSizeBefore + journalSize) / 4)
    let isShort = isDiskFull && now >= fullRetryAt
    guard !isUnderway, mayTry(at: now), isNeeded || isIrreplaceable || isShort || size >= due,
      let mark = lastApplied,
      isNeeded ? mark.index >= max(newest, neededThrough) : mark.index > newest
    else { return nil }
    isUnderway = true
    isNeeded = false
    isIrreplaceable = false
    neededThrough = .zero
    if isDiskFull { waitWhileFull(at: now) }
    logSize = 0
    journalSizeFrozen = journalSize
    journalSize = 0
    return mark
  }

  /// Whether a full disk gets room only by doing without the older snapshot: the newest includes
  /// all there is.
  mutating func wantsRoom(at now: UInt64) -> Bool {
    guard isDiskFull, !isUnderway, now >= fullRetryAt, lastApplied?.index == newest else {
      return false
    }
    waitWhileFull(at: now)
    return true
  }

  private mutating func waitWhileFull(at now: UInt64) {
    fullRetryAt = now + Self.fullMicroseconds << min(takenWhenFull, Self.fullDoublingsMax)
    takenWhenFull += 1
  }

  private func mayTry(at now: UInt64) -> Bool {
    guard failuresCount > 0 else { return true }
    let doublings = isChanged ? 0 : min(failuresCount - 1, Self.retryDoublingsMax)
    return now >= failedAt + Self.retryMicroseconds << doublings
  }

  /// The state that was frozen is on the disk.
  mutating func taken(_ index: LogIndex, size: Int) {
    failuresCount = 0
    journalSizeBefore = journalSizeFrozen
    isUnderway = false
    stored(index, size: size)
  }

  /// A snapshot is on the disk.
  mutating func stored(_ index: LogIndex, size: Int) {
    guard index > newest else { return }
    newest = index
    newestSize = size
  }

  mutating func failed(at now: UInt64) {
    journalSize += journalSizeFrozen
    isUnderway = false
    isNeeded = true
    isChanged = false
    failedAt = now
    failuresCount += 1
  }

  mutating func adopted(_ mark: SnapshotMark, size: Int) {
    lastApplied = mark
    logSize = 0
    stored(mark.index, size: size)
  }
}
