extension CommandTable {
  /// What the binary can do.
  static let complete = CommandTable(
    commands: dataCommands + keyValueCommands + clusterCommands + memberCommands
      + BackupCommands.rows + RecoverCommand.rows + DebugCommand.rows
      + InspectCommand.rows + EvidenceCommand.rows + ReceiptCommand.rows
      + AuditCommand.rows
      + toolCommands + generalCommands
  )

  private static let generalCommands = [
    CommandRow("version", "says which release this is", action: VersionCommand.run)
      .explained(examples: ["version", "version -o json"]),
    CommandRow(
      "help",
      "tells about a command or a topic",
      arguments: [
        Argument("TOPIC", "words of a command, or a topic", .optional),
        Argument("VERB", "the command's second word", .optional),
        Argument("WORD", "the command's third word", .optional),
      ],
      action: HelpCommand.run
    ).explained(examples: ["help topics", "help kv put", "help cluster member add"]),
  ]
}
