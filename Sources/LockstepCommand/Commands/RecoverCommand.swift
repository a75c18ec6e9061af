import ClientProtocol
import Consensus
import Genesis
import Server
import Storage
import Transport

/// `lockstep recover`: what is left of a cluster whose majority is gone for good.
enum RecoverCommand {
  static let rows = [
    CommandRow(
      "recover",
      "saves what one node holds when the majority of its cluster is lost for good",
      flags: [
        Flag(
          "from-survivor",
          .text("DIR"),
          "the data directory of a node that is left; only read",
          isRequired: true
        ),
        Flag("to", .text("PATH"), "the backup to make, or with --genesis the folder to make"),
        Flag("genesis", .text("FILE"), "a new file of genesis create"),
        Flag("id", .integer(1...Int(UInt32.max)), "with --genesis: which member of it"),
      ],
      action: recover
    ).explained(
      [
        "For the case that a majority of the disks is gone. As long as a majority can be brought "
          + "back, bring it back instead: then nothing is lost.",
        "Without --to nothing is made: compare what the survivors hold, and take the one with the "
          + "highest last_term and, among equals, the highest last_index. Stop its server first.",
        "What may be lost: writes that were acknowledged by others and never came to this node: "
          + "everything behind last_index. Through snapshot_index all was committed; of the "
          + "uncertain_entries behind it nobody can tell, and all are taken over, so that writes "
          + "whose clients were told nothing may now be there. If term is higher than last_term, "
          + "others elected a leader that this node has no entry of: expect to have lost more.",
        "What comes of it is another cluster with an id of its own: nodes of the old one are "
          + "refused, and clients' sessions are not taken over. Revisions go on at least 10^12 "
          + "higher. Make one backup, then a new genesis file, and restore every member from that "
          + "backup.",
      ],
      examples: [
        "recover --from-survivor /var/lib/lockstep",
        "recover --from-survivor /var/lib/lockstep --to rescued.backup",
        "recover --from-survivor node2 --to node2-new --genesis genesis.json --id 1",
      ]
    )
  ]

  @MainActor
  static func recover(_ invocation: Invocation) async throws(CommandFailure) {
    let source = invocation.text("from-survivor")
    let plan = try Plan(invocation)
    let survivor = try read(source)
    var fields = [JSONValue.Field("from", .text(source))] + fields(of: survivor)
    switch plan {
    case .look: break
    case .backup(let path):
      let size = try write(survivor, to: path)
      fields += [
        JSONValue.Field("to", .text(path)), JSONValue.Field("size", .integer(size)),
      ]
    case .directory(let path, let genesis, let node):
      let beginning = try ServerCommand.making(path) { disk throws(NodeDirectoryError) in
        try NodeDirectory.restore(
          survivor,
          on: disk,
          cluster: genesis.cluster,
          configuration: genesis.configuration,
          node: node
        )
      }
      fields += [
        JSONValue.Field("to", .text(path)),
        JSONValue.Field("new_cluster", .text("\(beginning.cluster)")),
        JSONValue.Field("new_node", .integer(Int(node.rawValue))),
        JSONValue.Field("new_revision", .integer(Int(beginning.revision.rawValue))),
      ]
    }
    Output(invocation).printResult(fields)
    for line in warnings(of: survivor) { StandardStream.error.writeLine(line) }
  }

  /// What is to be made.
  private enum Plan {
    case look
    case backup(String)
    case directory(String, Genesis, NodeID)

    init(_ invocation: Invocation) throws(CommandFailure) {
      let path = invocation.optional("to")
      guard let file = invocation.optional("genesis") else {
        guard invocation.optional("id") == nil else {
          throw .usage("--id says which member of a --genesis file it is", hint: nil)
        }
        self = path.map(Self.backup) ?? .look
        return
      }
      guard let path, let id = invocation.optionalInteger("id") else {
        throw .usage("--genesis needs --to and --id", hint: invocation.command.usage)
      }
      let genesis = try Genesis.read(file)
      try genesis.requireRaft(file)
      self = .directory(path, genesis, NodeID(UInt32(id)))
    }
  }

  private static func read(_ path: String) throws(CommandFailure) -> Survivor {
    let disk: PosixDisk
    do {
      disk = try PosixDisk(path: path, readOnly: true)
    } catch {
      throw .file(path, ServerCommand.sentence(error))
    }
    do throws(ServerError) {
      return try Survivor(reading: disk)
    } catch {
      throw CommandFailure.of(
        code: error.code,
        "\(path): \(error)",
        hint: "lockstep inspect journal \(path)"
      )
    }
  }

  private static func write(
    _ survivor: Survivor,
    to path: String
  ) throws(CommandFailure) -> Int {
    let (disk, name) = try BackupCommands.place(of: path, isNew: true)
    var writer = BackupWriter(
      named: name,
      on: disk,
      createdMilliseconds: WallClock.milliseconds()
    )
    do throws(CommandFailure) {
      return try BackupCommands.checked(path) { () throws(StorageError) in
        try survivor.write(to: &writer)?.size ?? 0
      }
    } catch {
      writer.abandon()
      throw error
    }
  }

  private static func fields(of survivor: Survivor) -> [JSONValue.Field] {
    let time = survivor.lastWallMilliseconds
    return [
      JSONValue.Field("cluster", .text("\(survivor.identity.cluster)")),
      JSONValue.Field("node", .integer(Int(survivor.identity.member.id.rawValue))),
      JSONValue.Field("snapshot_index", .integer(Int(survivor.snapshotIndex.rawValue))),
      JSONValue.Field("last_index", .integer(Int(survivor.lastIndex.rawValue))),
      JSONValue.Field("last_term", .integer(Int(survivor.lastTerm.rawValue))),
      JSONValue.Field("last_entry_ms", time.map { .integer(Int(clamping: $0)) } ?? .null),
      JSONValue.Field("last_entry_at", survivor.lastEntryTime.map { .text($0) } ?? .null),
      JSONValue.Field("term", .integer(Int(survivor.term.rawValue))),
      JSONValue.Field("uncertain_entries", .integer(survivor.uncertainCount)),
      JSONValue.Field("unused_entries", .integer(survivor.unusedCount)),
      JSONValue.Field("revision", .integer(Int(survivor.revision))),
      JSONValue.Field("collections", .integer(survivor.collectionsCount)),
      JSONValue.Field("items", .integer(survivor.itemsCount)),
      JSONValue.Field("damage", .list(survivor.damage.map { .text($0) })),
    ]
  }

  /// For people, beside the result.
  private static func warnings(of survivor: Survivor) -> [String] {
    let last = survivor.lastIndex
    let written = survivor.lastEntryTime.map { ", proposed at \($0)" } ?? ""
    var lines = [
      "may be lost: every write acknowledged behind entry \(last) of term "
        + "\(survivor.lastTerm)\(written); how many there were nobody here can tell"
    ]
    if survivor.uncertainCount > 0 {
      lines.append(
        "uncertain: entries \(survivor.snapshotIndex.next) to \(last) are taken over, and which "
          + "of them were committed is not known"
      )
    }
    if survivor.term > survivor.lastTerm {
      lines.append(
        "later leaders: the node knew of term \(survivor.term) and has no entry of it"
      )
    }
    if survivor.unusedCount > 0 {
      lines.append(
        "left out: \(survivor.unusedCount) entries behind missing ones, see "
          + "'lockstep inspect journal'"
      )
    }
    return lines + survivor.damage.map { "damaged: \($0)" }
  }
}
