import Consensus

/// Words for states, the first of each replica for each place.
struct CheckpointTable: Sendable {
  private let replicasCount: Int
  /// Ascending by place.
  private var rows: [(place: SequenceNumber, votes: [CheckpointVote?])] = []

  init(replicasCount: Int) {
    self.replicasCount = replicasCount
  }

  /// Keeps a vote, unless the replica has one for this place.
  mutating func add(_ vote: CheckpointVote) {
    if let row = rows.firstIndex(where: { $0.place == vote.sequenceNumber }) {
      guard rows[row].votes[vote.replica.place] == nil else { return }
      rows[row].votes[vote.replica.place] = vote
      return
    }
    var votes = [CheckpointVote?](repeating: nil, count: replicasCount)
    votes[vote.replica.place] = vote
    rows.append((vote.sequenceNumber, votes))
    rows.sort { $0.place < $1.place }
  }

  /// The votes of so many replicas that agree, for the highest place that has them.
  func agreement(of quorum: Int) -> [CheckpointVote]? {
    for row in rows.reversed() {
      let votes = row.votes.compactMap { $0 }
      for vote in votes {
        let same = votes.filter { $0.digest == vote.digest && $0.stateRoot == vote.stateRoot }
        if same.count >= quorum { return Array(same.prefix(quorum)) }
      }
    }
    return nil
  }

  /// A replica's vote for a place.
  func vote(at place: SequenceNumber, by replica: ReplicaNumber) -> CheckpointVote? {
    rows.first { $0.place == place }?.votes[replica.place]
  }

  /// Forgets what is stable.
  mutating func forget(through place: SequenceNumber) {
    rows.removeAll { $0.place <= place }
  }
}
