import ClientProtocol

/// Scans in progress, each over the state as it was when it began.
///
/// A frozen state is held at most 60 s and at most 1,000 are held at once; then the scan has to
/// begin again (`cursor_expired`).
struct CursorTable: Sendable {
  /// One scan.
  struct Cursor: Sendable {
    var entries: OrderedMapEntries<Item>
    /// How many more entries the client wants in all.
    var remaining: UInt64
    let pageItems: Int
    /// The revision of the frozen state.
    let revision: UInt64
    /// Monotonic microseconds of its beginning.
    let openedAt: UInt64
  }

  static let cursorsMax = 1_000

  /// In the order of their beginning.
  private var cursors: [(number: UInt64, cursor: Cursor)] = []
  private var nextNumber: UInt64 = 1

  var count: Int { cursors.count }

  /// Keeps a scan that has more to give, and names it.
  mutating func add(_ cursor: Cursor) -> UInt64 {
    if cursors.count >= Self.cursorsMax { cursors.removeFirst() }
    defer { nextNumber += 1 }
    cursors.append((nextNumber, cursor))
    return nextNumber
  }

  /// Takes a scan out, to go on with it; its number is never valid again.
  ///
  /// A question for a page may arrive twice, its first answer lost: it must not skip a page.
  mutating func take(_ number: UInt64) -> Cursor? {
    guard let index = cursors.firstIndex(where: { $0.number == number }) else { return nil }
    return cursors.remove(at: index).cursor
  }

  /// Keeps the rest of a scan, under a new number.
  mutating func put(_ cursor: Cursor) -> UInt64 {
    let index = cursors.firstIndex { $0.cursor.openedAt > cursor.openedAt } ?? cursors.count
    defer { nextNumber += 1 }
    cursors.insert((nextNumber, cursor), at: index)
    return nextNumber
  }

  /// Lets go of frozen states held for too long.
  mutating func expire(at now: UInt64) {
    let life = Limits.cursorLifeMicroseconds
    let expired = cursors.prefix { now >= $0.cursor.openedAt + life }.count
    cursors.removeFirst(expired)
  }
}
