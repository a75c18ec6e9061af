import Consensus

/// The prepares and commits of one view, the first of each replica for each place.
struct VoteTable: Sendable {
  /// The votes for one place, by replica.
  private struct Slot: Sendable {
    var prepares: [Vote?]
    var commits: [Vote?]
    /// Votes that were not needed, and whose signatures nobody has looked at.
    var surplus: [Vote] = []
  }

  let view: View
  private let replicasCount: Int
  private var slots: [SequenceNumber: Slot] = [:]

  init(view: View, replicasCount: Int) {
    self.view = view
    self.replicasCount = replicasCount
  }

  /// Keeps a vote, unless the replica has one of the kind for this place.
  mutating func add(_ vote: Vote) {
    invariant(vote.place.view == view, "votes are counted in their own view")
    let none = [Vote?](repeating: nil, count: replicasCount)
    var slot = slots[vote.place.sequenceNumber] ?? Slot(prepares: none, commits: none)
    switch vote.kind {
    case .prePrepare: return
    case .prepare: slot.prepares[vote.replica.place] = slot.prepares[vote.replica.place] ?? vote
    case .commit: slot.commits[vote.replica.place] = slot.commits[vote.replica.place] ?? vote
    }
    slots[vote.place.sequenceNumber] = slot
  }

  /// A replica's vote for a place.
  func vote(_ kind: Vote.Kind, at place: SequenceNumber, by replica: ReplicaNumber) -> Vote? {
    guard let slot = slots[place] else { return nil }
    return kind == .commit ? slot.commits[replica.place] : slot.prepares[replica.place]
  }

  /// Keeps a surplus vote, the first of each kind and replica: its sender may contradict it.
  mutating func setAside(_ vote: Vote) {
    let place = vote.place.sequenceNumber
    guard self.vote(vote.kind, at: place, by: vote.replica) == nil,
      setAside(vote.kind, at: place, by: vote.replica) == nil
    else { return }
    slots[place]?.surplus.append(vote)
  }

  /// The vote of the same replica that was set aside, if it is for another block.
  func setAside(beside vote: Vote) -> Vote? {
    let first = setAside(vote.kind, at: vote.place.sequenceNumber, by: vote.replica)
    return first?.digest == vote.digest ? nil : first
  }

  private func setAside(
    _ kind: Vote.Kind,
    at place: SequenceNumber,
    by replica: ReplicaNumber
  ) -> Vote? {
    slots[place]?.surplus.first { $0.kind == kind && $0.replica == replica }
  }

  /// The prepares for a block, ascending by replica.
  func prepares(of digest: Digest, at place: SequenceNumber) -> [Vote] {
    (slots[place]?.prepares ?? []).compactMap { $0?.digest == digest ? $0 : nil }
  }

  /// The commits of a block, ascending by replica.
  func commits(of digest: Digest, at place: SequenceNumber) -> [Vote] {
    (slots[place]?.commits ?? []).compactMap { $0?.digest == digest ? $0 : nil }
  }

  /// Forgets what is stable.
  mutating func forget(through place: SequenceNumber) {
    slots = slots.filter { $0.key > place }
  }
}
