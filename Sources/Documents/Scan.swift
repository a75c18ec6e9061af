import ClientProtocol
import Wire

/// A scan in progress, over a collection as it was when the scan began.
struct Scan: Sendable {
  /// The revision of the frozen state.
  let revision: UInt64
  /// Monotonic microseconds of its beginning.
  let openedAt: UInt64
  private var entries: OrderedMapEntries<Item>
  /// How many more entries the client wants in all.
  private var remaining: UInt64
  private let pageItems: Int

  init(
    _ entries: OrderedMapEntries<Item>,
    _ window: ScanWindow,
    revision: UInt64,
    openedAt: UInt64
  ) {
    self.revision = revision
    self.openedAt = openedAt
    self.entries = entries
    remaining = window.limit == 0 ? .max : window.limit
    let asked = window.pageItems == 0 ? Limits.pageItemsDefault : Int(window.pageItems)
    pageItems = min(asked, Limits.pageItemsMax)
  }

  /// Whether there is nothing more to give.
  var isOver: Bool { remaining == 0 || entries.remainingCount == 0 }

  /// How many entries it may be the last to hold.
  var heldCount: Int { entries.heldCount }

  /// Takes entries until the page is full in number or in bytes.
  mutating func takePage() -> [QueryReply.Entry] {
    var page: [QueryReply.Entry] = []
    var size = 0
    while page.count < pageItems, size < Limits.pageSizeMax, remaining > 0,
      let (key, item) = entries.next()
    {
      remaining -= 1
      size += item.bytes.count + key.count
      page.append(
        QueryReply.Entry(
          key: item.shownID(under: key),
          item: QueryReply.Item(revision: item.revision, bytes: item.bytes)
        )
      )
    }
    return page
  }
}
