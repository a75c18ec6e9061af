extension CommandTable {
  /// Commands about documents.
  static let dataCommands = [
    CommandRow(
      "get",
      "prints a document",
      arguments: [collection, id],
      flags: [Flag("revision", .toggle, "with id and revision around it")],
      action: DocumentCommands.get
    ).explained(idDetails, examples: ["get users 42", "get users ada --revision -o json"]),
    CommandRow(
      "put",
      "stores a document, or replaces the one of this id",
      arguments: [collection, id, document],
      flags: [Flag("if-revision", .integer(0...Int.max), "only at this revision; 0: must be new")],
      action: DocumentCommands.put
    ).explained(idDetails, examples: ["put users ada '{\"name\":\"Ada\"}'"]),
    CommandRow(
      "insert",
      "stores a document that must be new",
      arguments: [collection, Argument("[ID] DOCUMENT", "an id, if _id has none; JSON, or -")]
        + [Argument("DOCUMENT", "JSON, or - for standard input", .optional)],
      action: DocumentCommands.insert
    ).explained(idDetails, examples: ["insert users '{\"name\":\"Ada\"}'"]),
    CommandRow(
      "replace",
      "replaces a document that must exist",
      arguments: [collection, id, document],
      flags: [ifRevision],
      action: DocumentCommands.replace
    ).explained(idDetails, examples: ["replace users ada '{\"name\":\"Ada\"}' --if-revision 7"]),
    CommandRow(
      "delete",
      "removes a document",
      arguments: [collection, id],
      flags: [ifRevision],
      action: DocumentCommands.delete
    ).explained(idDetails, examples: ["delete users ada"]),
    CommandRow(
      "scan",
      "prints documents in order of their ids",
      arguments: [collection],
      flags: rangeFlags + windowFlags,
      action: DocumentCommands.scan
    ).explained(examples: ["scan users --prefix a --limit 10", "scan users --from b --reverse"]),
    CommandRow(
      "count",
      "counts documents",
      arguments: [collection],
      flags: rangeFlags,
      action: DocumentCommands.count
    ).explained(examples: ["count users", "count users --prefix a"]),
    CommandRow(
      "import",
      "stores the documents of a file, one JSON object a line, each once",
      arguments: [Argument("FILE", "NDJSON; - is standard input"), collection],
      flags: [
        Flag("id-field", .text("NAME"), "the field that is the id", fallback: "_id"),
        Flag("rate", .integer(1...1_000_000), "documents a second, at the most"),
        Flag("skip-existing", .toggle, "pass over documents whose id is there; go on with a file"),
      ],
      action: TransferCommands.importFile
    ).explained(
      [
        "Every document is inserted exactly once, however often the cluster loses its leader on "
          + "the way. The result line tells how many were acknowledged, how many had to be sent "
          + "again, and the longest time without an acknowledgement.",
        "The first document that fails ends it, and so does SIGINT: failed counts those that are "
          + "surely not stored, unknown those that may be. The same command with --skip-existing "
          + "then goes on, if each document has an id of its own; those that are there already "
          + "are counted as skipped, and not compared.",
      ],
      examples: ["import users.ndjson users", "import users.ndjson users --id-field email"]
    ),
    CommandRow(
      "export",
      "prints all documents of a collection as they were at one moment, _id first",
      arguments: [collection],
      action: TransferCommands.export
    ).explained(
      [
        "The nodes hold the state of that moment for a minute. What is not read by then ends with "
          + "cursor_expired; a backup is held for as long as it is being read."
      ],
      examples: ["export users > users.ndjson"]
    ),
    CommandRow(
      "collection ls",
      "lists the collections",
      action: CollectionCommands.list
    ).explained(examples: ["collection ls -o json"]),
    CommandRow(
      "collection create",
      "makes a collection",
      arguments: [collection],
      action: CollectionCommands.create
    ).explained(examples: ["collection create users"]),
    CommandRow(
      "collection drop",
      "removes a collection and all its documents",
      arguments: [collection],
      flags: [Flag("yes", .toggle, "do not ask")],
      action: CollectionCommands.drop
    ).explained(examples: ["collection drop users --yes"]),
  ]

  private static let collection = Argument("COLLECTION", "a collection's name")
  private static let id = Argument("ID", "a document's id")
  private static let document = Argument(
    "DOCUMENT",
    "JSON; - or nothing: standard input",
    .optional
  )
  private static let idDetails = [
    "An ID that is a whole number is a number; one that begins with a quote or a brace is JSON, "
      + "as in '\"42\"' or '{\"$oid\":\"…\"}'; every other one is text."
  ]

  /// Only at the revision that was seen.
  static let ifRevision = Flag("if-revision", .integer(1...Int.max), "only at this revision")

  /// Which ids or keys are meant.
  static let rangeFlags = [
    Flag("prefix", .text("TEXT"), "only what begins like this"),
    Flag("from", .text("ID"), "from here on"),
    Flag("to", .text("ID"), "up to here, not included"),
  ]

  /// How many of them, and from which end.
  static let windowFlags = [
    Flag("limit", .integer(1...Int.max), "at most so many"),
    Flag("reverse", .toggle, "the last ones first"),
  ]
}
