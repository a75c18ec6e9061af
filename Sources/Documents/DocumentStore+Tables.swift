import ClientProtocol
package import Consensus
import Wire

// Each collection is a table: by database, a zero byte and name; an entry is an item by its id.
extension DocumentStore: TabledMachine {
  /// The revision, and what all results came to.
  package var stateHead: [UInt8] {
    var writer = ByteWriter(capacity: 16)
    writer.write(revision)
    writer.write(resultDigest)
    return writer.finish()
  }

  /// All collections.
  package var stateTables: [StateTable] {
    var tables: [StateTable] = []
    for (name, slot) in slots.entries() {
      guard let collection = collections[slot] else { continue }
      var entries: [StateEntry] = []
      entries.reserveCapacity(collection.items.count)
      for (key, item) in collection.items.entries() {
        entries.append(
          StateEntry(
            key: Bytes(item.shownID(under: key)),
            stamp: item.revision,
            value: item.bytes
          )
        )
      }
      tables.append(
        StateTable(name: Bytes(name), head: collection.tableHead, entries: entries)
      )
    }
    return tables
  }

  /// What commands have changed since the last time, where that is tracked.
  package mutating func takeStateChanges() -> [StateChange]? {
    tracker?.take()
  }

  /// Tells the tracker what a command has changed.
  mutating func track(_ kind: Change.Kind, _ place: Place, id: Bytes, new: Bytes?) {
    let name = Self.key(of: place)
    switch kind {
    case .createCollection:
      guard let slot = slots[name], let made = collections[slot] else { return }
      tracker?.add(.makeTable(name: name, head: made.tableHead))
    case .dropCollection: tracker?.add(.dropTable(name: name))
    case .delete: tracker?.add(.remove(key: id, table: name))
    case .insert, .replace:
      let entry = StateEntry(key: id, stamp: revision, value: new ?? [])
      tracker?.add(.put(entry, table: name))
    }
  }
}

extension Collection {
  /// What a table's entries do not say.
  var tableHead: [UInt8] {
    var writer = ByteWriter(capacity: 9)
    writer.write(kind.rawValue)
    writer.write(createdRevision)
    return writer.finish()
  }
}
