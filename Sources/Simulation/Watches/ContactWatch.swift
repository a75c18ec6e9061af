import Consensus
import Raft

/// Watches from outside when a node last heard the leader that it follows: a stale read promises no
/// more, and no less (docs/formats/wire.md).
///
/// It counts in the node's own time, as the node does.
struct ContactWatch {
  private struct Speaker: Hashable {
    /// A leader may be removed, or come back as another member: its id stays.
    let id: NodeID
    let term: Term
  }

  private struct Contact {
    /// The node's time when it read the message, at most and at least.
    let latest: UInt64
    let earliest: UInt64
    /// Whether only a leader says this.
    let isOfLeader: Bool
  }

  /// The last word of each member in each term; looked up only.
  private var contacts: [Speaker: Contact] = [:]

  /// A message is read in a turn that began at a time, the one before at another.
  mutating func heard(
    _ message: RaftMessage,
    from member: Member,
    at now: UInt64,
    lastTurn: UInt64
  ) {
    contacts[Speaker(id: member.id, term: message.term)] = Contact(
      latest: now,
      earliest: lastTurn,
      isOfLeader: message.isHeartbeat
    )
  }

  /// Whether the leader may have been heard so lately.
  ///
  /// - Parameters:
  ///   - lagMax: How lately, in microseconds.
  ///   - now: The node's time.
  ///   - status: How it stands.
  ///   - leader: Whom it follows, or itself.
  ///   - electedAt: When it began to lead, if it does: those who voted for it count as heard then.
  ///   - hasQuorum: Whether something holds for a quorum.
  /// - Returns: Whether it may.
  func mayHaveHeard(
    within lagMax: UInt64,
    at now: UInt64,
    _ status: CoreStatus,
    following leader: Member?,
    electedAt: UInt64?,
    _ hasQuorum: ((Member) -> Bool) -> Bool
  ) -> Bool {
    guard let leader else { return false }
    func isLate(_ member: Member) -> Bool {
      guard let contact = contacts[Speaker(id: member.id, term: status.term)] else { return true }
      return now - min(contact.latest, now) > lagMax
    }
    guard status.role == .leader else { return !isLate(leader) }
    if let electedAt, now - electedAt <= lagMax { return true }
    return hasQuorum { $0 == leader || !isLate($0) }
  }

  /// Whether a follower has certainly heard its leader so lately, before this turn: what is read in
  /// a turn may come behind the question.
  func hasHeard(
    within lagMax: UInt64,
    at now: UInt64,
    _ status: CoreStatus,
    following leader: Member?
  ) -> Bool {
    guard status.role == .follower, let leader,
      let contact = contacts[Speaker(id: leader.id, term: status.term)], contact.isOfLeader,
      contact.latest < now
    else { return false }
    return now - min(contact.earliest, now) <= lagMax
  }
}

extension RaftMessage {
  fileprivate var isHeartbeat: Bool {
    if case .heartbeat = self { true } else { false }
  }
}
