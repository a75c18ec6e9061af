import ClientProtocol
import LockstepClient

/// `lockstep get`, `put`, `insert`, `replace`, `delete`, `scan`, `count`.
@MainActor
enum DocumentCommands {
  static func get(_ invocation: Invocation) async throws(CommandFailure) {
    let id = try DocumentArgument.id(invocation[1])
    let found = try await Database.with(invocation) { db in
      try await db.collection(invocation[0]).get(id)
    }
    guard let found else { throw notFound(invocation) }
    guard invocation.toggle("revision") else {
      return StandardStream.output.writeLine(found.withID.text)
    }
    Output(invocation).printResult(row(of: found))
  }

  static func put(_ invocation: Invocation) async throws(CommandFailure) {
    let id = try DocumentArgument.id(invocation[1])
    let document = try DocumentArgument.document(invocation.argument(2))
    let revision = invocation.optionalInteger("if-revision")
    let written = try await Database.with(invocation) { db in
      let collection = db.collection(invocation[0])
      switch revision {
      case nil: return try await collection.put(document, id: id)
      case 0: return try await collection.insert(document, id: id)
      case let revision?:
        return try await collection.replace(document, id: id, ifRevision: UInt64(revision))
      }
    }
    report(written, invocation)
  }

  static func insert(_ invocation: Invocation) async throws(CommandFailure) {
    let hasID = invocation.arguments.count == 3
    let id: DocumentID? = if hasID { try DocumentArgument.id(invocation[1]) } else { nil }
    let document = try DocumentArgument.document(invocation.argument(hasID ? 2 : 1))
    let written = try await Database.with(invocation) { db in
      try await db.collection(invocation[0]).insert(document, id: id)
    }
    report(written, invocation)
  }

  static func replace(_ invocation: Invocation) async throws(CommandFailure) {
    let id = try DocumentArgument.id(invocation[1])
    let document = try DocumentArgument.document(invocation.argument(2))
    let revision = invocation.optionalInteger("if-revision").map(UInt64.init)
    let written = try await Database.with(invocation) { db in
      try await db.collection(invocation[0]).replace(document, id: id, ifRevision: revision)
    }
    report(written, invocation)
  }

  static func delete(_ invocation: Invocation) async throws(CommandFailure) {
    let id = try DocumentArgument.id(invocation[1])
    let revision = invocation.optionalInteger("if-revision").map(UInt64.init)
    let deleted = try await Database.with(invocation) { db in
      try await db.collection(invocation[0]).delete(id, ifRevision: revision)
    }
    guard deleted.value else { throw notFound(invocation) }
    Output(invocation).printResult([JSONValue.Field("deleted", .truth(true))])
  }

  static func scan(_ invocation: Invocation) async throws(CommandFailure) {
    let range = try self.range(invocation)
    let output = Output(invocation)
    let limit = invocation.optionalInteger("limit")
    let isReversed = invocation.toggle("reverse")
    try await Database.with(invocation) { db in
      let scan = db.collection(invocation[0]).scan(range, reversed: isReversed, limit: limit)
      var rows: [[JSONValue.Field]] = []
      for try await found in scan {
        if output.form == .ndjson {
          StandardStream.output.writeLine(found.withID.text)
        } else {
          rows.append(row(of: found))
        }
      }
      guard output.form != .ndjson else { return }
      output.printList(rows, titles: ["id", "revision", "document"])
    }
  }

  static func count(_ invocation: Invocation) async throws(CommandFailure) {
    let range = try self.range(invocation)
    let count = try await Database.with(invocation) { db in
      try await db.collection(invocation[0]).count(range)
    }
    Output(invocation).printResult([JSONValue.Field("count", .integer(count.value))])
  }

  // MARK: - What they share

  private static func range(_ invocation: Invocation) throws(CommandFailure) -> IDRange {
    if let prefix = invocation.optional("prefix") {
      guard invocation.optional("from") == nil, invocation.optional("to") == nil else {
        throw .usage("--prefix stands alone, without --from and --to")
      }
      return .prefix(prefix)
    }
    return .from(try bound("from", invocation), upTo: try bound("to", invocation))
  }

  private static func bound(
    _ name: String,
    _ invocation: Invocation
  ) throws(CommandFailure) -> DocumentID? {
    guard let word = invocation.optional(name) else { return nil }
    return try DocumentArgument.id(word)
  }

  private static func row(of found: Versioned<JSON>) -> [JSONValue.Field] {
    [
      JSONValue.Field("id", found.id.string.map { .text($0) } ?? .rendered(found.id.json.text)),
      JSONValue.Field("revision", .integer(Int(found.revision))),
      JSONValue.Field("document", .rendered(found.value.text)),
    ]
  }

  private static func report(_ written: Written, _ invocation: Invocation) {
    let id = written.id
    Output(invocation).printResult([
      JSONValue.Field("id", id.string.map { .text($0) } ?? .rendered(id.json.text)),
      JSONValue.Field("revision", .integer(Int(written.revision))),
      JSONValue.Field("existed_before", .truth(written.existedBefore)),
    ])
  }

  private static func notFound(_ invocation: Invocation) -> CommandFailure {
    CommandFailure(
      .notFound,
      "there is no document \(invocation[1]) in \(invocation[0])",
      hint: "lockstep scan \(invocation[0]) --limit 10"
    )
  }
}
