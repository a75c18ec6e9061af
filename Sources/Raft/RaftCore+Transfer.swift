import Consensus

// Handing leadership over, thesis §3.10: asked for, or because our own disk fails us.
extension RaftCore {
  mutating func submitTransfer(to id: NodeID?) {
    guard let state = role.leader else {
      return refuseTransfer(.notLeader(leader: leader?.id))
    }
    guard state.transfer == nil else { return refuseTransfer(.transferInProgress) }
    let target = id.map { membership.stayingVoter($0) } ?? bestTarget(of: state)
    guard let target, target != identity.member, !distrusted.contains(target.id) else {
      return refuseTransfer(.transferFailed)
    }
    startTransfer(to: target, .asked)
  }

  private mutating func refuseTransfer(_ refusal: Refusal) {
    effects.refused.append(.transfer(refusal))
  }

  private mutating func startTransfer(to target: Member, _ cause: Transfer.Cause) {
    let deadline = microseconds + options.electionTimeoutMaxMicroseconds
    role.leader?.transfer = Transfer(target: target, cause: cause, deadline: deadline)
  }

  /// The follower with the most of the log among those with room and a trusted state that
  /// answered lately.
  private func bestTarget(of state: LeaderState) -> Member? {
    let lively = state.followers.filter { follower in
      guard follower.hasRoom, membership.staysVoter(follower.member),
        !distrusted.contains(follower.member.id), let heardAt = follower.heardAt
      else { return false }
      return microseconds - heardAt < options.electionTimeoutMinMicroseconds
    }
    return lively.max { $0.matchIndex < $1.matchIndex }?.member
  }

  /// Tells the target to campaign as soon as it holds the whole log; TimeoutNow promises nothing
  /// and needs no disk.
  mutating func tellTransferTarget() {
    guard let state = role.leader, let transfer = state.transfer, !transfer.isTold,
      let target = state.follower(transfer.target), target.matchIndex == log.lastIndex
    else { return }
    // Only now it has said so in this term. Two leaders without room would hand over to each
    // other again and again.
    guard target.hasRoom || transfer.cause != .journalFull else {
      role.leader?.transfer = nil
      return
    }
    role.leader?.transfer?.isTold = true
    send(.timeoutNow(term: currentTerm), to: transfer.target)
  }

  /// The leader asks us to take over.
  mutating func campaignForTransfer(from sender: Member) {
    guard role.follower?.leader == sender, !isDistrusted, mayStand else { return }
    startElection(isTransfer: true)
  }

  /// After one election timeout a transfer has failed, and proposals resume.
  mutating func judgeTransfer() {
    guard let transfer = role.leader?.transfer, microseconds >= transfer.deadline else { return }
    role.leader?.transfer = nil
    switch transfer.cause {
    case .asked: refuseTransfer(.transferFailed)
    case .journalFull: break
    case .journalDamaged:
      // Each try refuses proposals, and a follower may have the same trouble.
      role.leader?.nextTransferOfDamagedAt = transfer.deadline + Self.damagedPatienceMicroseconds
    case .diskSlow:
      if diskIsOverdue || diskIsLeftBehind { becomeFollower(in: currentTerm, of: nil) }
    case .stateInDoubt, .removed: becomeFollower(in: currentTerm, of: nil)
    }
  }

  /// A leader whose disk hangs, whose journal is full or damaged, whose state is in doubt or who
  /// was removed hands over while somebody else can do better; with a disk beyond its budget, a
  /// state in doubt or no seat, it does not stay in any case.
  mutating func judgeFitness() {
    guard let state = role.leader, state.transfer == nil, let cause = unfitness else { return }
    if let target = bestTarget(of: state) {
      startTransfer(to: target, cause)
    } else if diskIsOverdue || isDistrusted || isOut {
      becomeFollower(in: currentTerm, of: nil)
    }
  }

  /// How long a leader with a damaged journal waits before it tries again to hand over.
  private static let damagedPatienceMicroseconds: UInt64 = 2_000_000

  private var unfitness: Transfer.Cause? {
    if isOut { return .removed }
    if isDistrusted { return .stateInDoubt }
    if diskIsOverdue || diskIsLeftBehind { return .diskSlow }
    if !hasRoom { return .journalFull }
    // Only what was found in this office: two leaders with damage would hand over to each other.
    guard let due = role.leader?.nextTransferOfDamagedAt else { return nil }
    return microseconds >= due ? .journalDamaged : nil
  }
}
