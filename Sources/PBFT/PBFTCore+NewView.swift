import Consensus

/// Beginning a view: steps 1 to 6 of the check are `Authority`'s; here is what needs a log.
extension PBFTCore {
  /// Keeps a new view that holds, until its blocks are there.
  mutating func take(_ newView: NewView) {
    compare(newView)
    // What this replica is about to sign itself gives way to what it has signed once.
    let known = pendingNewView.map { $0.isUnsigned ? .zero : $0.newView } ?? .zero
    guard newView.newView > view || newView.newView == view && !isActive,
      newView.newView > known,
      authority.isValid(newView)
    else { return }
    if let fault = authority.fault(in: newView) {
      if fault != .highestDiffer { report(.badNewView(newView)) }
      return
    }
    observe(.newView(newView))
    judgeMemory(by: newView)
    for change in newView.viewChanges {
      judgeMemory(by: change)
      observe(change)
    }
    pendingNewView = newView
    beginPendingView()
  }

  /// A second new view for the view that has begun or is about to begins nothing, and is proof.
  private mutating func compare(_ newView: NewView) {
    let known = [promises.newView, pendingNewView].compactMap { $0 }
    guard known.contains(where: { $0.newView == newView.newView && $0 != newView }),
      authority.isValid(newView)
    else { return }
    observe(.newView(newView))
  }

  /// Goes as far with a pending new view as the log allows.
  mutating func beginPendingView() {
    guard let pending = pendingNewView, halt == nil else { return }
    guard pending.newView >= view, !(pending.newView == view && isActive) else {
      pendingNewView = nil
      return
    }
    let base = pending.base
    if let stable = base.stable { learn(stable) }
    guard halt == nil, pendingNewView != nil, isReached(base.header, in: pending.newView) else {
      return
    }
    begin(pending)
  }

  /// Steps 7 and 8: the base must lie on top of all that is committed here, and its blocks must be
  /// held.
  private mutating func isReached(_ base: BlockHeader, in newView: View) -> Bool {
    // Whoever holds committed blocks of this very view knows that they stand on the same base.
    guard promises.committedHeader.view < newView else { return true }
    guard base.sequenceNumber >= committed.sequenceNumber else {
      // Step 7: what committed is missing from every one of 2f+1 view changes.
      stop(.chainsDiffer(committed.sequenceNumber))
      return false
    }
    let digest = authority.digest(of: base)
    switch path(to: digest, at: base.sequenceNumber) {
    case .known(let junction):
      guard junction >= committed.sequenceNumber else {
        stop(.chainsDiffer(committed.sequenceNumber))
        return false
      }
      return true
    case .missing(let digest, let place):
      want(digest, place)
      return false
    case .foreign:
      stop(.chainsDiffer(committed.sequenceNumber))
      return false
    }
  }

  /// Step 9: persists it, and votes from then on.
  ///
  /// The primary signs only now: its counter goes with the record. What it has signed before, and
  /// hears again from others as its disk was lost, stays as it is: another one would convict it.
  private mutating func begin(_ pending: NewView) {
    var begun = pending
    if pending.isUnsigned {
      guard canVote else {
        pendingNewView = nil
        return
      }
      begun.counter = nextCounter
      begun = authority.sign(begun, by: options.signer)
    }
    persist(.newView(begun))
    if pending.isUnsigned { broadcast(.newView(begun)) }
    pendingNewView = nil
    viewChanged()
    pool.restart(without: log.blocks(above: committed.sequenceNumber).flatMap(\.block.body))
    if own != primary { forwardAll() }
  }
}

extension NewView {
  /// Whether it is this replica's own and has not left yet.
  fileprivate var isUnsigned: Bool { signature == .unsigned }
}
