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
}

/// Whom evidence names.
package enum Culprit: Hashable, Sendable {
  /// A replica.
  case replica(ReplicaNumber)
  /// A client.
  case client(PublicKey)
}

extension Authority {
  /// Who is proved to have broken the protocol; nil if the evidence proves nothing.
  package func culprit(of evidence: Evidence) -> Culprit? {
    switch evidence {
    case .conflictingVotes(let first, let second):
      return first.kind == second.kind && first.place == second.place
        && first.digest != second.digest
        ? culprit(.vote(first), .vote(second)) : nil
    case .conflictingCheckpoints(let first, let second):
      let isConflict =
        first.sequenceNumber == second.sequenceNumber
        && (first.stateRoot, first.digest) != (second.stateRoot, second.digest)
      return isConflict ? culprit(.checkpoint(first), .checkpoint(second)) : nil
    case .sharedCounter(let first, let second):
      let isShared =
        first.counter == second.counter
        && (first.kind != second.kind || first.content != second.content)
      return isShared ? culprit(first, second) : nil
    case .hiddenLock(let commit, let viewChange):
      return isHidden(commit, in: viewChange)
        ? culprit(.vote(commit), .viewChange(viewChange)) : nil
    case .voteAfterViewChange(let viewChange, let vote):
      let isLate = vote.place.view < viewChange.newView && vote.counter > viewChange.counter
      return isLate ? culprit(.viewChange(viewChange), .vote(vote)) : nil
    case .badNewView(let newView):
      // Certificates that differ at one place convict other replicas than the one that shows them.
      guard let fault = fault(in: newView), fault != .highestDiffer else { return nil }
      return isValid(newView) ? .replica(newView.replica) : nil
    case .conflictingNewViews(let first, let second):
      let isConflict =
        first.newView == second.newView
        && Statement.newView(first).content != Statement.newView(second).content
      return isConflict ? culprit(.newView(first), .newView(second)) : nil
    case .badProposal(let proposal):
      return culprit(of: proposal)
    case .conflictingRequests(let first, let second):
      return culprit(first, second)
    }
  }

  private func culprit(_ first: Statement, _ second: Statement) -> Culprit? {
    guard first.replica == second.replica, isValid(first), isValid(second) else { return nil }
    return .replica(first.replica)
  }

  /// A lock is hidden if neither a certificate as high nor a checkpoint that includes it is shown.
  ///
  /// The certificates that the view change shows have to hold: a lie about them is no lower lock.
  private func isHidden(_ commit: Vote, in viewChange: ViewChange) -> Bool {
    guard commit.kind == .commit, commit.place.view < viewChange.newView,
      commit.counter < viewChange.counter
    else { return false }
    let shown = viewChange.high?.header.place ?? .zero
    let stable = viewChange.stable?.header.sequenceNumber ?? .zero
    return shown < commit.place && stable < commit.place.sequenceNumber
  }

  private func culprit(of proposal: PrePrepare) -> Culprit? {
    let block = proposal.block
    guard proposal.vote.digest == digest(of: block.header), isValid(proposal.vote),
      proposal.vote.place == block.header.place
    else { return nil }
    // A body that is not the header's may have been put there by whoever passed it on.
    guard block.header.bodyRoot == bodyRoot(of: block.body) else { return nil }
    let isSound =
      proposal.vote.replica == primary(of: block.header.view)
      && isWhole(block)
      && block.body.allSatisfy { isValid($0) }
    return isSound ? nil : .replica(proposal.vote.replica)
  }

  private func culprit(_ first: SignedEnvelope, _ second: SignedEnvelope) -> Culprit? {
    guard first.client == second.client, isValid(first), isValid(second) else { return nil }
    let isConflict = first.requests.contains { request in
      request.kind == .write
        && second.requests.contains {
          $0.key == request.key && $0.command != request.command
        }
    }
    return isConflict ? .client(first.client) : nil
  }
}
