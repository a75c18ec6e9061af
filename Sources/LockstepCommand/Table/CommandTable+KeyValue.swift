extension CommandTable {
  /// Commands about plain keys and values.
  static let keyValueCommands = [
    CommandRow(
      "kv get",
      "prints the value of a key",
      arguments: [key],
      flags: [keyBase64],
      action: KeyValueCommands.get
    ).explained(
      ["The value is printed as it is stored, and a line end after it.", bytesDetail],
      examples: ["kv get config/color", "kv get a/8= --key-base64"]
    ),
    CommandRow(
      "kv put",
      "sets the value of a key",
      arguments: [key, Argument("VALUE", "text; - or nothing: standard input", .optional)],
      flags: [
        Flag("if-revision", .integer(0...Int.max), "only at this revision; 0: must be new"),
        Flag("receipt", .text("FILE"), "mode bft: keep what f+1 nodes sign of it in a new file"),
        keyBase64,
      ],
      action: KeyValueCommands.put
    ).explained(
      [
        "Standard input is stored byte for byte, a line end at its end as well.",
        "The receipt's file is made first: if it cannot be, nothing is written. "
          + "A receipt can be shown to anybody later: lockstep receipt verify. Let its name end in "
          + ".receipt: tools/verify-evidence goes by that.",
      ],
      examples: ["kv put config/color blue", "kv put lock mine --if-revision 0"]
    ),
    CommandRow(
      "kv del",
      "removes a key",
      arguments: [key],
      flags: [ifRevision, keyBase64],
      action: KeyValueCommands.delete
    ).explained(examples: ["kv del config/color"]),
    CommandRow(
      "kv incr",
      "adds to the number under a key",
      arguments: [key, Argument("BY", "a whole number, 1 if not said", .optional)],
      flags: [keyBase64],
      action: KeyValueCommands.increment
    ).explained(examples: ["kv incr visits", "kv incr balance -5"]),
    CommandRow(
      "kv range",
      "prints keys and values in order of the keys",
      flags: rangeFlags + windowFlags + [keyBase64],
      action: KeyValueCommands.range
    ).explained([bytesDetail], examples: ["kv range --prefix config/"]),
  ]

  private static let keyBase64 = Flag("key-base64", .toggle, "keys are given in base64")
  private static let bytesDetail =
    "In JSON, a key or value that is not UTF-8 stands in base64 under key_base64 or value_base64 "
    + "instead; --key-base64 takes such a key back, in --prefix, --from and --to as well."

  private static let key = Argument("KEY", "1 to 1,024 bytes")
}
