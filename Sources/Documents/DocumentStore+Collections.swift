import ClientProtocol
import Wire

extension DocumentStore {
  /// The slot of a collection; nil if there is no such collection.
  ///
  /// One known to be the place that was used last is not compared with it again.
  mutating func slot(of place: Place, isKnown: Bool = false) -> Int? {
    if let lastFound, isKnown || lastFound.known.place == place { return lastFound.slot }
    guard let slot = slots[Self.key(of: place)], let found = collections[slot] else { return nil }
    lastFound = FoundPlace(
      known: KnownPlace(place),
      slot: slot,
      kind: found.kind,
      createdRevision: found.createdRevision
    )
    return slot
  }

  /// The slot of a collection that must exist and hold items of this kind.
  mutating func openExisting(
    _ kind: Collection.Kind,
    _ place: Place,
    isKnown: Bool = false
  ) throws(Failure) -> Int {
    guard let slot = slot(of: place, isKnown: isKnown) else { throw unknown(place) }
    try check(slot, isOf: kind, place)
    return slot
  }

  /// The slot of the collection that a write goes to; the first write makes it.
  mutating func openForWriting(
    _ kind: Collection.Kind,
    _ step: Step
  ) throws(Failure) -> Int {
    guard let slot = slot(of: step.place, isKnown: step.isPlaceKnown) else {
      return try create(kind, step)
    }
    try check(slot, isOf: kind, step.place)
    return slot
  }

  /// The slot of a key-value collection; nil if nothing was ever written to it, as absent keys
  /// are no error.
  mutating func openKeys(_ place: Place, isKnown: Bool = false) throws(Failure) -> Int? {
    guard let slot = slot(of: place, isKnown: isKnown) else { return nil }
    try check(slot, isOf: .keyValue, place)
    return slot
  }

  mutating func createCollection(_ step: Step) throws(Failure) -> CommandReply {
    guard slot(of: step.place) == nil else {
      throw Failure(.collectionExists, "the collection \(step.place.collection) exists")
    }
    _ = try create(.documents, step)
    return .changed(revision: revision)
  }

  /// Noted as one change: whoever follows a collection knows that all it held is gone.
  mutating func dropCollection(_ step: Step) throws(Failure) -> CommandReply {
    let key = Self.key(of: step.place)
    guard let slot = leave(key, in: step.place.database) else { throw unknown(step.place) }
    if let items = collections.remove(at: slot)?.items { dropped.add(items, entries: items.count) }
    fold(collection: key, kind: nil)
    lastFound = nil
    note(.dropCollection, step.place)
    return .changed(revision: revision)
  }

  func unknown(_ place: Place) -> Failure {
    Failure(.unknownCollection, "there is no collection \(place.collection) in \(place.database)")
  }

  /// The names of a database's collections, in order of their bytes.
  func collectionNames(in database: String) -> [String] {
    let prefix = Array(database.utf8) + [0]
    return slots.entries(in: KeyStretch(prefix: prefix))
      .map { String(decoding: $0.key[prefix.count...], as: UTF8.self) }
  }

  /// How many collections there are.
  package var collectionsCount: Int { collections.count }

  /// How many documents and values there are.
  package var itemsCount: Int {
    slots.entries().reduce(0) { $0 + (collections[$1.value]?.items.count ?? 0) }
  }

  private mutating func create(
    _ kind: Collection.Kind,
    _ step: Step
  ) throws(Failure) -> Int {
    guard slots.count < Self.collectionsMax else {
      throw Failure(
        .limitExceeded,
        "there are \(Self.collectionsMax) collections already; drop one first"
      )
    }
    let collection = Collection(kind: kind, place: step.place, createdRevision: revision)
    let slot = collections.add(collection)
    let key = Self.key(of: step.place)
    enter(key, at: slot, in: step.place.database)
    fold(collection: key, kind: kind)
    note(.createCollection, step.place)
    return slot
  }

  private func check(
    _ slot: Int,
    isOf kind: Collection.Kind,
    _ place: Place
  ) throws(Failure) {
    guard collections[slot]?.kind != kind else { return }
    let held = kind == .documents ? "raw values; use kv" : "documents, not raw values"
    throw Failure(.typeMismatch, "\(place.collection) holds \(held)")
  }

  /// Names have no zero bytes, so that no two places share a key.
  static func key(of place: Place) -> Bytes {
    var key: [UInt8] = []
    key.reserveCapacity(place.database.utf8.count + place.collection.utf8.count + 1)
    key.append(contentsOf: place.database.utf8)
    key.append(0)
    key.append(contentsOf: place.collection.utf8)
    return Bytes(key)
  }
}
