import ClientProtocol
import Consensus
package import Wire

/// Databases of collections: the state that all nodes share.
///
/// Copying the store costs nothing and freezes it (see `OrderedMap`). Replies and changes depend
/// on the commands and their order alone.
package struct DocumentStore: StateMachine {
  /// Reads a store back.
  package typealias Builder = DocumentStoreBuilder
  typealias Failure = CommandReply.Failure

  /// The most collections in all databases together, so that a list of their names fits a frame.
  static let collectionsMax = 10_000

  let rules = CommandRules()
  /// A collection keeps its slot until it is dropped.
  var collections = CollectionTable()
  /// The slot of a collection by database, a zero byte and name.
  private(set) var slots = OrderedMap<Int>()
  /// How many collections each database has: a list of databases costs what it is long.
  private var databases = OrderedMap<Int>()
  /// Where the last collection that was asked for stands: the next is mostly the same.
  var lastFound: FoundPlace?
  /// Scans in progress: of this node alone, never part of the replicated state.
  var cursors: CursorTable
  /// Scans that clients began in the log: alike on nodes that answered the same queries.
  var orderedCursors: CursorTable
  /// Collections that were dropped.
  var dropped: Discarded
  /// Where a collection stands, and what is asked of it at each write: a look at the collection
  /// itself would copy all of it.
  struct FoundPlace: Sendable {
    let known: KnownPlace
    let slot: Int
    let kind: Collection.Kind
    let createdRevision: UInt64
  }

  /// What commands have changed so far (see `StateMachine.resultDigest`).
  var results = StateDigest()
  /// What the last command changed, but for what stands in `replaced`.
  var notes: [ChangeNote] = []
  /// What commands have put something else in place of, or deleted, since it was last let go of.
  var replaced = ReplacedItems()
  /// What has changed since a root was due, where states have roots.
  var tracker: ChangeTracker?
  /// Replies are written here; its storage is used again.
  var writer = ByteWriter(capacity: 64)
  /// The index of the last command, whatever came of it.
  package internal(set) var revision: UInt64 = 0

  /// A store without collections.
  ///
  /// - Parameters:
  ///   - cursorSeed: Different at each node and each of its boots, so that a cursor which ended up
  ///     at the wrong node finds nothing there rather than another's scan.
  ///   - isTracked: Whether somebody will ask for changes of the state.
  ///   - handsOver: Whether somebody will take what the store has let go of (`takeDiscarded`).
  package init(cursorSeed: UInt64, isTracked: Bool = false, handsOver: Bool = false) {
    cursors = CursorTable(seed: cursorSeed, handsOver: handsOver)
    orderedCursors = CursorTable(seed: 0, handsOver: handsOver)
    dropped = Discarded(isKept: handsOver)
    tracker = isTracked ? ChangeTracker() : nil
  }

  /// Names a collection that has a slot.
  mutating func enter(_ key: Bytes, at slot: Int, in database: String) {
    slots.insert(slot, for: key)
    let name = Bytes(Array(database.utf8))
    databases.insert((databases[name] ?? 0) + 1, for: name)
  }

  /// Forgets the name of a collection; returns its slot.
  mutating func leave(_ key: Bytes, in database: String) -> Int? {
    guard let slot = slots.remove(key) else { return nil }
    let name = Bytes(Array(database.utf8))
    guard let count = databases[name] else { fatalError("a collection's database is known") }
    if count == 1 { databases.remove(name) } else { databases.insert(count - 1, for: name) }
    return slot
  }

  /// The names of all databases with collections, in order of their bytes.
  var databaseNames: [String] {
    databases.entries().map { String(decoding: $0.key, as: UTF8.self) }
  }

  /// Everything about a command that can be judged without the state.
  package func objection(to command: Bytes) -> [UInt8]? {
    if let known = lastFound?.known, rules.outline(of: command, at: known) != nil { return nil }
    do throws(Failure) {
      _ = try rules.check(command, knowing: lastFound?.known)
      return nil
    } catch {
      return CommandReply.failed(error).encoded()
    }
  }

  /// What the last command changed.
  package var changes: [Change] {
    notes.enumerated().map { ordinal, note in
      Change(
        revision: revision,
        ordinal: UInt32(ordinal),
        kind: note.kind,
        place: note.place,
        id: note.id,
        old: note.old.map { replaced[$0].bytes },
        new: note.new
      )
    }
  }

  /// Gives no revision through this one any more: what was written keeps its own.
  ///
  /// - Precondition: It is not below `revision`.
  package mutating func skip(to revision: UInt64) {
    precondition(revision >= self.revision, "revisions only grow")
    self.revision = revision
  }

  /// Dropped collections, and what scans held that are over, if freeing them takes long.
  package mutating func takeDiscarded() -> [any Sendable] {
    dropped.take() + cursors.discarded.take() + orderedCursors.discarded.take()
  }

  /// A digest over revisions, names, kinds, ids and bytes; it visits everything.
  package func stateDigest() -> UInt64 {
    var digest = StateDigest()
    digest.fold(revision)
    digest.fold(UInt64(slots.count))
    for (key, slot) in slots.entries() {
      guard let collection = collections[slot] else { continue }
      digest.fold(key, collection, count: UInt64(collection.items.count))
      for (key, item) in collection.items.entries() { digest.fold(key, item) }
    }
    return digest.value
  }
}

extension StateDigest {
  /// What a collection is, without its items.
  mutating func fold(_ key: [UInt8], _ collection: Collection, count: UInt64) {
    fold(key)
    fold(UInt64(collection.kind.rawValue))
    fold(collection.createdRevision)
    fold(count)
  }

  /// An item and the key it is found by.
  mutating func fold(_ key: [UInt8], _ item: Item) {
    fold(key)
    fold(item.revision)
    fold(item.id)
    fold(item.bytes)
  }
}
