package import Consensus

/// How things stand, for people and for the replica around this core.
extension PBFTCore {
  /// How things stand; the view stands where Raft has its term.
  package var status: CoreStatus {
    var status = CoreStatus(
      role: isActive && own == primary ? .leader : .follower,
      term: Term(view.rawValue),
      leader: leaderID,
      commitIndex: committed.lastIndex,
      lastIndex: log.tip.lastIndex,
      leaderContactMicroseconds: nil
    )
    status.firstIndex = log.base.lastIndex.next
    return status
  }

  /// How things stand, in this mode's words.
  package var byzantineStatus: ByzantineStatus {
    var status = ByzantineStatus(
      view: view.rawValue,
      primary: members[primary.place].id,
      isActive: isActive
    )
    status.lowWatermark = stableSequence.rawValue
    status.highWatermark = highWatermark.rawValue
    status.committedBlock = committed.sequenceNumber.rawValue
    status.tipBlock = log.tip.sequenceNumber.rawValue
    status.suspectingSinceMicroseconds = isActive ? nil : since(timing.viewBegunAt)
    status.isFenced = promises.fence != nil
    status.awaitsState = transfer != nil
    status.haltReason = halt?.description
    return status
  }

  /// All that this replica has ever committed to.
  ///
  /// The highest lock says enough: a longer chain of an earlier view that was left behind it has
  /// not been committed by anybody.
  package var readBarrier: LogIndex {
    max(promises.high?.header.lastIndex ?? .zero, committed.lastIndex)
  }

  /// The newest state that this replica and enough others have come to alike.
  package var agreedIndex: LogIndex? { agreed }

  /// The envelope that a replica passes on.
  package static func passedOn(by message: PBFTMessage) -> SignedEnvelope? {
    guard case .envelope(let envelope) = message else { return nil }
    return envelope
  }

  /// The number of a client's key; nil if the genesis does not name it.
  package func number(of client: PublicKey) -> ClientNumber? {
    authority.number(of: client)
  }
}

extension HaltReason: CustomStringConvertible {
  /// One line that says what was seen.
  package var description: String {
    switch self {
    case .chainsDiffer(let place):
      "block \(place.rawValue) is committed here, and others prove another: more than f lie"
    case .stateDiffers(let place):
      "the state after block \(place.rawValue) is not the one that 2f+1 replicas came to"
    }
  }
}
