import Consensus
import Documents
import PBFT
import Replication
import Storage

// What the threads that write say, and what a start finds.
extension ByzantineServer {
  /// The replica that goes on from what a directory holds.
  static func replica(
    of node: ByzantineNode,
    from directory: NodeDirectory,
    _ options: ServerOptions
  ) throws(ServerError) -> NodeReplica {
    var start = ReplicaStart<PBFTCore>(
      identity: node.identity,
      coreOptions: node.coreOptions(options),
      seed: SystemSeed.draw(),
      now: Clock.reading(),
      journalRoomBytes: directory.journal.room.beyondSpare
    )
    start.options = options.replica
    start.holes = directory.damage.map { $0.first...$0.last }
    start.isVoteCertain = directory.isVoteCertain
    do {
      return try NodeReplica(
        start: start,
        machine: DocumentStore(cursorSeed: SystemSeed.draw(), isTracked: true),
        restored: directory.restored,
        recovered: directory.records
      )
    } catch {
      if error.isAboutFiles, let refusal = directory.refusal { throw .journal(refusal) }
      throw .replica(error)
    }
  }

  func obey(_ notice: JournalThread.Notice) {
    switch notice {
    case .durable(let position, let room), .room(let room, let position):
      durablePosition = position
      journalSize = room.sizeOnDisk
      noteFullness(room)
      replica.recordsAreDurable(
        through: position,
        roomBytes: room.beyondSpare,
        isDiskFull: room.isDiskFull
      )
    case .damageIsolated(let position):
      replica.journalIsDamaged(below: position)
    case .failed(let error):
      say(.error, "journal.failed", [("code", error.code), ("reason", "\(error)")])
      fail(.journal(error))
    }
  }

  private func noteFullness(_ room: JournalRoom) {
    guard room.isDiskFull != isDiskFull else { return }
    isDiskFull = room.isDiskFull
    say(
      isDiskFull ? .warning : .info,
      isDiskFull ? "journal.disk.full" : "journal.disk.recovered",
      [("room", "\(room.beyondSpare)")]
    )
  }

  func obey(_ notice: SnapshotThread.Notice) {
    switch notice {
    case .keeper(let notice):
      tell(of: notice)
      noteInstalling(notice)
      replica.receive(notice)
    case .scrub(let finding): obey(finding)
    case .failed(let error):
      say(.error, "snapshot.failed", [("code", error.code), ("reason", "\(error)")])
      fail(.journal(error))
    }
  }

  private func tell(of notice: SnapshotNotice<DocumentStore>) {
    switch notice {
    case .taken(let mark, let size):
      snapshotFailures = 0
      say(.info, "snapshot.taken", [("index", "\(mark.index)"), ("size", "\(size)")])
    case .notTaken(let error):
      // Said once, not with each further try.
      snapshotFailures += 1
      guard snapshotFailures == 1 else { return }
      say(.warning, "snapshot.postponed", [("code", error.code), ("reason", "\(error)")])
    case .received(let restored):
      let fields = [("index", "\(restored.mark.index)"), ("size", "\(restored.size)")]
      say(.info, "snapshot.received", fields)
    case .damaged(let error):
      say(.error, "snapshot.damaged", [("code", error.code), ("reason", "\(error)")])
    case .jobDone: break
    }
  }

  /// The scrubber has found something, or nothing.
  private func obey(_ finding: Scrubber.Finding) {
    switch finding {
    case .segment(let number, let place):
      let fields = [("file", place.file), ("offset", "\(place.offset)"), ("reason", place.what)]
      say(.error, "journal.damaged", fields)
      disk.journal.isolateDamage(in: number)
    case .snapshot(let notice):
      tell(of: notice)
      replica.receive(notice)
    case .mended(let file): say(.warning, "file.mended", [("file", file)])
    case .round(let bytes, let damaged):
      say(.info, "scrub.finished", [("bytes", "\(bytes)"), ("damaged", "\(damaged)")])
    case .failed(let error):
      say(.warning, "scrub.failed", [("code", error.code), ("reason", "\(error)")])
    }
  }
}
