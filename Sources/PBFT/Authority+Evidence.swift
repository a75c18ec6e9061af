package import Consensus

extension Authority {
  /// Who is proved to have broken the protocol; nil if the evidence proves nothing.
  package func culprit(of evidence: Evidence) -> Culprit? {
    try? judge(evidence)
  }

  /// Who is proved to have broken the protocol.
  ///
  /// - Throws: why nobody is.
  package func judge(_ evidence: Evidence) throws(EvidenceFlaw) -> Culprit {
    switch evidence {
    case .conflictingVotes(let first, let second):
      try require(first.kind == second.kind && first.place == second.place, else: .unrelated)
      try require(first.digest != second.digest, else: .noContradiction)
      return try signer(.vote(first), .vote(second))
    case .conflictingCheckpoints(let first, let second):
      try require(first.sequenceNumber == second.sequenceNumber, else: .unrelated)
      let isConflict = (first.stateRoot, first.digest) != (second.stateRoot, second.digest)
      try require(isConflict, else: .noContradiction)
      return try signer(.checkpoint(first), .checkpoint(second))
    case .sharedCounter(let first, let second):
      try require(first.counter == second.counter, else: .unrelated)
      let isConflict = first.kind != second.kind || first.content != second.content
      try require(isConflict, else: .noContradiction)
      return try signer(first, second)
    case .hiddenLock(let commit, let viewChange):
      try require(isHidden(commit, in: viewChange), else: .noContradiction)
      return try signer(.vote(commit), .viewChange(viewChange))
    case .voteAfterViewChange(let viewChange, let vote):
      let isLate = vote.place.view < viewChange.newView && vote.counter > viewChange.counter
      try require(isLate, else: .noContradiction)
      return try signer(.viewChange(viewChange), .vote(vote))
    case .badNewView(let newView):
      return try judge(newView)
    case .conflictingNewViews(let first, let second):
      try require(first.newView == second.newView, else: .unrelated)
      let isConflict = Statement.newView(first).content != Statement.newView(second).content
      try require(isConflict, else: .noContradiction)
      return try signer(.newView(first), .newView(second))
    case .badProposal(let proposal):
      return try judge(proposal)
    case .conflictingRequests(let first, let second):
      return try judge(first, second)
    case .conflictingReceipts(let word, let others):
      return try judge(word, against: others)
    }
  }

  private func require(_ condition: Bool, else flaw: EvidenceFlaw) throws(EvidenceFlaw) {
    guard condition else { throw flaw }
  }

  private func signer(
    _ first: Statement,
    _ second: Statement
  ) throws(EvidenceFlaw) -> Culprit {
    try require(first.replica == second.replica, else: .twoSigners)
    try require(isValid(first), else: .notSigned(1))
    try require(isValid(second), else: .notSigned(2))
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

  /// Certificates that differ at one place convict other replicas than the one that shows them.
  private func judge(_ newView: NewView) throws(EvidenceFlaw) -> Culprit {
    guard let fault = fault(in: newView), fault != .highestDiffer else { throw .newViewHolds }
    try require(isValid(newView), else: .notSigned(1))
    return .replica(newView.replica)
  }

  private func judge(_ proposal: PrePrepare) throws(EvidenceFlaw) -> Culprit {
    let block = proposal.block
    let isOfBlock =
      proposal.vote.digest == digest(of: block.header)
      && proposal.vote.place == block.header.place
    try require(isOfBlock, else: .unrelated)
    try require(isValid(proposal.vote), else: .notSigned(1))
    try require(block.header.bodyRoot == bodyRoot(of: block.body), else: .foreignBody)
    try require(fault(in: proposal) != nil, else: .blockHolds)
    return .replica(proposal.vote.replica)
  }

  /// What is wrong with a proposal whose vote and body belong to its header.
  package func fault(in proposal: PrePrepare) -> ProposalFault? {
    let block = proposal.block
    if proposal.vote.replica != primary(of: block.header.view) { return .notByPrimary }
    if !isWhole(block) { return .wrongCounts }
    return block.body.firstIndex { !isValid($0) }.map { .badEnvelope($0) }
  }

  private func judge(
    _ first: SignedEnvelope,
    _ second: SignedEnvelope
  ) throws(EvidenceFlaw) -> Culprit {
    try require(first.client == second.client, else: .twoSigners)
    try require(first.conflict(with: second) != nil, else: .noContradiction)
    try require(isValid(first), else: .notSigned(1))
    try require(isValid(second), else: .notSigned(2))
    return .client(first.client)
  }

  /// One other word is the replica's own; f+1 are of others, of whom one is honest and has
  /// executed the same log.
  private func judge(
    _ word: ReceiptWord,
    against others: [ReceiptWord]
  ) throws(EvidenceFlaw) -> Culprit {
    try require(others.allSatisfy { $0.fact.index == word.fact.index }, else: .unrelated)
    try require(others.allSatisfy { $0.fact != word.fact }, else: .noContradiction)
    try require(isValid(word), else: .notSigned(1))
    if others.count == 1, others[0].replica == word.replica {
      try require(isValid(others[0]), else: .notSigned(2))
      return .replica(word.replica)
    }
    if let flaw = flaw(in: others) { throw .receipts(flaw) }
    try require(others.allSatisfy { $0.replica != word.replica }, else: .receipts(.wordsDiffer))
    return .replica(word.replica)
  }
}

/// Why a proposal, although signed, is of no block.
package enum ProposalFault: Equatable, Sendable {
  /// Its sender is not the primary of the view.
  case notByPrimary
  /// Requests or bytes are not as many as the header says.
  case wrongCounts
  /// The envelope at this place of the body is not a registered client's.
  case badEnvelope(Int)
}

extension SignedEnvelope {
  /// The first two commands under one session and sequence, here and there, that differ.
  package func conflict(with other: SignedEnvelope) -> (ClientRequest, ClientRequest)? {
    for request in requests where request.kind == .write {
      for rival in other.requests
      where rival.key == request.key && rival.command != request.command {
        return (request, rival)
      }
    }
    return nil
  }
}
