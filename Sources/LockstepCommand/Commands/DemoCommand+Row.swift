import JepsenHarness

extension DemoCommand {
  static let row = CommandRow(
    "demo",
    "runs a cluster of real processes on this machine, to play with and to break",
    flags: placeFlags + behaviourFlags,
    action: run
  ).explained(
    details,
    examples: [
      "demo", "demo --nodes 5 --data cluster", "demo --mode bft", "demo --byzantine",
      "demo --script story.demo", "demo --chaos wild --seed 7 --script tools/demos/chaos.demo",
    ]
  )

  private static let placeFlags = [
    Flag(
      "mode",
      .choice(ClusterMode.allCases.map(\.rawValue)),
      "bft: fewer than a third of the nodes may lie",
      fallback: ClusterMode.raft.rawValue
    ),
    Flag(
      "nodes",
      .choice(["3", "4", "5", "7"]),
      "how many nodes: 3, 5 or 7, in mode bft 4 or 7; else 3, or 4"
    ),
    Flag(
      "base-port",
      .integer(1_024...65_000),
      "node i listens on it + 10·(i-1) + 1 for clients, + 2 for peers",
      fallback: "7310"
    ),
    Flag("data", .text("DIR"), "keep the data here; else in a folder that is removed")
      .onCommandLineOnly(),
  ]

  private static let behaviourFlags = [
    Flag("script", .text("FILE"), "carry out its lines, and stop at the first that fails"),
    Flag(
      "chaos",
      .choice(DemoChaos.allCases.map(\.rawValue)),
      "kills, pauses and partitions by chance, until \\heal or \\check",
      fallback: DemoChaos.off.rawValue
    ),
    Flag("seed", .integer(0...Int.max), "chance: the same seed, the same faults; else a new one")
      .onCommandLineOnly(),
    Flag("byzantine", .toggle, "mode bft, and the last node is lockstep-liar"),
    Flag("lie", .text("NAME"), "its lie, as lockstep-liar --help lists them; else equivocate"),
  ]

  private static let details = [
    "On a terminal it has a prompt with these orders, which a script may use too:",
    DemoOrder.helpLines.map { "  " + $0 }.joined(separator: "\n"),
    "On a terminal, under chaos, with a liar and in a script with \\check four clients call all "
      + "the time, and what they are told is recorded. \\check ends with status 9 if no order "
      + "explains it.",
    "Faults by chance follow from the seed, which is said at the beginning, or with --chaos and "
      + "neither script nor terminal on standard error. Wrong clocks are among them where "
      + "libfaketime is installed.",
    "Without a terminal it prints 'ready url=…' once it takes writes, and runs till SIGTERM. "
      + "In mode bft that URL names the genesis and a client's key, which are kept with the data.",
    "With --byzantine and no script it shows a lie from its beginning to its proof. lockstep-liar "
      + "is looked for beside this program.",
  ]
}
