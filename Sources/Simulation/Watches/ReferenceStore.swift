import BSON
import ClientProtocol
import Consensus
import Wire

/// What the document store promises, written as plainly as can be: sorted arrays and no cleverness.
///
/// It knows what simulated clients use. Failures carry their code and no text.
struct ReferenceStore {
  private enum Kind {
    case keys
    case documents
  }

  private struct Item {
    /// What items are sorted by.
    let order: [UInt8]
    /// The key, or the id in the form that the document was made with.
    let name: [UInt8]
    let value: QueryReply.Item
  }

  private struct Table {
    let place: Place
    let kind: Kind
    var items: [Item] = []
  }

  private var tables: [Table] = []
  /// The index of the last command.
  private var revision: UInt64 = 0

  /// Carries out a command.
  mutating func apply(_ command: Command, at place: LogPlace) -> CommandReply {
    revision = place.index.rawValue
    if let objection = objection(to: command) { return objection }
    let name = command.operation.key ?? Self.serverID(at: place)
    let current = item(name, in: command.place)
    switch command.operation {
    case .put(_, let value), .kvPut(_, let value): return write(value, name, command)
    case .insert(_, let value):
      guard let current else { return write(value, name, command) }
      return failure(.alreadyExists, current.revision)
    case .kvPutIf(_, let value, let expected):
      guard expected == current?.revision ?? 0 else {
        return failure(.revisionConflict, current?.revision ?? 0)
      }
      return write(value, name, command)
    case .replace(_, let value, let expected):
      guard let current else { return failure(.notFound) }
      guard expected == 0 || expected == current.revision else {
        return failure(.revisionConflict, current.revision)
      }
      return write(value, name, command)
    case .delete(_, let expected), .kvDelete(_, let expected):
      return delete(name, in: command.place, ifRevision: expected)
    case .kvIncrement(_, let amount):
      let text = current.map { String(decoding: $0.bytes.array, as: UTF8.self) } ?? "0"
      guard let number = Int64(text) else { return failure(.typeMismatch) }
      let sum = number + amount
      _ = write(Array(String(sum).utf8), name, command)
      return .incremented(revision: revision, value: sum)
    case .createCollection:
      tables.append(Table(place: command.place, kind: .documents))
      return .changed(revision: revision)
    case .dropCollection:
      tables.removeAll { $0.place == command.place }
      return .changed(revision: revision)
    }
  }

  /// Answers a question; of a scan everything, whatever the size of its pages.
  func answer(_ question: Query.Question) -> QueryReply {
    switch question {
    case .get(let place, let name):
      return objection(to: .documents, in: place, mustExist: true) ?? .item(item(name, in: place))
    case .kvGet(let place, let name):
      return objection(to: .keys, in: place, mustExist: false) ?? .item(item(name, in: place))
    case .count(let place, let range):
      guard table(place) != nil else { return .failed(.init(.unknownCollection, "")) }
      return .count(UInt64(items(in: range, of: place).count), atRevision: revision)
    case .scan(let place, let range, let window):
      return objection(to: .documents, in: place, mustExist: true)
        ?? .page(page(place, range, window))
    case .kvRange(let place, let range, let window):
      return objection(to: .keys, in: place, mustExist: false) ?? .page(page(place, range, window))
    case .listCollections(let database):
      let found = tables.filter { $0.place.database == database }
      return .names(found.map(\.place.collection).sorted(by: Self.precedes))
    case .listDatabases:
      let sorted = tables.map(\.place.database).sorted(by: Self.precedes)
      return .names(sorted.reduce(into: []) { if $0.last != $1 { $0.append($1) } })
    case .next, .closeCursor, .image: fatalError("simulated clients do not ask this")
    }
  }

  // MARK: Collections

  /// Why a command cannot be carried out on its collection, if that is so.
  private func objection(to command: Command) -> CommandReply? {
    let isThere = table(command.place) != nil
    switch command.operation {
    case .createCollection: return isThere ? failure(.collectionExists) : nil
    case .dropCollection: return isThere ? nil : failure(.unknownCollection)
    case .replace, .delete:
      return isThere ? mismatch(.documents, command.place) : failure(.unknownCollection)
    case .insert, .put: return mismatch(.documents, command.place)
    case .kvPut, .kvPutIf, .kvDelete, .kvIncrement: return mismatch(.keys, command.place)
    }
  }

  private func objection(to kind: Kind, in place: Place, mustExist: Bool) -> QueryReply? {
    guard let table = table(place) else {
      return mustExist ? .failed(.init(.unknownCollection, "")) : nil
    }
    return tables[table].kind == kind ? nil : .failed(.init(.typeMismatch, ""))
  }

  private func mismatch(_ kind: Kind, _ place: Place) -> CommandReply? {
    guard let table = table(place), tables[table].kind != kind else { return nil }
    return failure(.typeMismatch)
  }

  private func table(_ place: Place) -> Int? {
    tables.firstIndex { $0.place == place }
  }

