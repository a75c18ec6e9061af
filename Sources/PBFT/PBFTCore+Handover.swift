import Consensus

/// A primary that is asked to go: it leaves its view for the next, and all follow it at once.
extension PBFTCore {
  /// Others must have been heard so lately for a view change to be worth beginning.
  private static var heardMicroseconds: UInt64 { 1_000_000 }

  /// Views have their primaries in turn: nobody but the next can be named.
  mutating func handOver(to target: NodeID?) {
    if let objection = objectionToHandover(target) {
      effects.refused.append(.transfer(objection))
      return
    }
    leave(for: view.next)
  }

  private func objectionToHandover(_ target: NodeID?) -> Refusal? {
    guard halt == nil, promises.fence == nil else { return .fenced }
    guard isActive else { return .transferInProgress }
    guard own == primary else { return .notLeader(leader: leaderID) }
    let next = members[authority.primary(of: view.next).place].id
    guard members.count > 1, target == nil || target == next else { return .transferFailed }
    let heard = heardAt.count { $0.map { microseconds <= $0 + Self.heardMicroseconds } ?? false }
    guard heard + 1 >= authority.quorum else { return .quorumWouldBeLost }
    return nil
  }
}
