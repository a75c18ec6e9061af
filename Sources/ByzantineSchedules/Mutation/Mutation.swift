import Consensus
import PBFT

/// One small change of a statement, made by its owner, who signs it again.
///
/// After ByzzFuzz (Winter et al., Randomized Testing of Byzantine Fault Tolerant Algorithms, 2023).
enum Mutation: CaseIterable {
  case viewUp
  case viewDown
  case placeUp
  case placeDown
  case otherBlock
  case otherKind
  case otherCertificate
  case noCertificate
  case otherState
  case fewerViewChanges
  case counterBack
  case omitted

  /// The message as it is sent instead; nil if it is not sent at all.
  func mutated(_ message: PBFTMessage, _ liar: inout Liar) -> PBFTMessage? {
    if self == .omitted { return nil }
    switch message {
    case .prePrepare(let proposal): return .prePrepare(mutated(proposal, &liar))
    case .vote(let vote): return .vote(signed(mutated(vote, &liar), liar))
    case .checkpoint(let vote): return .checkpoint(signed(mutated(vote, &liar), liar))
    case .viewChange(let change): return .viewChange(signed(mutated(change, &liar), liar))
    case .newView(let newView): return .newView(signed(mutated(newView), liar))
    case .envelope, .status, .stable, .committed, .fetch, .blocks, .askFence, .fenceReport:
      return message
    }
  }

  private func signed<Statement: ReplicaSigned>(_ statement: Statement, _ liar: Liar) -> Statement {
    guard statement.replica == liar.replica else { return statement }
    return liar.authority.sign(statement, by: liar.genesis.signers[liar.place])
  }

  private func mutated(_ proposal: PrePrepare, _ liar: inout Liar) -> PrePrepare {
    var block = proposal.block
    block.header.place = mutated(block.header.place)
    switch self {
    case .otherBlock: block = liar.rival(of: block, 2)
    case .otherCertificate: block.header.newView = .zero
    case .otherKind: block.header.kind = block.header.kind == .anchor ? .normal : .anchor
    case .otherState: block.header.parent = liar.blocks.first?.header.parent ?? .zero
    case .counterBack: block.header.timeMicroseconds += 1
    case .viewUp, .viewDown, .placeUp, .placeDown, .noCertificate, .fewerViewChanges, .omitted:
      break
    }
    return liar.proposal(block)
  }

  private func mutated(_ vote: Vote, _ liar: inout Liar) -> Vote {
    var vote = vote
    vote.place = mutated(vote.place)
    vote.counter = mutated(vote.counter)
    if self == .otherKind { vote.kind = vote.kind == .commit ? .prepare : .commit }
    guard self == .otherBlock || self == .otherCertificate, !liar.blocks.isEmpty else {
      return vote
    }
    let other = liar.blocks[liar.random.number(below: liar.blocks.count)].header
    vote.digest = liar.authority.digest(of: other)
    if self == .otherCertificate { vote.place = other.place }
    return vote
  }

  private func mutated(_ vote: CheckpointVote, _ liar: inout Liar) -> CheckpointVote {
    var vote = vote
    vote.counter = mutated(vote.counter)
    switch self {
    case .placeUp: vote.sequenceNumber = vote.sequenceNumber + 4
    case .placeDown:
      vote.sequenceNumber = SequenceNumber(max(4, vote.sequenceNumber.rawValue) - 4)
    case .otherState: vote.stateRoot = Digest(bits: Bits256(1, 1, 1, 1))
    case .otherBlock:
      guard let block = liar.blocks.last else { break }
      vote.digest = liar.authority.digest(of: block.header)
    case .viewUp, .viewDown, .otherKind, .otherCertificate, .noCertificate, .fewerViewChanges,
      .counterBack, .omitted:
      break
    }
    return vote
  }

  private func mutated(_ change: ViewChange, _ liar: inout Liar) -> ViewChange {
    guard change.replica == liar.replica else { return change }
    var change = change
    change.counter = mutated(change.counter)
    change.newView = mutated(BlockPlace(change.newView, .zero)).view
    switch self {
    case .noCertificate: change.high = nil
    case .otherCertificate:
      if !liar.highs.isEmpty {
        change.high = liar.highs[liar.random.number(below: liar.highs.count)]
      }
    case .otherState: change.stable = liar.stables.first
    case .otherBlock:
      if let block = liar.blocks.last { change.high?.header = block.header }
    case .viewUp, .viewDown, .placeUp, .placeDown, .otherKind, .fewerViewChanges, .counterBack,
      .omitted:
      break
    }
    return change
  }

  private func mutated(_ newView: NewView) -> NewView {
    var newView = newView
    newView.counter = mutated(newView.counter)
    newView.newView = mutated(BlockPlace(newView.newView, .zero)).view
    if self == .fewerViewChanges { newView.viewChanges.removeLast() }
    if self == .noCertificate { newView.viewChanges[0].high = nil }
    if self == .otherBlock { newView.viewChanges.reverse() }
    return newView
  }

  private func mutated(_ place: BlockPlace) -> BlockPlace {
    let (view, number) = (place.view.rawValue, place.sequenceNumber.rawValue)
    switch self {
    case .viewUp: return BlockPlace(View(view + 1), place.sequenceNumber)
    case .viewDown: return BlockPlace(View(max(1, view) - 1), place.sequenceNumber)
    case .placeUp: return BlockPlace(place.view, SequenceNumber(number + 1))
    case .placeDown: return BlockPlace(place.view, SequenceNumber(max(1, number) - 1))
    case .otherBlock, .otherKind, .otherCertificate, .noCertificate, .otherState,
      .fewerViewChanges, .counterBack, .omitted:
      return place
    }
  }

  private func mutated(_ counter: UInt64) -> UInt64 {
    self == .counterBack ? max(2, counter) - 1 : counter
  }
}
