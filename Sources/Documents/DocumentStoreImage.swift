import Consensus
import Wire

/// A frozen store (docs/formats/state-image.md): it shares the maps, which later writes copy as
/// far as they change them.
///
/// It says at its end what `stateDigest` is, so that whoever reads it back knows that nothing
/// was lost on the way. Scans in progress are not in it.
package struct DocumentStoreImage: StateImage {
  /// The format of its pieces.
  static let version: UInt8 = 1

  let revision: UInt64
  private let resultDigest: UInt64
  /// Those that were not begun: what was written is let go of.
  private var collections: CollectionTable
  private var slots: OrderedMapEntries<Int>
  /// Of the collection that is being written.
  private var items: OrderedMapDrain<Item>?
  private var digest = StateDigest()
  private var isBegun = false
  /// Whether the last piece was given.
  private(set) var isOver = false

  init(_ store: DocumentStore) {
    revision = store.revision
    resultDigest = store.resultDigest
    collections = store.collections
    slots = store.slots.entries()
  }

  /// The next piece; nil after the last.
  package mutating func nextPiece(sizeAim: Int) -> [UInt8]? {
    guard !isOver else { return nil }
    var writer = ByteWriter(capacity: sizeAim + 4_096)
    writer.write(Self.version)
    if !isBegun { begin(&writer) }
    repeat {
      if let entry = items?.next() {
        write(entry.value, entry.key, &writer)
      } else if let next = slots.next() {
        beginCollection(next.key, at: next.value, &writer)
      } else {
        end(&writer)
      }
    } while writer.count < sizeAim && !isOver
    return writer.finish()
  }

  private mutating func begin(_ writer: inout ByteWriter) {
    writer.write(revision)
    writer.write(resultDigest)
    writer.write(UInt32(slots.remainingCount))
    digest.fold(revision)
    digest.fold(UInt64(slots.remainingCount))
    isBegun = true
  }

  private mutating func beginCollection(
    _ key: [UInt8],
    at slot: Int,
    _ writer: inout ByteWriter
  ) {
    guard let collection = collections[slot] else { fatalError("a name's slot is taken") }
    collections.remove(at: slot)
    writer.write(collection.kind.rawValue)
    writer.write(collection.place)
    writer.write(collection.createdRevision)
    writer.write(UInt64(collection.items.count))
    digest.fold(key, collection, count: UInt64(collection.items.count))
    items = collection.items.drained()
  }

  private mutating func write(_ item: Item, _ key: [UInt8], _ writer: inout ByteWriter) {
    writer.write(item.revision)
    // A document's key follows from its id.
    let id = item.shownID(under: key)
    writer.write(UInt16(id.count))
    writer.writeRaw(id)
    writer.writeBlob(item.bytes)
    digest.fold(key, item)
  }

  private mutating func end(_ writer: inout ByteWriter) {
    digest.fold(resultDigest)
    writer.write(digest.value)
    isOver = true
  }
}

extension DocumentStore {
  /// The collections as they are now; writes to them copy what they change.
  package func freeze() -> DocumentStoreImage {
    DocumentStoreImage(self)
  }

  /// Goes on from a state that was read back; scans in progress stay what they are.
  package mutating func adopt(_ restored: DocumentStore) {
    let (cursors, ordered) = (cursors, orderedCursors)
    let dropped = dropped
    let isTracked = tracker != nil
    self = restored
    self.cursors = cursors
    orderedCursors = ordered
    self.dropped = dropped
    tracker = isTracked ? ChangeTracker() : nil
  }
}
