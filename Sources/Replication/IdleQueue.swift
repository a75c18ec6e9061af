/// Sessions by how long they were idle: a binary heap (Knuth, The Art of Computer Programming,
/// volume 3, §5.2.3) of when each was last seen used.
///
/// A use changes nothing here, as writes are many: log time never goes back, so what stands here is
/// never later than the truth, and only what comes to the front is compared with it. Each call
/// costs O(log n) for itself and for each use, registration or end of a session since.
struct IdleQueue: Sendable {
  private struct Entry: Sendable {
    var lastUseMicroseconds: UInt64
    let id: UInt64

    static func < (left: Entry, right: Entry) -> Bool {
      (left.lastUseMicroseconds, left.id) < (right.lastUseMicroseconds, right.id)
    }
  }

  /// So many of sessions that are gone do not matter.
  private static let goneMax = 64

  private var heap: [Entry] = []
  /// How many of these sessions exist.
  private(set) var count = 0

  /// How many entries there are, those of sessions that are gone included.
  var size: Int { heap.count }

  /// A queue of sessions that exist.
  init(_ sessions: some Sequence<Session> = []) {
    for session in sessions { append(session) }
  }

  /// No session was last used before this log time; nil if there is none.
  var earliestUseMicroseconds: UInt64? { heap.first?.lastUseMicroseconds }

  /// Adds a session that stands in the table.
  mutating func add(_ session: Session, in table: SessionTable) {
    append(session)
    guard size > 2 * count + Self.goneMax else { return }
    var entries: [Entry] = []
    swap(&entries, &heap)
    for entry in entries where table.find(entry.id) != nil { append(entry) }
  }

  /// One of the sessions was taken out of the table.
  mutating func noteEnd() {
    count -= 1
    if count == 0 { heap.removeAll() }
  }

  /// The session that was idle for longest, of several the one with the lowest id.
  mutating func first(in table: SessionTable) -> SessionTable.Place? {
    while let entry = heap.first {
      guard let place = table.find(entry.id) else {
        removeFirst()
        continue
      }
      let lastUse = table[place].lastUseMicroseconds
      guard lastUse > entry.lastUseMicroseconds else { return place }
      heap[0].lastUseMicroseconds = lastUse
      sink()
    }
    return nil
  }

  private mutating func append(_ session: Session) {
    count += 1
    append(Entry(lastUseMicroseconds: session.lastUseMicroseconds, id: session.id))
  }

  private mutating func append(_ entry: Entry) {
    heap.append(entry)
    var place = heap.count - 1
    while place > 0, heap[place] < heap[(place - 1) / 2] {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  private mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    sink()
  }

  /// The first entry goes down to where it belongs.
  private mutating func sink() {
    var place = 0
    while 2 * place + 1 < heap.count {
      var child = 2 * place + 1
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      guard heap[child] < heap[place] else { return }
      heap.swapAt(place, child)
      place = child
    }
  }
}
