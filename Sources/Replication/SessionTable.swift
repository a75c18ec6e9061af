import Consensus

/// Sessions in order of their ids, in pages: after a copy, a change copies one page, not ten
/// thousand sessions.
struct SessionTable: Sendable {
  /// Where a session stands until one is added or taken out.
  struct Place: Sendable {
    fileprivate let page: Int
    fileprivate let index: Int
  }

  private static let pageMax = 64

  /// None is empty.
  private var pages: [[Session]] = []
  /// The first id of each page, so that a search touches one page.
  private var firstIDs: [UInt64] = []
  private(set) var count = 0
  /// What was looked for last; a write looks twice for its session.
  private var lastFound = Place(page: 0, index: 0)

  /// All sessions, in order.
  var all: some Sequence<Session> { pages.joined() }

  var lastID: UInt64? { pages.last?.last?.id }

  subscript(place: Place) -> Session {
    get { pages[place.page][place.index] }
    _modify { yield &pages[place.page][place.index] }
  }

  /// Finds a session by its id, at once if it is found again.
  mutating func findAgain(_ id: UInt64) -> Place? {
    if lastFound.page < pages.count, lastFound.index < pages[lastFound.page].count,
      pages[lastFound.page][lastFound.index].id == id
    {
      return lastFound
    }
    guard let found = find(id) else { return nil }
    lastFound = found
    return found
  }

  /// Finds a session by its id.
  func find(_ id: UInt64) -> Place? {
    let page = Self.position(in: firstIDs.count) { firstIDs[$0] <= id } - 1
    guard page >= 0 else { return nil }
    let sessions = pages[page]
    let index = Self.position(in: sessions.count) { sessions[$0].id < id }
    guard index < sessions.count, sessions[index].id == id else { return nil }
    return Place(page: page, index: index)
  }

  /// The sessions behind an id, at most a page of them.
  func next(after id: UInt64) -> ArraySlice<Session> {
    let page = max(0, Self.position(in: firstIDs.count) { firstIDs[$0] <= id } - 1)
    for page in pages[min(page, pages.count)...] {
      let index = Self.position(in: page.count) { page[$0].id <= id }
      if index < page.count { return page[index...] }
    }
    return []
  }

  /// Adds a session, whose id is the highest yet.
  mutating func append(_ session: Session) {
    invariant(session.id > lastID ?? 0, "a session's id is the newest index")
    if let last = pages.last, last.count < Self.pageMax {
      pages[pages.count - 1].append(session)
    } else {
      pages.append([session])
      firstIDs.append(session.id)
    }
    count += 1
  }

  /// Takes out a session.
  @discardableResult
  mutating func remove(at place: Place) -> Session {
    let removed = pages[place.page].remove(at: place.index)
    count -= 1
    tidy(place.page)
    return removed
  }

  /// Sets right what is known of a page that sessions were taken from; it joins its neighbor
  /// where both are nearly empty, so that pages stay few.
  private mutating func tidy(_ page: Int) {
    if pages[page].isEmpty {
      pages.remove(at: page)
      firstIDs.remove(at: page)
      return
    }
    firstIDs[page] = pages[page][0].id
    let left = max(0, page - 1)
    guard left + 1 < pages.count,
      pages[left].count + pages[left + 1].count <= Self.pageMax / 2
    else { return }
    pages[left] += pages.remove(at: left + 1)
    firstIDs.remove(at: left + 1)
  }

  /// Binary search: how many of so many places, from the first on, satisfy something.
  private static func position(in count: Int, _ isBefore: (Int) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isBefore(middle) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
