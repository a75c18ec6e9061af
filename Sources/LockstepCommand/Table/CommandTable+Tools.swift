extension CommandTable {
  /// Commands that measure and show.
  static let toolCommands = [
    DemoCommand.row,
    CommandRow(
      "sim run",
      "runs a whole cluster from a seed, breaks it, and checks every promise",
      flags: [
        Flag("seed", .integer(0...Int.max >> 1), "where everything comes from", isRequired: true),
        Flag("count", .integer(1...Int.max >> 1), "so many seeds, from that one on", fallback: "1"),
        Flag("nodes", .choice(["1", "3", "4", "5", "7"]), "how many; else the seed decides"),
        Flag("mode", .choice(["raft", "bft"]), "which protocol", fallback: "raft"),
        Flag("lie", .choice(ByzantineSimulationCommand.lies), "mode bft: the only lie"),
        Flag("without", .text("LIST"), "strikes (3,5-9) and weather (loss) that are left out"),
        Flag("trace", .toggle, "writes every event to standard error as it happens"),
        Flag("show-hashing", .toggle, "writes what this process hashes a text to, to compare"),
        Flag("storm", .duration, "when the faults stop, however little was done by then"),
      ],
      action: SimulationCommand.run
    ).explained(
      [
        "The replica, Raft, journal and documents that ship run under simulated clocks, disks and "
          + "network. Equal seeds give equal trace hashes. The exit status is 9 if a promise is "
          + "broken.",
        "The strikes of a seed's faults are numbered in the order of time; one that is left out "
          + "changes nothing in what the others draw.",
        "In mode bft 1, 4 or 7 replicas run; in about half of the seeds some lie.",
      ],
      examples: [
        "sim run --seed 42", "sim run --seed 42 --nodes 5 -o json",
        "sim run --seed 42 --without 3,5-9,loss --storm 20s",
        "sim run --mode bft --seed 42 --nodes 4",
      ]
    ),
    CrashCommand.row,
    DamageCommand.row,
    ExplorationCommand.row,
    TwinsCommand.row,
    LiarsCommand.row,
    HistoryCheckCommand.row,
    HistoryRunCommand.row,
    CommandRow(
      "bench put",
      "measures durable puts of random keys",
      flags: benchFlags,
      action: BenchCommand.put
    ).explained(benchDetails, examples: ["bench put --outstanding 64 --duration 10s -o json"]),
    CommandRow(
      "bench get",
      "measures linearizable reads of random keys, after writing each once",
      flags: benchFlags + benchReadFlags,
      action: BenchCommand.get
    ).explained(benchDetails, examples: ["bench get --outstanding 256 --keys 10000"]),
    CommandRow(
      "bench mixed",
      "measures puts and linearizable reads in turn by chance, half and half",
      flags: benchFlags + benchReadFlags,
      action: BenchCommand.mixed
    ).explained(benchDetails, examples: ["bench mixed --outstanding 256 --value-size 4KiB"]),
    CommandRow(
      "bench crypto",
      "measures what signatures, digests and TLS cost on one thread of this machine",
      flags: [
        Flag("round", .duration, "each is measured five times for so long", fallback: "100ms")
      ],
      action: BenchCommand.crypto
    ).explained(
      [
        "No cluster is needed. Processor time of the thread is counted, and of five rounds the "
          + "cheapest: what else runs can only add to it."
      ],
      examples: ["bench crypto", "bench crypto --round 500ms -o json"]
    ),
  ]

  private static let benchFlags = [
    Flag(
      "outstanding",
      .integer(1...16_384),
      "requests outstanding, over all connections",
      fallback: "64"
    ),
    Flag(
      "connections",
      .integer(1...1_000),
      "connections, each with a session; else 16, or in mode bft one for every 256 requests"
    ),
    Flag("envelope", .integer(1...64), "bft: at most so many requests under a signature; else 16"),
    Flag("value-size", .size, "the size of a value", fallback: "256"),
    Flag("keys", .integer(1...99_999_999), "how many keys there are", fallback: "100000"),
    Flag("duration", .duration, "how long to measure", fallback: "5s"),
    Flag("every", .duration, "print a line of JSON each time, about what was measured since"),
    Flag("processes", .text("PIDS"), "nodes on this machine, to count their processor time"),
  ]

  private static let benchReadFlags = [
    Flag("loaded", .toggle, "all keys have been written; do not write each once first")
  ]

  private static let benchDetails = [
    "A closed loop: an answer is followed at once by the next request. The first half second "
      + "does not count. littles_law is throughput times mean latency divided by the requests "
      + "outstanding; far from 1, the result is not to be trusted. stall_us is the longest time "
      + "without any answer; cpu_us_load is what this program itself spends on an operation, and "
      + "cpu_us_processes what those of --processes do, together. A refusal is an error and in no "
      + "other figure; if there is nothing else, the exit status is 1.",
    "The keys, key-00000000 and so on, are in the collection bench of the URL's database, and stay "
      + "there: lockstep collection drop bench removes them.",
  ]
}
