extension CommandTable {
  /// Commands that make and run nodes.
  static let clusterCommands = [
    CommandRow(
      "genesis create",
      "makes the file from which all members of a new cluster are made",
      flags: [
        Flag("nodes", .text("LIST"), "the members: 1=HOST:PORT,2=…", isRequired: true),
        Flag("out", .text("FILE"), "the file to make", isRequired: true).abbreviated("o"),
      ],
      action: GenesisCommand.create
    ).explained(
      [
        "A member's PORT is where clients reach it. The other members reach it at PORT+1, or at "
          + "PEERPORT if it is written as ID=HOST:PORT/PEERPORT.",
        "Every file is the birth of another cluster: give the same file to all its members.",
      ],
      examples: [
        "genesis create --nodes 1=10.0.0.1:7301,2=10.0.0.2:7301,3=10.0.0.3:7301 -o genesis.json"
      ]
    )
  ]
}
