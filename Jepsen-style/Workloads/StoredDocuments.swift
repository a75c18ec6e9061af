import Linearizability
import LockstepClient

/// A collection whose documents hold one number each, as calls of a history see it.
struct StoredDocuments: Sendable {
  private static let field = "n"

  private let collection: Collection<JSON>

  init(_ store: Client) { collection = store.collection("documents") }

  /// Makes the collection; the call that found none is to be made again.
  func make() async -> CallEnding {
    do throws(LockstepError) {
      try await collection.create()
    } catch {
      guard error.code == .collectionExists else { return .fail(error.code.rawValue) }
    }
    return .fail("collection-is-new")
  }

  /// The revision that a document was at when a condition did not hold, 0 where there was none;
  /// nil if that is not what went wrong.
  static func conflict(in error: LockstepError) -> Int64? {
    switch error.code {
    case .revisionConflict, .alreadyExists: Int64(error.currentRevision ?? 0)
    case .notFound: 0
    default: nil
    }
  }

  /// Makes a call and gives its result.
  func carryOut(_ call: WorkloadCall) async throws(LockstepError) -> HistoryValue {
    let id = DocumentID(call.key ?? "")
    let revision = call.value.field("ifRevision").flatMap(Self.number).map { UInt64($0) }
    let document = call.value.field("value").flatMap(Self.number).map { number -> JSON in
      [Self.field: .init(integerLiteral: number)]
    }
    switch (call.function, document) {
    case ("put", let document?):
      return Self.result(try await collection.put(document, id: id))
    case ("insert", let document?):
      return Self.result(try await collection.insert(document, id: id))
    case ("replace", let document?):
      return Self.result(try await collection.replace(document, id: id, ifRevision: revision))
    case ("delete", _):
      let deleted = try await collection.delete(id, ifRevision: revision)
      return .object([
        ("revision", .integer(Int64(deleted.revision))), ("existed", .boolean(deleted.value)),
      ])
    case ("scan", _):
      let found = try await collection.scan(Self.range(call.value)).collect()
      return .object([("items", .list(found.map(Self.item)))])
    case ("count", _):
      let count = try await collection.count(Self.range(call.value))
      return .object([("count", .integer(Int64(count.value)))])
    default:
      guard let found = try await collection.get(id) else { return .null }
      return .object([
        ("value", Self.value(found)), ("revision", .integer(Int64(found.revision))),
      ])
    }
  }

  private static func number(_ value: HistoryValue) -> Int64? {
    if case .integer(let number) = value { number } else { nil }
  }

  private static func result(_ written: Written) -> HistoryValue {
    .object([("revision", .integer(Int64(written.revision)))])
  }

  private static func value(_ found: Versioned<JSON>) -> HistoryValue {
    found.value[field]?.int.map { .integer(Int64($0)) } ?? HistoryValue(found.value.text)
  }

  private static func item(_ found: Versioned<JSON>) -> HistoryValue {
    .list([
      HistoryValue(found.id.string ?? ""), value(found), .integer(Int64(found.revision)),
    ])
  }

  private static func range(_ value: HistoryValue) -> IDRange {
    .from(bound(value.field("from")), upTo: bound(value.field("to")))
  }

  private static func bound(_ value: HistoryValue?) -> DocumentID? {
    guard case .text(let bytes)? = value else { return nil }
    return DocumentID(String(decoding: bytes, as: UTF8.self))
  }
}
