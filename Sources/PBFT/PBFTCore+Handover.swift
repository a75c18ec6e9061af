import Consensus

/// A primary that is asked to go: it leaves its view for the next, and all follow it at once.
extension PBFTCore {
  /// Others must have been heard so lately for a view change to be worth beginning.
  private static var heardMicroseconds: UInt64 { 1_000_000 }

  /// A replica hands over no more than once in such a time for each member: whoever may ask can
  /// then neither keep the views changing nor have the others' patience grow without end, as two
  /// seconds of a view ease it again.
  private static var restMicroseconds: UInt64 { 2_500_000 }

  /// Views have their primaries in turn: nobody but the next can be named.
  mutating func handOver(to target: NodeID?) {
    if let objection = objectionToHandover(target) {
      effects.refused.append(.transfer(objection))
      return
    }
    handOver()
  }

  /// A fenced member that has all that the others have waits for nothing but a later view, and
  /// nobody leaves a primary that does its work: the primary does so for its sake.
  mutating func helpFenced() {
    guard fences.contains(where: { $0.wantsLaterView(at: microseconds) }),
      objectionToHandover(nil) == nil
    else { return }
    handOver()
  }

  private mutating func handOver() {
    handedOverAt = microseconds
    leave(for: view.next)
  }

  private func objectionToHandover(_ target: NodeID?) -> Refusal? {
    guard halt == nil, promises.fence == nil else { return .fenced }
    guard isActive else { return .transferInProgress }
    guard own == primary else { return .notLeader(leader: leaderID) }
    let next = members[authority.primary(of: view.next).place].id
    guard members.count > 1, target == nil || target == next else { return .transferFailed }
    let heard = members.indices.count { place in
      !fences[place].isUp
        && heardAt[place].map { microseconds <= $0 + Self.heardMicroseconds } ?? false
    }
    guard heard + 1 >= authority.quorum else { return .quorumWouldBeLost }
    return isHandoverDue ? nil : .transferInProgress
  }

  /// Whether this view has come to anything, and the last one of this replica's lies long enough
  /// behind.
  private var isHandoverDue: Bool {
    let rest = Self.restMicroseconds * UInt64(members.count)
    return committed.view == view && handedOverAt.map { microseconds >= $0 + rest } ?? true
  }
}
