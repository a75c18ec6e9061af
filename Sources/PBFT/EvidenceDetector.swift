import Consensus

/// Compares what replicas sign with what they signed before, and says when it contradicts.
///
/// It is handed statements with valid signatures only. Memory is bounded: votes are forgotten with
/// their place, the rest by age; of places the newest 1,024 are remembered, at most 2,048.
package struct EvidenceDetector: Sendable {
  private struct VoteKey: Hashable {
    let replica: ReplicaNumber
    let kind: Vote.Kind
    let place: BlockPlace
  }

  private struct CounterKey: Hashable {
    let replica: ReplicaNumber
    let counter: UInt64
  }

  private struct CheckpointKey: Hashable {
    let replica: ReplicaNumber
    let sequenceNumber: SequenceNumber
  }

  private static let generationSize = 4_096
  /// More places than are ever voted for at once; twice as many are remembered at most.
  private static let placesMax: UInt64 = 1_024

  private let authority: Authority
  private var forgotten = SequenceNumber.zero
  private var votes: [VoteKey: Vote] = [:]
  /// Where a primary is proved to have proposed two blocks; looked up only.
  private var contested: Set<BlockPlace> = []
  private var checkpoints: [CheckpointKey: CheckpointVote] = [:]
  private var newViews: [View: NewView] = [:]
  private var highestCommits: [ReplicaNumber: Vote] = [:]
  private var newestVotes: [ReplicaNumber: Vote] = [:]
  private var viewChanges: [ReplicaNumber: ViewChange] = [:]
  private var recent: [CounterKey: Statement] = [:]
  private var older: [CounterKey: Statement] = [:]

  /// A detector that has seen nothing.
  package init(authority: Authority) {
    self.authority = authority
  }

  /// What a validly signed statement contradicts.
  package mutating func observe(_ statement: Statement) -> [Evidence] {
    var suspicions: [Evidence] = []
    if let evidence = counterEvidence(statement) { suspicions.append(evidence) }
    switch statement {
    case .vote(let vote): suspicions += observe(vote)
    case .checkpoint(let vote):
      makeRoom(for: vote.sequenceNumber)
      let key = CheckpointKey(replica: vote.replica, sequenceNumber: vote.sequenceNumber)
      if let first = checkpoints[key] {
        suspicions.append(.conflictingCheckpoints(first, vote))
      }
      checkpoints[key] = checkpoints[key] ?? vote
    case .viewChange(let change): suspicions += observe(change)
    case .newView(let newView):
      if let first = newViews[newView.newView], first.replica == newView.replica {
        suspicions.append(.conflictingNewViews(first, newView))
      }
      newViews[newView.newView] = newViews[newView.newView] ?? newView
    }
    return suspicions.filter { authority.culprit(of: $0) != nil }
  }

  /// Forgets votes for what is stable.
  package mutating func forget(through place: SequenceNumber, before view: View) {
    forgotten = max(forgotten, place)
    votes = votes.filter { $0.key.place.sequenceNumber > place }
    contested = contested.filter { $0.sequenceNumber > place }
    checkpoints = checkpoints.filter { $0.key.sequenceNumber > place }
    newViews = newViews.filter { $0.key >= view }
  }

  /// How many votes are remembered.
  var votesCount: Int { votes.count }

  /// Where the own stable state stands still, as on a full disk, the others' votes go on.
  private mutating func makeRoom(for place: SequenceNumber) {
    guard place > forgotten + 2 * Self.placesMax else { return }
    forget(through: SequenceNumber(place.rawValue - Self.placesMax), before: .zero)
  }

  /// What the primary of a view signed first for a place; nil, too, once it is proved to have
  /// signed something else as well: to prove that again would be of no use.
  func proposal(at place: BlockPlace) -> Vote? {
    guard !contested.contains(place) else { return nil }
    let primary = authority.primary(of: place.view)
    return votes[VoteKey(replica: primary, kind: .prePrepare, place: place)]
  }

  private mutating func observe(_ vote: Vote) -> [Evidence] {
    makeRoom(for: vote.place.sequenceNumber)
    var suspicions: [Evidence] = []
    let key = VoteKey(replica: vote.replica, kind: vote.kind, place: vote.place)
    if let first = votes[key], first.digest != vote.digest,
      vote.kind != .prePrepare || contested.insert(vote.place).inserted
    {
      suspicions.append(.conflictingVotes(first, vote))
    }
    votes[key] = votes[key] ?? vote
    if let change = viewChanges[vote.replica] {
      suspicions.append(.voteAfterViewChange(change, vote))
      suspicions.append(.hiddenLock(vote, change))
    }
    if vote.kind == .commit, vote.place > highestCommits[vote.replica]?.place ?? .zero {
      highestCommits[vote.replica] = vote
    }
    if vote.counter > newestVotes[vote.replica]?.counter ?? 0 {
      newestVotes[vote.replica] = vote
    }
    return suspicions
  }

  private mutating func observe(_ change: ViewChange) -> [Evidence] {
    var suspicions: [Evidence] = []
    if let commit = highestCommits[change.replica] {
      suspicions.append(.hiddenLock(commit, change))
    }
    if let vote = newestVotes[change.replica] {
      suspicions.append(.voteAfterViewChange(change, vote))
    }
    if change.newView > viewChanges[change.replica]?.newView ?? .zero {
      viewChanges[change.replica] = change
    }
    return suspicions
  }

  private mutating func counterEvidence(_ statement: Statement) -> Evidence? {
    let key = CounterKey(replica: statement.replica, counter: statement.counter)
    if let first = recent[key] ?? older[key] {
      return first == statement ? nil : .sharedCounter(first, statement)
    }
    if recent.count >= Self.generationSize {
      older = recent
      recent = [:]
    }
    recent[key] = statement
    return nil
  }
}
