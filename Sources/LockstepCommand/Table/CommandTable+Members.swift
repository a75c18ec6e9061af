extension CommandTable {
  /// Commands by which nodes come and go.
  static let memberCommands = [
    CommandRow(
      "cluster member ls",
      "shows who the members are: voters, learners, and who comes or goes",
      action: MemberCommands.list
    ).explained(
      [
        "A voter votes. A joining node is sent everything and votes as soon as it has caught up; "
          + "a learner waits for its promotion. While the voters change, those who are entering "
          + "and those who are leaving both have their say."
      ],
      examples: ["cluster member ls", "cluster member ls -o json"]
    ),
    CommandRow(
      "cluster member add",
      "takes in a node whose data directory is made",
      arguments: [newNode, address],
      flags: [incarnation, held],
      action: MemberCommands.add
    ).explained(
      ["Usually lockstep server init --join does this, on the machine of the new node."],
      examples: ["cluster member add 4 10.0.0.4:7301 --incarnation 904adb3925c65b6e"]
    ),
    CommandRow(
      "cluster member replace",
      "lets a new node take a voter's place, in one step, once it has caught up",
      arguments: [Argument("OLD", "the number of the voter that goes"), newNode, address],
      flags: [incarnation, held],
      action: MemberCommands.replace
    ).explained(
      ["A node that lost its disk comes back with its number and a new directory: OLD is NODE."],
      examples: ["cluster member replace 3 4 10.0.0.4:7301 --incarnation 904adb3925c65b6e"]
    ),
    CommandRow(
      "cluster member promote",
      "lets a learner vote that has caught up",
      arguments: [node],
      action: MemberCommands.promote
    ).explained(examples: ["cluster member promote 4"]),
    CommandRow(
      "cluster member remove",
      "takes a node out; a leader hands over first",
      arguments: [node],
      action: MemberCommands.remove
    ).explained(
      [
        "Refused with would_lose_quorum where too few of those who remain are up, and with "
          + "change_in_progress where a new data directory is to take the node's place: cancel "
          + "gives that up."
      ],
      examples: ["cluster member remove 3"]
    ),
    CommandRow(
      "cluster member cancel",
      "gives up a node that was added, or replaces another, and does not vote yet",
      arguments: [node],
      action: MemberCommands.cancel
    ).explained(examples: ["cluster member cancel 4"]),
    CommandRow(
      "cluster member update",
      "tells the cluster that a node is reached elsewhere",
      arguments: [node, address],
      action: MemberCommands.update
    ).explained(
      [
        "Refused with would_lose_quorum where the other voters that are up are no majority: nobody "
          + "may be at the new address. Of two voters none can move; add a third one first."
      ],
      examples: ["cluster member update 2 10.0.0.12:7301/7302"]
    ),
  ]

  private static let newNode = Argument("NODE", "its number, never used before")
  private static let node = Argument("NODE", "a member's number")
  private static let address = Argument(
    "ADDRESS",
    "HOST:PORT for clients and PORT+1 for members, or HOST:PORT/PEERPORT"
  )
  private static let held = Flag(
    "held",
    .toggle,
    "let it learn only, until cluster member promote"
  )
  private static let incarnation = Flag(
    "incarnation",
    .text("HEX"),
    "the 16 digits that server init showed for its data directory",
    isRequired: true
  )
}
