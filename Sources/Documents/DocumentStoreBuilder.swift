import ClientProtocol
import Consensus
package import Wire

/// Reads a store back from its image (docs/formats/state-image.md).
///
/// What a command must satisfy in names, ids, order and sizes is asked here too, and at the end
/// that the state digest is the one of the store that was frozen. Documents are taken as they are:
/// that digest vouches for them.
package struct DocumentStoreBuilder: StateBuilder {
  var store = DocumentStore(cursorSeed: 0)
  private var collectionsCount: Int?
  private var lastKey: [UInt8] = []
  private var underway: Underway?
  private var digest = StateDigest()
  var isComplete = false

  /// A collection of which items are to come.
  private struct Underway {
    let slot: Int
    let collection: Collection
    var items: OrderedMapBuilder<Item>
  }

  /// A builder that has seen no piece.
  package init() {}

  /// Takes the next piece.
  package mutating func take(_ piece: Bytes) throws(WireError) {
    guard !isComplete else { throw .badValue("piece behind the last one", offset: 0) }
    var reader = ByteReader(piece)
    let version = try reader.read(UInt8.self)
    guard version == DocumentStoreImage.version else {
      throw .unsupportedVersion(UInt16(version), what: "a store's image")
    }
    if collectionsCount == nil {
      try readHead(&reader)
      try begin(collectionsCount: reader.readCount(max: DocumentStore.collectionsMax))
    }
    while reader.remaining > 0 {
      if underway != nil {
        try readItem(&reader)
      } else if store.slots.count < collectionsCount ?? 0 {
        try readCollection(&reader)
      } else {
        try readEnd(&reader)
      }
    }
  }

  /// The store.
  package mutating func finish() throws(WireError) -> DocumentStore {
    guard isComplete else { throw .badValue("store's image: its last piece is missing", offset: 0) }
    defer { store = DocumentStore(cursorSeed: 0) }
    return store
  }

  mutating func readHead(_ reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    store.revision = try reader.read()
    guard store.revision <= 1 << 62 else { throw .badValue("log index", offset: offset) }
    store.results = StateDigest(continuing: try reader.read())
  }

  private mutating func begin(collectionsCount count: Int) {
    collectionsCount = count
    digest.fold(store.revision)
    digest.fold(UInt64(count))
  }

  private mutating func readCollection(_ reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    guard let kind = Collection.Kind(rawValue: try reader.read()) else {
      throw .badValue("kind of a collection", offset: offset)
    }
    let place: Place = try reader.read()
    let collection = Collection(kind: kind, place: place, createdRevision: try reader.read())
    try begin(collection, count: try reader.read(), at: offset)
  }

  /// A collection follows, with so many items.
  mutating func begin(
    _ collection: Collection,
    count: UInt64,
    at offset: Int
  ) throws(WireError) {
    let (place, createdRevision) = (collection.place, collection.createdRevision)
    let key = DocumentStore.key(of: place).array
    let isFirst = store.slots.isEmpty
    guard isFirst || lastKey.lexicographicallyPrecedes(key), hasAllowedNames(place) else {
      throw .badValue("name of a collection", offset: offset)
    }
    guard (1...max(1, store.revision)).contains(createdRevision), count <= store.revision else {
      throw .badValue("collection of this revision", offset: offset)
    }
    let items = OrderedMapBuilder<Item>(count: Int(count))
    digest.fold(key, collection, count: count)
    lastKey = key
    let slot = store.collections.add(collection)
    store.enter(Bytes(key), at: slot, in: place.database)
    underway = Underway(slot: slot, collection: collection, items: items)
    if count == 0 { endCollection() }
  }

  private mutating func readItem(_ reader: inout ByteReader) throws(WireError) {
    guard let collection = underway?.collection else { return }
    let offset = reader.offset
    let revision: UInt64 = try reader.read()
    let id = try reader.readRaw(Int(try reader.read(UInt16.self)))
    let key = try key(ofID: id, collection.kind, at: offset)
    // In memory of its own: no item keeps the piece.
    let bytes = Bytes(try reader.readBlob(max: Limits.documentSizeMax))
    let item = Item(revision: revision, id: collection.kind == .documents ? id : [], bytes: bytes)
    try add(item, for: key, at: offset)
  }

  /// The next item of the collection.
  mutating func add(_ item: Item, for key: [UInt8], at offset: Int) throws(WireError) {
    guard let collection = underway?.collection, item.revision >= collection.createdRevision,
      item.revision <= store.revision
    else { throw .badValue("revision of an item", offset: offset) }
    digest.fold(key, item)
    guard underway?.items.append(item, for: key) == true else {
      throw .badValue("item in order of keys", offset: offset)
    }
    if underway?.items.missingCount == 0 { endCollection() }
  }

  private mutating func endCollection() {
    guard var ended = underway else { return }
    underway = nil
    store.collections[ended.slot]?.items = ended.items.finish()
  }

  private mutating func readEnd(_ reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    digest.fold(store.resultDigest)
    guard try reader.read() == digest.value else {
      throw .badValue("state digest of a store's image", offset: offset)
    }
    try reader.expectEnd()
    isComplete = true
  }

  private func hasAllowedNames(_ place: Place) -> Bool {
    do throws(DocumentStore.Failure) {
      try store.rules.checkNames(place)
      return true
    } catch {
      return false
    }
  }

  func key(
    ofID id: [UInt8],
    _ kind: Collection.Kind,
    at offset: Int
  ) throws(WireError) -> [UInt8] {
    do throws(DocumentStore.Failure) {
      switch kind {
      case .documents: return try store.rules.sortKey(ofID: id)
      case .keyValue:
        try store.rules.checkKey(id)
        return id
      }
    } catch {
      throw .badValue("id of an item", offset: offset)
    }
  }
}
