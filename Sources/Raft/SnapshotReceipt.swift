import Consensus

/// How much a follower has of a snapshot that it is sent.
///
/// It belongs to one leader and to one snapshot: what another sends may be another file. A leader
/// that comes back in a later term goes on; if its file is another one by now, the digest at the
/// end says so.
struct SnapshotReceipt: Hashable, Sendable {
  enum Step: Hashable, Sendable {
    /// The part at `offset` is wanted.
    case waiting
    /// It is being written.
    case storing
    /// All parts are there; the whole is being verified and read.
    case installing
  }

  let leader: Member
  /// The term in which a part came last.
  var term: Term
  let index: LogIndex
  var offset: UInt64 = 0
  var step = Step.waiting

  var place: SnapshotPlace { SnapshotPlace(index: index, offset: offset) }
}
