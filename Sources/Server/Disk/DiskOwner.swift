import Consensus
import Documents
import Replication
import Storage

/// A server that hears of its files from the threads that write and reread them: it is the same
/// for both modes what they say, what is told of it, and what the replica has to know.
protocol DiskOwner: AnyObject {
  associatedtype Core: ConsensusCore

  var replica: Replica<Core, DocumentStore> { get set }
  var disk: DiskThreads { get }
  /// Everything through this position survives a power cut.
  var durablePosition: UInt64 { get set }
  /// The bytes of the journal's files.
  var journalSize: Int { get set }
  /// The bytes of all other files in the directory.
  var otherSize: Int { get set }
  var isDiskFull: Bool { get set }
  /// How often in a row a snapshot could not be written.
  var snapshotFailures: Int { get set }

  func say(_ level: EventLog.Level, _ event: String, _ fields: [(name: String, value: String)])

  /// The node must stop, and not a word more leaves it.
  func fail(_ error: ServerError)

  /// The scrubber has found damage: a restart would now be a bad thing.
  func damageIsFound()

  /// The keeper has come to something, of which the replica hears next.
  func keeperIsDone(_ notice: SnapshotNotice<DocumentStore>)
}

extension DiskOwner {
  func damageIsFound() {}
  func keeperIsDone(_ notice: SnapshotNotice<DocumentStore>) {}

  /// Sees what was handed to the journal written, and hears what came of it.
  ///
  /// - Returns: Whether the journal's thread has ended; a disk that hangs is not waited for.
  @discardableResult
  func endDisk(within microseconds: UInt64) -> Bool {
    let isJournalDone = disk.end(within: microseconds)
    for notice in disk.takeJournalNotices() { obey(notice) }
    if !isJournalDone { fail(.diskHung(afterMilliseconds: microseconds / 1_000)) }
    return isJournalDone
  }

  // MARK: What the threads say

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
      keeperIsDone(notice)
      replica.receive(notice)
    case .scrub(let finding): obey(finding)
    case .size(let size): otherSize = size
    case .failed(let error):
      say(.error, "snapshot.failed", [("code", error.code), ("reason", "\(error)")])
      fail(.journal(error))
    }
  }

  /// The scrubber has found something, or nothing.
  private func obey(_ finding: Scrubber.Finding) {
    switch finding {
    case .segment(let number, let place):
      tell(of: place)
      damageIsFound()
      disk.journal.isolateDamage(in: number)
    case .snapshot(let notice):
      tell(of: notice)
      damageIsFound()
      replica.receive(notice)
    case .mended(let file): say(.warning, "file.mended", [("file", file)])
    case .round(let bytes, let damaged):
      say(.info, "scrub.finished", [("bytes", "\(bytes)"), ("damaged", "\(damaged)")])
    case .failed(let error):
      say(.warning, "scrub.failed", [("code", error.code), ("reason", "\(error)")])
    }
  }

  // MARK: What is told of it

  func tell(of place: FoundDamage) {
    let fields = [("file", place.file), ("offset", "\(place.offset)"), ("reason", place.what)]
    say(.error, "journal.damaged", fields)
  }

  func tell(of notice: SnapshotNotice<DocumentStore>) {
    switch notice {
    case .taken(let mark, let size):
      snapshotFailures = 0
      say(.info, "snapshot.taken", [("index", "\(mark.index)"), ("size", "\(size)")])
    case .notTaken(let error), .notReceived(let error):
      // Said once, not with each further try.
      snapshotFailures += 1
      guard snapshotFailures == 1 else { return }
      say(.warning, "snapshot.postponed", [("code", error.code), ("reason", "\(error)")])
    case .olderRemoved(let kept):
      say(.warning, "snapshot.older.removed", [("kept", "\(kept)")])
    case .received(let restored):
      snapshotFailures = 0
      let fields = [("index", "\(restored.mark.index)"), ("size", "\(restored.size)")]
      say(.info, "snapshot.received", fields)
    case .damaged(let error):
      say(.error, "snapshot.damaged", [("code", error.code), ("reason", "\(error)")])
    case .jobDone: break
    }
  }
}