  private static func precedes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }

  // MARK: Items

  private func page(_ place: Place, _ range: KeyRange, _ window: ScanWindow) -> QueryReply.Page {
    var found = items(in: range, of: place)
    if window.isReversed { found.reverse() }
    if window.limit > 0 { found = Array(found.prefix(Int(window.limit))) }
    return QueryReply.Page(
      atRevision: revision,
      cursor: 0,
      entries: found.map { QueryReply.Entry(key: $0.name, item: $0.value) }
    )
  }

  private func items(in range: KeyRange, of place: Place) -> [Item] {
    guard let table = table(place).map({ tables[$0] }) else { return [] }
    switch range {
    case .all: return table.items
    case .prefix(let prefix):
      let beginning = table.kind == .keys ? prefix : [Self.textClass] + prefix
      return table.items.filter { $0.order.starts(with: beginning) }
    case .between(let from, let to):
      let lower = from.map { (Self.order(of: $0.key, table.kind), $0.isIncluded) }
      let upper = to.map { (Self.order(of: $0.key, table.kind), $0.isIncluded) }
      return table.items.filter { item in
        let isAfter = lower.map { Self.precedes($0.0, item.order, orEqual: $0.1) } ?? true
        let isBefore = upper.map { Self.precedes(item.order, $0.0, orEqual: $0.1) } ?? true
        return isAfter && isBefore
      }
    }
  }

  private static func precedes(_ left: [UInt8], _ right: [UInt8], orEqual: Bool) -> Bool {
    left.lexicographicallyPrecedes(right) || (orEqual && left == right)
  }

  private mutating func write(
    _ value: [UInt8],
    _ name: [UInt8],
    _ command: Command
  ) -> CommandReply {
    let kind: Kind =
      switch command.operation {
      case .kvPut, .kvPutIf, .kvIncrement: .keys
      default: .documents
      }
    if table(command.place) == nil { tables.append(Table(place: command.place, kind: kind)) }
    guard let table = table(command.place) else { fatalError("it was made a line above") }
    let order = Self.order(of: name, kind)
    let slot = tables[table].items.firstIndex { !$0.order.lexicographicallyPrecedes(order) }
    let end = tables[table].items.count
    let known = slot.map { tables[table].items[$0] }.flatMap { $0.order == order ? $0 : nil }
    // 1 and 1.0 are one id: a document keeps the form that it was made with.
    let kept = known?.name ?? name
    let content = QueryReply.Item(revision: revision, bytes: Bytes(value))
    let item = Item(order: order, name: kept, value: content)
    if let slot, known != nil {
      tables[table].items[slot] = item
    } else {
      tables[table].items.insert(item, at: slot ?? end)
    }
    let id = kind == .keys ? [] : kept
    return .written(revision: revision, existedBefore: known != nil, id: id)
  }

  private mutating func delete(
    _ name: [UInt8],
    in place: Place,
    ifRevision expected: UInt64
  ) -> CommandReply {
    guard let table = table(place), let current = item(name, in: place) else {
      return expected == 0
        ? .deleted(revision: revision, existed: false) : failure(.revisionConflict)
    }
    guard expected == 0 || expected == current.revision else {
      return failure(.revisionConflict, current.revision)
    }
    let order = Self.order(of: name, tables[table].kind)
    tables[table].items.removeAll { $0.order == order }
    return .deleted(revision: revision, existed: true)
  }

  private func item(_ name: [UInt8], in place: Place) -> QueryReply.Item? {
    guard let table = table(place).map({ tables[$0] }) else { return nil }
    let order = Self.order(of: name, table.kind)
    return table.items.first { $0.order == order }?.value
  }

  private func failure(_ code: ErrorCode, _ revision: UInt64 = 0) -> CommandReply {
    .failed(.init(code, "", currentRevision: revision))
  }

  // MARK: Ids

  private static let numberClass: UInt8 = 1
  private static let textClass: UInt8 = 2
  private static let objectIDClass: UInt8 = 3
  private static let truthClass: UInt8 = 4

  /// Numbers by their value, then texts, ObjectIds, and false before true.
  private static func order(of name: [UInt8], _ kind: Kind) -> [UInt8] {
    guard kind == .documents else { return name }
    let value: BSONValue
    do {
      value = try BSONValue(idBytes: name)
    } catch {
      fatalError("simulated clients name documents by ids: \(error)")
    }
    switch value {
    case .int32(let number): return [numberClass] + bigEndian(UInt64(number))
    case .int64(let number): return [numberClass] + bigEndian(UInt64(number))
    case .double(let number): return [numberClass] + bigEndian(UInt64(number))
    case .string(let text): return [textClass] + Array(text.utf8)
    case .objectID(let id): return [objectIDClass] + id.bytes
    case .boolean(let flag): return [truthClass, flag ? 1 : 0]
    default: fatalError("simulated clients make no such ids")
    }
  }

  /// The id of a document that comes without one: seconds of the leader's clock, then the index.
  private static func serverID(at place: LogPlace) -> [UInt8] {
    let seconds = bigEndian(place.wallMilliseconds / 1_000).suffix(4)
    return [BSONType.objectID.rawValue] + seconds + bigEndian(place.index.rawValue)
  }

  private static func bigEndian(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
  }
}
