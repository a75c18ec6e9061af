import Documents
import Replication
package import Storage
import Synchronization

/// What a start found in a journal and in the newest snapshot, until the replica has it.
///
/// Whoever keeps the directory would else keep every record, and the state that the snapshot holds
/// beside the one that goes on from it, for as long as the server runs.
package final class RecoveredContents: Sendable {
  /// The records of the journal, and the state that they go on from.
  typealias Found = (records: [RecoveredRecord], restored: RestoredSnapshot<DocumentStore>?)

  private let found: Mutex<Found>

  init(records: [RecoveredRecord], restored: RestoredSnapshot<DocumentStore>?) {
    found = Mutex((records, restored))
  }

  /// The records that are still here.
  package var records: [RecoveredRecord] { found.withLock { $0.records } }

  /// Hands all over; nothing is here any more.
  func take() -> Found {
    found.withLock { here in
      defer { here = ([], nil) }
      return here
    }
  }
}
