import ClientProtocol
import Consensus
import Genesis
import LockstepClient
import Server
import Storage
import Transport

/// `lockstep backup create`, `backup verify` and `restore`.
enum BackupCommands {
  static let rows = [
    CommandRow(
      "backup create",
      "writes everything in all databases, as of one moment, to a file",
      arguments: [Argument("FILE", "the file to make")],
      action: create
    ).explained(
      [
        "The state is that of a moment after the command began: every write acknowledged before is "
          + "in it. The cluster goes on meanwhile. The file is read back before it gets its name."
      ],
      examples: ["backup create monday.backup"]
    ),
    CommandRow(
      "backup verify",
      "reads a backup to its end and checks every byte",
      arguments: [Argument("FILE", "a file of backup create")],
      action: verify
    ).explained(
      ["It needs the memory that a node needs for the same documents."],
      examples: ["backup verify monday.backup", "backup verify monday.backup -o json"]
    ),
    CommandRow(
      "restore",
      "makes the data directory of one member of a new cluster from a backup",
      arguments: [Argument("FILE", "a file of backup create")],
      flags: [
        Flag("genesis", .text("FILE"), "the file of genesis create", isRequired: true),
        Flag("id", .integer(1...Int(UInt32.max)), "which member", isRequired: true),
        Flag("data", .text("DIR"), "the folder to make", isRequired: true),
      ],
      action: restore
    ).explained(
      [
        "Make a new genesis file, restore every member from the same backup, then start them. It "
          + "is another cluster: nodes of the old one are refused. Revisions go on at least 10^12 "
          + "higher, so that none is given twice; clients' sessions are not taken over. Another "
          + "attempt needs a genesis file of its own: with the same one it is the same cluster."
      ],
      examples: ["restore monday.backup --genesis genesis.json --id 1 --data /var/lib/lockstep"]
    ),
  ]

  @MainActor
  static func create(_ invocation: Invocation) async throws(CommandFailure) {
    let path = invocation[0]
    let (disk, name) = try place(of: path, isNew: true)
    let file = try await Database.with(invocation) { db in
      let writer = BackupWriter(
        named: name,
        on: disk,
        createdMilliseconds: WallClock.milliseconds()
      )
      return try await write(writer, path, from: db)
    }
    Output(invocation).printResult([
      JSONValue.Field("file", .text(invocation[0])),
      JSONValue.Field("revision", .integer(Int(file?.index ?? 0))),
      JSONValue.Field("size", .integer(file?.size ?? 0)),
    ])
  }

  @MainActor
  private static func write(
    _ begun: BackupWriter,
    _ path: String,
    from db: Client
  ) async throws -> SnapshotFile? {
    var writer = begun
    do {
      let read = try await db.readImage { piece, revision throws(StorageError) in
        try writer.append(piece, revision: revision)
      }
      return try checked(path) { () throws(StorageError) in
        try read.get()
        return try writer.finish()
      }
    } catch {
      writer.abandon()
      throw error
    }
  }

  @MainActor
  static func verify(_ invocation: Invocation) async throws(CommandFailure) {
    let backup = try read(invocation[0])
    Output(invocation).printResult([
      JSONValue.Field("file", .text(invocation[0])),
      JSONValue.Field("revision", .integer(Int(backup.revision))),
      JSONValue.Field("created_ms", .integer(Int(clamping: backup.createdMilliseconds))),
      JSONValue.Field("collections", .integer(backup.collectionsCount)),
      JSONValue.Field("items", .integer(backup.itemsCount)),
      JSONValue.Field("size", .integer(backup.size)),
    ])
  }

  @MainActor
  static func restore(_ invocation: Invocation) async throws(CommandFailure) {
    let path = invocation.text("genesis")
    let genesis = try Genesis.read(path)
    try genesis.requireRaft(path)
    let node = NodeID(UInt32(invocation.integer("id")))
    let data = invocation.text("data")
    let backup = try read(invocation[0])
    let beginning = try ServerCommand.making(data) { disk throws(NodeDirectoryError) in
      try NodeDirectory.restore(
        backup,
        on: disk,
        cluster: genesis.cluster,
        configuration: genesis.configuration,
        node: node
      )
    }
    Output(invocation).printResult([
      JSONValue.Field("cluster", .text("\(beginning.cluster)")),
      JSONValue.Field("node", .integer(Int(node.rawValue))),
      JSONValue.Field("data", .text(data)),
      JSONValue.Field("revision", .integer(Int(beginning.revision.rawValue))),
    ])
  }

  private static func read(_ path: String) throws(CommandFailure) -> Backup {
    let (disk, name) = try place(of: path, isNew: false)
    return try checked(path) { () throws(StorageError) in try Backup(reading: name, on: disk) }
  }

  /// The folder of a file, and its name there.
  static func place(
    of path: String,
    isNew: Bool
  ) throws(CommandFailure) -> (disk: PosixDisk, name: String) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let name = parts.last.map(String.init) ?? ""
    let folder = parts.count == 1 ? "." : parts.dropLast().joined(separator: "/")
    guard !["", ".", ".."].contains(name) else { throw .file(path, "this is no file's name") }
    do {
      let disk = try PosixDisk(path: folder.isEmpty ? "/" : folder, readOnly: !isNew)
      let names = try disk.list()
      guard names.contains(name) != isNew else {
        throw CommandFailure.file(path, isNew ? "it exists already" : "no such file")
      }
      if isNew, names.contains(name + ".tmp") {
        throw CommandFailure.file(
          path,
          "\(name).tmp is there, unfinished: somebody writes it, or was interrupted",
          hint: "if nobody writes it: rm \(path).tmp"
        )
      }
      if !isNew { try requireFile(name, on: disk, path) }
      return (disk, name)
    } catch let error as DiskError {
      throw .file(path, "its folder: \(ServerCommand.sentence(error))")
    } catch {
      throw CommandFailure(unwrapping: error, at: path)
    }
  }

  /// Refuses a folder, or what may not be read, in the words of the system.
  private static func requireFile(
    _ name: String,
    on disk: PosixDisk,
    _ path: String
  ) throws(CommandFailure) {
    do {
      _ = try disk.size(of: disk.open(name))
    } catch {
      throw .file(path, ServerCommand.sentence(error))
    }
  }

  @discardableResult
  static func checked<Result>(
    _ path: String,
    _ body: () throws(StorageError) -> Result
  ) throws(CommandFailure) -> Result {
    do {
      return try body()
    } catch .snapshotDamaged(_, let offset, let what) {
      throw CommandFailure(
        exitCode: .checkFailed,
        code: "backup_damaged",
        message: "\(path) is damaged at offset \(offset), or no backup: \(what)"
      )
    } catch {
      throw CommandFailure.of(code: error.code, "\(path): \(error)")
    }
  }
}
