import ClientProtocol
package import Consensus
package import Wire

extension DocumentStore {
  /// The store of tables that came from others: asked for all that an image's pieces are.
  package init(stateHead: [UInt8], tables: [StateTable]) throws(WireError) {
    self.init(cursorSeed: 0)
    var builder = DocumentStoreBuilder()
    var reader = ByteReader(stateHead)
    try builder.readHead(&reader)
    try reader.expectEnd()
    guard tables.count <= Self.collectionsMax else {
      throw .tooLarge("collections", size: tables.count, limit: Self.collectionsMax, offset: 0)
    }
    for table in tables.sorted(by: Self.isBefore) { try builder.add(table) }
    builder.isComplete = true
    self = try builder.finish()
  }

  private static func isBefore(_ left: StateTable, _ right: StateTable) -> Bool {
    left.name.array.lexicographicallyPrecedes(right.name.array)
  }
}

extension DocumentStoreBuilder {
  fileprivate mutating func add(_ table: StateTable) throws(WireError) {
    var reader = ByteReader(table.head)
    guard let kind = Collection.Kind(rawValue: try reader.read()) else {
      throw .badValue("kind of a collection", offset: 0)
    }
    let collection = Collection(
      kind: kind,
      place: try Self.place(of: table.name),
      createdRevision: try reader.read()
    )
    try reader.expectEnd()
    try begin(collection, count: UInt64(table.entries.count), at: 0)
    var items: [(key: [UInt8], item: Item)] = []
    items.reserveCapacity(table.entries.count)
    for entry in table.entries {
      let size = entry.value.count
      guard size <= Limits.documentSizeMax else {
        throw .tooLarge("item", size: size, limit: Limits.documentSizeMax, offset: 0)
      }
      let id = entry.key.array
      let item = Item(
        revision: entry.stamp,
        id: kind == .documents ? id : [],
        bytes: entry.value
      )
      items.append((try key(ofID: id, kind, at: 0), item))
    }
    items.sort { $0.key.lexicographicallyPrecedes($1.key) }
    for (key, item) in items { try add(item, for: key, at: 0) }
  }

  /// Of database, a zero byte and name.
  private static func place(of name: Bytes) throws(WireError) -> Place {
    let parts = name.array.split(separator: 0, omittingEmptySubsequences: false)
    guard parts.count == 2, let database = String(validating: parts[0], as: UTF8.self),
      let collection = String(validating: parts[1], as: UTF8.self)
    else { throw .badValue("name of a collection", offset: 0) }
    return Place(database: database, collection: collection)
  }
}
