import ClientProtocol
import LockstepClient
import Transport

/// `lockstep debug bundle`.
enum DebugCommand {
  private static let sourcesMax = 16

  static let rows = [
    CommandRow(
      "debug bundle",
      "puts into one file what helps others to understand a cluster's trouble",
      flags: [
        Flag("out", .text("FILE"), "the tar file to make", isRequired: true),
        Flag("data", .text("DIR,DIR…"), "data directories that are looked into, only read"),
        Flag("log", .text("FILE,FILE…"), "log files whose last MiB is taken"),
        Flag("offline", .toggle, "ask no node"),
      ],
      action: bundle
    ).explained(
      [
        "It holds: this program's version; how each node of --url stands, with all its figures; "
          + "of each data directory its owner, files, segments and snapshots, every damaged place "
          + "and the kind, place and size of the newest 2,000 records; the end of each log; and "
          + "what could not be had.",
        "It holds no document, key or command, and no credentials of URLs. Snapshots and journals "
          + "are read through, which takes a while where they are large. It is never larger than "
          + "64 MiB. Look into it before you pass it on: tar -xf FILE.",
      ],
      examples: [
        "debug bundle --out trouble.tar",
        "debug bundle --out trouble.tar --data /var/lib/lockstep --log lockstep.log",
        "debug bundle --out dead.tar --offline --data node1,node2",
      ]
    )
  ]

  @MainActor
  static func bundle(_ invocation: Invocation) async throws(CommandFailure) {
    let path = invocation.text("out")
    let directories = try list("data", invocation)
    let logs = try list("log", invocation)
    var bundle = DebugBundle(milliseconds: WallClock.milliseconds())
    var failure: CommandFailure?
    if !invocation.toggle("offline") {
      do throws(CommandFailure) {
        bundle.add(
          try await Database.with(invocation) { db in
            try await db.cluster.status(timeout: Database.patience(invocation))
          }
        )
      } catch {
        bundle.note(error)
        failure = error
      }
    }
    for (place, directory) in directories.enumerated() {
      bundle.add(directory: directory, number: place + 1)
    }
    for (place, log) in logs.enumerated() { bundle.add(log: log, number: place + 1) }
    guard bundle.sourcesCount > 0 else {
      throw failure
        ?? .usage(
          "nothing to put into it: \(bundle.problems.first ?? "neither nodes nor files")",
          hint: invocation.command.examples.last.map { "lockstep \($0)" }
        )
    }
    let (names, problems) = (bundle.names, bundle.problems)
    let bytes = bundle.finished()
    try TextFile.create(path, bytes)
    Output(invocation).printResult([
      JSONValue.Field("file", .text(path)),
      JSONValue.Field("size", .integer(bytes.count)),
      JSONValue.Field("files", .list(names.map { .text($0) })),
      JSONValue.Field("problems", .list(problems.map { .text($0) })),
    ])
  }

  private static func list(
    _ flag: String,
    _ invocation: Invocation
  ) throws(CommandFailure) -> [String] {
    let words = (invocation.optional(flag) ?? "").split(separator: ",").map(String.init)
    guard words.count <= sourcesMax else {
      throw .usage("--\(flag) names more than \(sourcesMax)", hint: nil)
    }
    return words
  }
}
