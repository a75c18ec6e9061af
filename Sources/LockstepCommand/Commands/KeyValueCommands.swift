import BSON
import ClientProtocol
import LockstepClient

/// `lockstep kv get`, `put`, `del`, `incr`, `range`.
@MainActor
enum KeyValueCommands {
  static func get(_ invocation: Invocation) async throws(CommandFailure) {
    let key = try key(invocation[0], invocation)
    let found = try await Database.with(invocation) { db in try await db.kv.get(key) }
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
    let key = try key(invocation[0], invocation)
    let expected = invocation.optionalInteger("if-revision").map(UInt64.init)
    var receipt: ReceiptFile?
    if let path = invocation.optional("receipt") {
      receipt = try ReceiptFile(path, url: Database.url(invocation))
    }
    try await Database.with(invocation) { [receipt] db in
      let written =
        if let expected {
          try await db.kv.put(key, value, ifRevision: expected)
        } else {
          try await db.kv.put(key, value)
        }
      // What is done is said whatever becomes of the receipt, which nobody can ask for later.
      var missed: CommandFailure?
      do throws(CommandFailure) {
        try await receipt?.fetch(written.write, from: db)
      } catch {
        missed = error
      }
      Output(invocation).printResult([
        field("key", key.bytes),
        JSONValue.Field("revision", .integer(Int(written.revision))),
      ])
      if let missed { throw missed }
    }
  }

  static func delete(_ invocation: Invocation) async throws(CommandFailure) {
    let revision = invocation.optionalInteger("if-revision").map(UInt64.init)
    let key = try key(invocation[0], invocation)
    let deleted = try await Database.with(invocation) { db in
      try await db.kv.delete(key, ifRevision: revision)
    }
    guard deleted.value else { throw notFound(invocation) }
    Output(invocation).printResult([JSONValue.Field("deleted", .truth(true))])
  }

  static func increment(_ invocation: Invocation) async throws(CommandFailure) {
    guard let amount = Int64(invocation.argument(1) ?? "1") else {
      throw .usage("'\(invocation[1])' is no whole number")
    }
    let key = try key(invocation[0], invocation)
    let sum = try await Database.with(invocation) { db in
      try await db.kv.increment(key, by: amount)
    }
    Output(invocation).printResult([
      field("key", key.bytes),
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
    let from = try key(invocation.optional("from"), invocation)
    let to = try key(invocation.optional("to"), invocation)
    guard let prefix = try key(invocation.optional("prefix"), invocation) else {
      return .from(from, upTo: to)
    }
    guard from == nil, to == nil else {
      throw .usage("--prefix stands alone, without --from and --to")
    }
    return .prefix(prefix)
  }

  private static func row(of found: KeyValue) -> [JSONValue.Field] {
    [
      field("key", found.key.bytes),
      JSONValue.Field("revision", .integer(Int(found.revision))),
      field("value", found.value),
    ]
  }

  /// Bytes as text; those that are none stand in base64 in a field that says so.
  nonisolated static func field(_ name: String, _ bytes: [UInt8]) -> JSONValue.Field {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      return JSONValue.Field(name + base64, .text(Base64.text(of: bytes)))
    }
    return JSONValue.Field(name, .text(text))
  }

  private nonisolated static let base64 = "_base64"

  private static func key(_ word: String, _ invocation: Invocation) throws(CommandFailure) -> Key {
    guard invocation.toggle("key-base64") else { return Key(word) }
    guard let bytes = Base64.bytes(of: word) else {
      throw .usage("'\(word)' is no base64, which --key-base64 says it is")
    }
    return Key(bytes)
  }

  private static func key(
    _ word: String?,
    _ invocation: Invocation
  ) throws(CommandFailure) -> Key? {
    guard let word else { return nil }
    return try key(word, invocation) as Key
  }

  private static func notFound(_ invocation: Invocation) -> CommandFailure {
    CommandFailure(
      .notFound,
      "there is no key \(invocation[0])",
      hint: "lockstep kv range --limit 10"
    )
  }
}
