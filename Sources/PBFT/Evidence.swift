package import Consensus

/// Proof that a replica or client broke the protocol: signed statements and nothing else.
///
/// Nothing in it was derived by whoever found it, so that it convinces everybody or nobody.
package enum Evidence: Hashable, Sendable {
  /// E1 to E3: two proposals, prepares or commits of one replica for one place, of different
  /// blocks.
  case conflictingVotes(Vote, Vote)
  /// E4: two states after one block; the replica lies, or its state is corrupted.
  case conflictingCheckpoints(CheckpointVote, CheckpointVote)
  /// E5: two different statements with one counter.
  case sharedCounter(Statement, Statement)
  /// E6: a commit, and a view change of a later view that hides it.
  case hiddenLock(Vote, ViewChange)
  /// E6b: a view is left, and voted in afterwards.
  case voteAfterViewChange(ViewChange, Vote)
  /// E7: a new view that does not hold.
  case badNewView(NewView)
  /// E7: two new views of one view.
  case conflictingNewViews(NewView, NewView)
  /// E8: a signed proposal whose block is no block: body and header differ, or an envelope is
  /// nobody's.
  case badProposal(PrePrepare)
  /// E9: two requests of one client under one session and sequence.
  case conflictingRequests(SignedEnvelope, SignedEnvelope)
  /// E10: a receipt, and one by the same replica or by f+1 others, of whom one is honest, that says
  /// something else of the same place; the replica lies, or its state is corrupted.
  case conflictingReceipts(ReceiptWord, [ReceiptWord])
}

extension Evidence {
  /// Its kind, as docs/formats/pbft.md counts them.
  package var code: String {
    switch self {
    case .conflictingVotes(let vote, _): "E\(vote.kind.rawValue)"
    case .conflictingCheckpoints: "E4"
    case .sharedCounter: "E5"
    case .hiddenLock: "E6"
    case .voteAfterViewChange: "E6b"
    case .badNewView, .conflictingNewViews: "E7"
    case .badProposal: "E8"
    case .conflictingRequests: "E9"
    case .conflictingReceipts: "E10"
    }
  }
}

/// Whom evidence names.
package enum Culprit: Hashable, Sendable {
  /// A replica.
  case replica(ReplicaNumber)
  /// A client.
  case client(PublicKey)
}
