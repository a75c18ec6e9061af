/// Tells how long the oldest record that is not durable has waited, since when the disk has synced
/// none of those that wait, and how long that usually takes, to within a mark's width.
struct UnsyncedRecords: Sendable {
  private struct Mark {
    /// The newest record of this mark.
    var position: UInt64
    /// When the oldest one was handed to the journal.
    let since: UInt64
  }

  private static let markWidthMicroseconds: UInt64 = 20_000
  private static let marksMax = 128

  private var marks: [Mark] = []
  private var lastSyncAt: UInt64 = 0
  private var durablePosition: UInt64 = 0
  /// The longest wait for a sync of late; an older one counts an eighth less with each sync.
  private(set) var usualWait: UInt64 = 0

  /// Since when the oldest has waited; nil if all are durable.
  var oldestSince: UInt64? { marks.first?.since }

  /// Since when records wait and none has become durable; nil if all are.
  var idleSince: UInt64? { marks.first.map { max($0.since, lastSyncAt) } }

  /// Records up to `position` are on their way to the disk.
  mutating func handedOver(through position: UInt64, at now: UInt64) {
    if let last = marks.last,
      marks.count == Self.marksMax || now - last.since < Self.markWidthMicroseconds
    {
      marks[marks.count - 1].position = position
    } else {
      marks.append(Mark(position: position, since: now))
    }
  }

  /// Records up to `position` are durable.
  mutating func durable(through position: UInt64, at now: UInt64) {
    guard position > durablePosition else { return }
    durablePosition = position
    if let idleSince { usualWait = max(now - min(idleSince, now), usualWait - usualWait / 8) }
    lastSyncAt = now
    marks.removeAll { $0.position <= position }
  }
}
