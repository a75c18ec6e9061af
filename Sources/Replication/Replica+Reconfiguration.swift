package import Consensus

// Members come and go: who asked for it is told once it is decided.
extension Replica {
  /// An operator wants the members changed; answered when that is committed.
  package mutating func reconfigure(_ change: MembershipChange, token: ReplyToken) {
    guard reconfigurer == nil else {
      answer(token, .refused(.changeInProgress))
      return
    }
    let leader = core.leaderID
    guard leader == identity.member.id else {
      answer(token, .refused(leader == nil ? .noLeader : .notLeader(leader: leader)))
      return
    }
    reconfigurer = token
    core.submit(.reconfigure(change))
  }

  mutating func reconfigurationIsDone(at index: LogIndex) {
    answerReconfigurer(.reconfigured(index: index))
  }

  mutating func reconfigurationWasRefused(_ refusal: Refusal) {
    answerReconfigurer(.refused(refusal))
  }

  /// Another leader, or this node in another term, may complete the change or drop it.
  mutating func reconfigurationIsLost() {
    answerReconfigurer(.refused(.leadershipLost))
  }

  private mutating func answerReconfigurer(_ reply: ReplicaReply) {
    guard let token = reconfigurer else { return }
    reconfigurer = nil
    answer(token, reply)
  }
}
