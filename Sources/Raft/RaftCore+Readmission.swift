package import Consensus

// Whoever was refused for what its disk has lost comes back by itself, as another member: first as
// a learner in its own place, then promoted (D15, D16; docs/decisions/0032).
extension RaftCore {
  /// How many times longer a strict member waits for voters that are being replaced.
  private static let returningFactor: UInt64 = 20

  // MARK: One that waits in vain

  /// Whether a majority is not enough: who is silent may remember more of this directory.
  var needsAllVoters: Bool { options.admission == .strict && !admission.isFirstStart }

  /// Whether somebody leads without this member's vote, who could take it in again, or has.
  var canBeReplaced: Bool {
    guard leader != nil else { return false }
    if membership.contains(identity.member.successor) { return true }
    if case .next = membership.planReturn(of: identity.member) { return true }
    return false
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

  /// Asks to be replaced for somebody's silence, and gives nothing up before that has happened.
  ///
  /// By then a quorum counts on its successor that has done without it. Whoever gave up first could
  /// be one of so many that nobody is left to let them in. A learner never lets in anybody, and has
  /// to be sure before it is asked for: it leaves the configuration when its successor comes.
  mutating func pleadInVain() {
    guard case .waiting(var asking) = admission.state, asking.isInVain,
      microseconds >= asking.nextPleaAt
    else { return }
    guard membership.voters.contains(identity.member) else { return giveUpDirectory() }
    asking.nextPleaAt = microseconds + options.electionTimeoutMaxMicroseconds
    admission.state = .waiting(asking)
    plead()
  }

  private mutating func giveUpDirectory() {
    admission.giveUp()
    becomeRefused()
  }

  // MARK: The refused one

  /// Asks all it knows, and whoever says that it leads, again and again: once it cannot change its
  /// mind any more.
  mutating func askToBeReplaced() {
    guard durablePosition >= admission.recordPosition else { return }
    admission.nextShowingAt = microseconds + options.electionTimeoutMaxMicroseconds
    plead()
  }

  private mutating func plead() {
    var others = membership.others(than: identity.member)
    if let leader, !others.contains(leader) { others.append(leader) }
    for other in others { send(.replaceMe(term: currentTerm), to: other) }
  }

  /// The others count on its successor instead.
  mutating func wasReplaced() {
    switch admission.state {
    case .refused: break
    case .waiting(let asking) where asking.isInVain: giveUpDirectory()
    case .waiting, .admitted: return
    }
    effects.successor = identity.member.successor
  }

  // MARK: The leader

  /// Lets a member come back whose own word it is that its directory was refused, or that it waits
  /// in vain.
  mutating func replace(_ member: Member) {
    let isForGood = configurationIndex > .zero && configurationIndex <= commitIndex
    let isLeader = role.leader != nil
    // Looked for first: a learner is not in the configuration beside the one in its place.
    guard !membership.contains(member.successor) else {
      // Not before that is for good: a directory is set aside for it.
      if isLeader, isForGood { send(.replaced(term: currentTerm), to: member) }
      return
    }
    guard membership.contains(member) else {
      if isForGood { tellRemoved(member) }
      return
    }
    guard isLeader, objectionToChanges == nil,
      case .next(let next) = membership.planReturn(of: member)
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
