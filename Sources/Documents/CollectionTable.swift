import Wire

/// Collections, each at a slot that it keeps until it is taken out.
///
/// They stand in pages: after a copy, a write copies one page, not ten thousand collections.
struct CollectionTable: Sendable {
  /// So that the list of pages is about as long as a page at the most collections.
  private static let pageSize = 64

  private var pages: [[Collection?]] = []
  /// Slots that were taken once.
  private var freeSlots: [Int] = []
  /// How many slots there are, free ones included.
  private var slotsCount = 0

  /// How many collections there are.
  var count: Int { slotsCount - freeSlots.count }

  subscript(slot: Int) -> Collection? {
    get { pages[slot / Self.pageSize][slot % Self.pageSize] }
    _modify { yield &pages[slot / Self.pageSize][slot % Self.pageSize] }
  }

  /// Puts an item into the collection at a slot; returns the one it replaces.
  ///
  /// Not through the subscript, which would ask for memory to come back to.
  mutating func insert(_ item: Item, for key: Bytes, in slot: Int) -> Item? {
    pages[slot / Self.pageSize][slot % Self.pageSize]?.items.insert(item, for: key)
  }

  /// Adds a collection; returns its slot.
  mutating func add(_ collection: Collection) -> Int {
    if let slot = freeSlots.popLast() {
      self[slot] = collection
      return slot
    }
    if slotsCount % Self.pageSize == 0 { pages.append([]) }
    pages[pages.count - 1].append(collection)
    slotsCount += 1
    return slotsCount - 1
  }

  /// Takes out a collection.
  @discardableResult
  mutating func remove(at slot: Int) -> Collection? {
    freeSlots.append(slot)
    return self[slot].take()
  }
}
