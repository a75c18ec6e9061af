import ClientProtocol
import Wire

/// What the document store promises, written as plainly as can be: sorted arrays and no cleverness.
///
/// It knows what simulated clients use. Failures carry their code and no text.
struct ReferenceStore {
  private struct Item {
    let key: [UInt8]
    let value: QueryReply.Item
  }

  private struct Table {
    let place: Place
    var items: [Item] = []
  }

  private var tables: [Table] = []
  /// The index of the last command.
  private var revision: UInt64 = 0

  /// Carries out a command.
  mutating func apply(_ command: Command, at index: UInt64) -> CommandReply {
    revision = index
    let current = item(command.operation.key ?? [], in: command.place)
    switch command.operation {
    case .put(let key, let value):
      return write(value, key, in: command.place, id: key)
    case .kvPut(let key, let value):
      return write(value, key, in: command.place, id: [])
    case .insert(let id, let value):
      guard let current else { return write(value, id ?? [], in: command.place, id: id ?? []) }
      return failure(.alreadyExists, current.revision)
    case .kvPutIf(let key, let value, let expected):
      guard expected == current?.revision ?? 0 else {
        return failure(.revisionConflict, current?.revision ?? 0)
      }
      return write(value, key, in: command.place, id: [])
    case .replace(let key, let value, let expected):
      guard table(command.place) != nil else { return failure(.unknownCollection) }
      guard let current else { return failure(.notFound) }
      guard expected == 0 || expected == current.revision else {
        return failure(.revisionConflict, current.revision)
      }
      return write(value, key, in: command.place, id: key)
    case .delete(let key, let expected):
      guard table(command.place) != nil else { return failure(.unknownCollection) }
      return delete(key, in: command.place, ifRevision: expected)
    case .kvDelete(let key, let expected):
      return delete(key, in: command.place, ifRevision: expected)
    case .kvIncrement(let key, let amount):
      let text = current.map { String(decoding: $0.bytes.array, as: UTF8.self) } ?? "0"
      let sum = (Int64(text) ?? 0) + amount
      _ = write(Array(String(sum).utf8), key, in: command.place, id: [])
      return .incremented(revision: index, value: sum)
    case .createCollection:
      guard table(command.place) == nil else { return failure(.collectionExists) }
      tables.append(Table(place: command.place))
      return .changed(revision: revision)
    case .dropCollection:
      guard let table = table(command.place) else { return failure(.unknownCollection) }
      tables.remove(at: table)
      return .changed(revision: revision)
    }
  }

  /// Answers a question; of a scan everything, whatever the size of its pages.
  func answer(_ question: Query.Question) -> QueryReply {
    switch question {
    case .get(let place, let key):
      table(place) == nil ? .failed(.init(.unknownCollection, "")) : .item(item(key, in: place))
    case .kvGet(let place, let key): .item(item(key, in: place))
    case .count(let place, let range):
      table(place) == nil
        ? .failed(.init(.unknownCollection, ""))
        : .count(UInt64(items(in: range, of: place).count), atRevision: revision)
    case .scan(let place, let range, let window):
      table(place) == nil
        ? .failed(.init(.unknownCollection, "")) : .page(page(place, range, window))
    case .kvRange(let place, let range, let window): .page(page(place, range, window))
    case .next, .closeCursor, .listCollections, .listDatabases, .image:
      fatalError("simulated clients do not ask this")
    }
  }

  private func page(_ place: Place, _ range: KeyRange, _ window: ScanWindow) -> QueryReply.Page {
    var found = items(in: range, of: place)
    if window.isReversed { found.reverse() }
    if window.limit > 0 { found = Array(found.prefix(Int(window.limit))) }
    return QueryReply.Page(
      atRevision: revision,
      cursor: 0,
      entries: found.map { QueryReply.Entry(key: $0.key, item: $0.value) }
    )
  }

  private func items(in range: KeyRange, of place: Place) -> [Item] {
    let all = table(place).map { tables[$0].items } ?? []
    switch range {
    case .all: return all
    case .prefix(let prefix): return all.filter { $0.key.starts(with: prefix) }
    case .between(let from, let to):
      return all.filter { item in
        let isAfter = from.map { Self.isPast($0, item.key, $0.key) } ?? true
        let isBefore = to.map { Self.isPast($0, $0.key, item.key) } ?? true
        return isAfter && isBefore
      }
    }
  }

  private static func isPast(
    _ bound: KeyRange.Bound,
    _ greater: [UInt8],
    _ smaller: [UInt8]
  ) -> Bool {
    smaller.lexicographicallyPrecedes(greater) || (bound.isIncluded && smaller == greater)
  }

  private mutating func write(
    _ value: [UInt8],
    _ key: [UInt8],
    in place: Place,
    id: [UInt8]
  ) -> CommandReply {
    if table(place) == nil { tables.append(Table(place: place)) }
    guard let table = table(place) else { fatalError("the table was made a line above") }
    let item = Item(key: key, value: QueryReply.Item(revision: revision, bytes: Bytes(value)))
    let slot = tables[table].items.firstIndex { !$0.key.lexicographicallyPrecedes(key) }
    let end = tables[table].items.count
    let existed = slot.map { tables[table].items[$0].key == key } ?? false
    if let slot, existed {
      tables[table].items[slot] = item
    } else {
      tables[table].items.insert(item, at: slot ?? end)
    }
    return .written(revision: revision, existedBefore: existed, id: id)
  }

  private mutating func delete(
    _ key: [UInt8],
    in place: Place,
    ifRevision expected: UInt64
  ) -> CommandReply {
    guard let table = table(place), let current = item(key, in: place) else {
      return expected == 0
        ? .deleted(revision: revision, existed: false) : failure(.revisionConflict)
    }
    guard expected == 0 || expected == current.revision else {
      return failure(.revisionConflict, current.revision)
    }
    tables[table].items.removeAll { $0.key == key }
    return .deleted(revision: revision, existed: true)
  }

  private func item(_ key: [UInt8], in place: Place) -> QueryReply.Item? {
    table(place).flatMap { table in tables[table].items.first { $0.key == key }?.value }
  }

  private func table(_ place: Place) -> Int? {
    tables.firstIndex { $0.place == place }
  }

  private func failure(_ code: ErrorCode, _ revision: UInt64 = 0) -> CommandReply {
    .failed(.init(code, "", currentRevision: revision))
  }
}
