extension CommandTable {
  /// Commands about plain keys and values.
  static let keyValueCommands = [
    CommandRow(
      "kv get",
      "prints the value of a key",
      arguments: [key],
      action: KeyValueCommands.get
    ).explained(
      ["The value is printed as it is stored, and a line end after it."],
      examples: ["kv get config/color"]
    ),
    CommandRow(
      "kv put",
      "sets the value of a key",
      arguments: [key, Argument("VALUE", "text; - or nothing: standard input", .optional)],
      flags: [
        Flag("if-revision", .integer(0...Int.max), "only at this revision; 0: must be new"),
        Flag("receipt", .text("FILE"), "mode bft: keep what f+1 nodes sign of it in a new file"),
      ],
      action: KeyValueCommands.put
    ).explained(
      [
        "Standard input is stored byte for byte, a line end at its end as well.",
        "A receipt can be shown to anybody later: lockstep receipt verify. Let its name end in "
          + ".receipt: tools/verify-evidence goes by that.",
      ],
      examples: ["kv put config/color blue", "kv put lock mine --if-revision 0"]
    ),
    CommandRow(
      "kv del",
      "removes a key",
      arguments: [key],
      flags: [ifRevision],
      action: KeyValueCommands.delete
    ).explained(examples: ["kv del config/color"]),
    CommandRow(
      "kv incr",
      "adds to the number under a key",
      arguments: [key, Argument("BY", "a whole number, 1 if not said", .optional)],
      action: KeyValueCommands.increment
    ).explained(examples: ["kv incr visits", "kv incr balance -5"]),
    CommandRow(
      "kv range",
      "prints keys and values in order of the keys",
      flags: rangeFlags + windowFlags,
      action: KeyValueCommands.range
    ).explained(examples: ["kv range --prefix config/"]),
  ]

  private static let key = Argument("KEY", "1 to 1,024 bytes")
}
