extension CommandTable {
  /// Commands that measure and show.
  static let toolCommands = [
    CommandRow(
      "bench put",
      "measures durable puts of random keys",
      flags: benchFlags,
      action: BenchCommand.put
    ).explained(benchDetails, examples: ["bench put --outstanding 64 --duration 10s -o json"]),
    CommandRow(
      "bench get",
      "measures linearizable reads of random keys, after writing each once",
      flags: benchFlags,
      action: BenchCommand.get
    ).explained(benchDetails, examples: ["bench get --outstanding 256 --keys 10000"]),
  ]

  private static let benchFlags = [
    Flag(
      "outstanding",
      .integer(1...16_384),
      "requests outstanding, over all connections",
      fallback: "64"
    ),
    Flag("connections", .integer(1...1_000), "connections, each with a session", fallback: "16"),
    Flag("value-size", .size, "the size of a value", fallback: "256"),
    Flag("keys", .integer(1...99_999_999), "how many keys there are", fallback: "100000"),
    Flag("duration", .duration, "how long to measure", fallback: "5s"),
  ]

  private static let benchDetails = [
    "A closed loop: an answer is followed at once by the next request. The first half second "
      + "does not count. littles_law is throughput times mean latency divided by the requests "
      + "outstanding; far from 1, the result is not to be trusted."
  ]
}
