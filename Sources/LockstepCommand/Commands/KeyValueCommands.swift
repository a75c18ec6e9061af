import ClientProtocol
import LockstepClient

/// `lockstep kv get`, `put`, `del`, `incr`, `range`.
@MainActor
enum KeyValueCommands {
  static func get(_ invocation: Invocation) async throws(CommandFailure) {
    let found = try await Database.with(invocation) { db in
      try await db.kv.get(Key(invocation[0]))
    }
    guard let found else { throw notFound(invocation) }
    guard invocation.optional("output") != nil else {
      return StandardStream.output.write(found.value + [UInt8(ascii: "\n")])
    }
    Output(invocation).printResult(row(of: found))
  }

  static func put(_ invocation: Invocation) async throws(CommandFailure) {
    let word = invocation.argument(1)
    let value: [UInt8]
    if let word, word != "-" {
      value = Array(word.utf8)
    } else {
      value = try DocumentArgument.standardInput()
    }
    let expected = invocation.optionalInteger("if-revision").map(UInt64.init)
    var receipt: ReceiptFile?
    if let path = invocation.optional("receipt") {
      receipt = try ReceiptFile(path, url: Database.url(invocation))
    }
    let written = try await Database.with(invocation) { [receipt] db in
      let key = Key(invocation[0])
      let written =
        if let expected {
          try await db.kv.put(key, value, ifRevision: expected)
        } else {
          try await db.kv.put(key, value)
        }
      try await receipt?.fetch(written.write, from: db)
      return written
    }
    Output(invocation).printResult([
      JSONValue.Field("key", .text(invocation[0])),
      JSONValue.Field("revision", .integer(Int(written.revision))),
    ])
  }

  static func delete(_ invocation: Invocation) async throws(CommandFailure) {
    let revision = invocation.optionalInteger("if-revision").map(UInt64.init)
    let deleted = try await Database.with(invocation) { db in
      try await db.kv.delete(Key(invocation[0]), ifRevision: revision)
    }
    guard deleted.value else { throw notFound(invocation) }
    Output(invocation).printResult([JSONValue.Field("deleted", .truth(true))])
  }

  static func increment(_ invocation: Invocation) async throws(CommandFailure) {
    guard let amount = Int64(invocation.argument(1) ?? "1") else {
      throw .usage("'\(invocation[1])' is no whole number")
    }
    let sum = try await Database.with(invocation) { db in
      try await db.kv.increment(Key(invocation[0]), by: amount)
    }
    Output(invocation).printResult([
      JSONValue.Field("key", .text(invocation[0])),
      JSONValue.Field("value", .integer(Int(sum.value))),
    ])
  }

  static func range(_ invocation: Invocation) async throws(CommandFailure) {
    let selection = try self.selection(invocation)
    let limit = invocation.optionalInteger("limit")
    let isReversed = invocation.toggle("reverse")
    let found = try await Database.with(invocation) { db in
      try await db.kv.range(selection, reversed: isReversed, limit: limit).collect()
    }
    Output(invocation).printList(found.map(row), titles: ["key", "revision", "value"])
  }

  private static func selection(_ invocation: Invocation) throws(CommandFailure) -> KeySelection {
    let (from, to) = (invocation.optional("from"), invocation.optional("to"))
    guard let prefix = invocation.optional("prefix") else {
      return .from(from.map { Key($0) }, upTo: to.map { Key($0) })
    }
    guard from == nil, to == nil else {
      throw .usage("--prefix stands alone, without --from and --to")
    }
    return .prefix(Key(prefix))
  }

  private static func row(of found: KeyValue) -> [JSONValue.Field] {
    [
      JSONValue.Field("key", .text(found.key.text)),
      JSONValue.Field("revision", .integer(Int(found.revision))),
      JSONValue.Field("value", .text(String(decoding: found.value, as: UTF8.self))),
    ]
  }

  private static func notFound(_ invocation: Invocation) -> CommandFailure {
    CommandFailure(
      .notFound,
      "there is no key \(invocation[0])",
      hint: "lockstep kv range --limit 10"
    )
  }
}
