import ClientProtocol
import Glibc
import LockstepClient

/// `lockstep collection ls`, `create`, `drop`.
@MainActor
enum CollectionCommands {
  static func list(_ invocation: Invocation) async throws(CommandFailure) {
    let names = try await Database.with(invocation) { db in try await db.collections() }
    let rows = names.map { [JSONValue.Field("name", .text($0))] }
    Output(invocation).printList(rows, titles: ["name"])
  }

  static func create(_ invocation: Invocation) async throws(CommandFailure) {
    try await Database.with(invocation) { db in
      try await db.collection(invocation[0]).create()
    }
    Output(invocation).printResult([JSONValue.Field("created", .text(invocation[0]))])
  }

  static func drop(_ invocation: Invocation) async throws(CommandFailure) {
    try confirm(invocation)
    try await Database.with(invocation) { db in
      try await db.collection(invocation[0]).drop()
    }
    Output(invocation).printResult([JSONValue.Field("dropped", .text(invocation[0]))])
  }

  /// Asks on a terminal; elsewhere `--yes` must say so.
  private static func confirm(_ invocation: Invocation) throws(CommandFailure) {
    guard !invocation.toggle("yes") else { return }
    guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
      throw .usage("this removes \(invocation[0]) for good", hint: "say so with --yes")
    }
    StandardStream.error.write(Array("remove \(invocation[0]) for good? [y/N] ".utf8))
    guard readLine() == "y" else {
      throw CommandFailure(
        exitCode: .failed,
        code: "cancelled",
        message: "nothing was removed"
      )
    }
  }
}
