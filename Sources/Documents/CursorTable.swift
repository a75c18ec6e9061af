import ClientProtocol
import Consensus

/// Scans that have more to give, each by a number that no other node or boot gives out.
///
/// A frozen state is held at most 60 s and at most 1,000 are held at once; then the scan has to
/// begin again (`cursor_expired`).
struct CursorTable: Sendable {
  static let cursorsMax = 1_000

  /// In the order of their beginning.
  private var cursors: [(number: UInt64, scan: Scan)] = []
  /// Numbers are drawn, not counted.
  ///
  /// A client may ask with a number of another node, or of this one before it was restarted: it
  /// must find nothing then, rather than somebody else's scan.
  private var numbers: RandomSource

  init(seed: UInt64) {
    numbers = RandomSource(seed: seed)
  }

  var count: Int { cursors.count }

  /// Keeps a scan and names it; the oldest makes room if there are too many.
  mutating func add(_ scan: Scan) -> UInt64 {
    if cursors.count >= Self.cursorsMax { cursors.removeFirst() }
    let number = drawNumber()
    cursors.append((number, scan))
    return number
  }

  /// The next page of a scan, which names its successor anew; nil if the scan is not held.
  ///
  /// A question for a page may arrive twice, its first answer lost: it must not skip a page.
  mutating func nextPage(of number: UInt64) -> QueryReply.Page? {
    guard let index = index(of: number) else { return nil }
    let entries = cursors[index].scan.takePage()
    let revision = cursors[index].scan.revision
    guard !cursors[index].scan.isOver else {
      cursors.remove(at: index)
      return QueryReply.Page(atRevision: revision, cursor: 0, entries: entries)
    }
    cursors[index].number = drawNumber()
    return QueryReply.Page(atRevision: revision, cursor: cursors[index].number, entries: entries)
  }

  /// Lets go of a scan, if it is still held.
  mutating func close(_ number: UInt64) {
    if let index = index(of: number) { cursors.remove(at: index) }
  }

  /// Lets go of frozen states held for too long.
  mutating func expire(at now: UInt64) {
    let life = Limits.cursorLifeMicroseconds
    let expired = cursors.prefix { now >= $0.scan.openedAt + life }.count
    cursors.removeFirst(expired)
  }

  private mutating func drawNumber() -> UInt64 {
    var number: UInt64 = 0
    while number == 0 || index(of: number) != nil {
      number = numbers.next()
    }
    return number
  }

  private func index(of number: UInt64) -> Int? {
    cursors.firstIndex { $0.number == number }
  }
}
