import Consensus
import Documents
import Replication
import Storage

extension LockstepServer {
  /// The snapshot thread has something to say: the replica hears it, and people what concerns
  /// them.
  func obey(_ notice: SnapshotThread.Notice) {
    switch notice {
    case .keeper(let notice):
      tell(of: notice)
      replica.receive(notice)
    case .scrub(let finding):
      obey(finding)
    case .failed(let error):
      say(.error, "snapshot.failed", [("code", error.code), ("reason", "\(error)")])
      fail(.journal(error))
    }
  }

  func tell(of notice: SnapshotNotice<DocumentStore>) {
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
      say(
        .info,
        "snapshot.received",
        [("index", "\(restored.mark.index)"), ("size", "\(restored.size)")]
      )
    case .damaged(let error):
      say(.error, "snapshot.damaged", [("code", error.code), ("reason", "\(error)")])
    case .jobDone:
      break
    }
  }
}
