package import Consensus

// Whoever was refused for what its disk has lost comes back by itself, as another member: first as
// a learner in its own place, then promoted (D15, D16; docs/decisions/0032).
extension RaftCore {
  /// How many times longer a strict member waits for voters that are being replaced.
  private static let returningFactor: UInt64 = 20

  // MARK: One that waits in vain

  /// Whether a majority is not enough: who is silent may remember more of this directory.
  var needsAllVoters: Bool { options.admission == .strict && !admission.isFirstStart }

  /// Whether somebody leads without this member's vote, who could take it in again.
  var canBeReplaced: Bool {
    guard leader != nil, case .next = membership.planReturn(of: identity.member) else {
      return false
    }
    return true
  }

  /// How long it waits for voters that are silent: longer where others are about to take all their
  /// places, as one loss is to cost one directory.
  var patienceWithTheSilent: UInt64? {
    let silent = unheardVoters
    let areReturning = silent.allSatisfy { voter in
      configuration.learners.contains { $0.replaces == voter }
    }
    return options.strictPatienceMicroseconds.map { areReturning ? $0 * Self.returningFactor : $0 }
  }

  /// The directory counts as refused: a leader that did without its vote is to replace it.
  mutating func giveUpDirectory() {
    admission.giveUp()
    becomeRefused()
  }

  // MARK: The refused one

  /// Asks all it knows, and whoever says that it leads, again and again: once it cannot change its
  /// mind any more.
  mutating func askToBeReplaced() {
    guard durablePosition >= admission.recordPosition else { return }
    admission.nextShowingAt = microseconds + options.electionTimeoutMaxMicroseconds
    var others = membership.others(than: identity.member)
    if let leader, !others.contains(leader) { others.append(leader) }
    for other in others { send(.replaceMe(term: currentTerm), to: other) }
  }

  /// The others count on its successor instead.
  mutating func wasReplaced() {
    guard case .refused = admission.state else { return }
    effects.successor = identity.member.successor
  }

  // MARK: The leader

  /// Lets a member come back whose own word it is that its directory was refused.
  mutating func replace(_ member: Member) {
    guard membership.contains(member) else {
      if configurationIndex > .zero, configurationIndex <= commitIndex { tellRemoved(member) }
      return
    }
    guard case .leader = role else { return }
    guard !membership.contains(member.successor) else {
      // Not before that is for good: a directory is set aside for it.
      if configurationIndex <= commitIndex { send(.replaced(term: currentTerm), to: member) }
      return
    }
    guard objectionToChanges == nil, case .next(let next) = membership.planReturn(of: member)
    else { return }
    propose(next)
  }
}

extension Member {
  private static let successorSalt: UInt64 = 0x7375_6363_6573_736F

  /// Who a member comes back as when its directory was refused.
  ///
  /// The same whoever asks and however often: a directory that was half made anew goes on with the
  /// same one, and a leader needs no word about it.
  package var successor: Member {
    var chance = RandomSource(seed: incarnation.rawValue ^ Self.successorSalt)
    // 0 stands for nobody.
    return Member(id: id, incarnation: Incarnation(max(1, chance.next())))
  }
}
