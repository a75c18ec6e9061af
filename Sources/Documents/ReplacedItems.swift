import Consensus
import Wire

/// Items that are no longer in their collections, let go of many at a time.
///
/// To let go of one is to wait for memory that nobody has looked at for long. Looked at one behind
/// the other, all of them are waited for at once: a third less time for a put into 100,000 keys.
struct ReplacedItems: Sendable {
  private static let countMax = 64
  private static let sizeMax = 1 << 20

  private var items: [Item] = []
  private var size = 0

  /// An item by what `add` returned for it, until the next `letGoIfMany`.
  subscript(index: Int) -> Item { items[index] }

  /// Takes over an item; returns where it stands.
  ///
  /// It is moved here, never copied: a copy would count a reference, and wait.
  mutating func add(_ item: consuming Item) -> Int {
    size += item.bytes.count
    items.append(item)
    return items.count - 1
  }

  /// Lets go of all items if there are many, or large ones.
  mutating func letGoIfMany() {
    guard items.count >= Self.countMax || size >= Self.sizeMax else { return }
    invariant(heldSize() >= size, "memory holds what lies in it")
    items.removeAll(keepingCapacity: true)
    size = 0
  }

  /// The bytes of the memory that holds the items.
  ///
  /// These numbers stand beside the counts of references, and nothing but reading happens here:
  /// the processor goes on to the next while it waits for one.
  private func heldSize() -> Int {
    let held = items.span
    var size = 0
    for index in held.indices { size &+= held[index].bytes.storage.count }
    return size
  }
}
