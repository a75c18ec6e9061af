import Consensus

/// Leaving a view whose primary does not do its work (PBFT §4.4).
extension PBFTCore {
  /// The primary is suspected: the next view, with more patience.
  mutating func suspect() {
    growPatience()
    leave(for: view.next)
  }

  /// Enters a view that has not begun, with what this replica can show.
  ///
  /// It does so once per view, and from then on votes in no earlier one.
  mutating func leave(for newView: View) {
    guard canVote, newView > view else { return }
    let change = authority.sign(
      ViewChange(
        newView: newView,
        stable: promises.stable,
        high: promises.high,
        replica: own,
        counter: nextCounter,
        signature: .unsigned
      ),
      by: options.signer
    )
    persist(.viewChange(change))
    broadcast(.viewChange(change))
    viewChanges[own.place] = change
    viewChanged()
    judgeViewChanges()
  }

  /// The view is another one than before.
  mutating func viewChanged() {
    if votes.view != view {
      votes = VoteTable(view: view, replicasCount: members.count)
      proposals = []
    }
    if let pending = pendingNewView, pending.newView < view || isActive { pendingNewView = nil }
    timing.viewChanged(at: microseconds)
    for place in fences.indices { fences[place].viewChanged(at: microseconds) }
  }

  /// A committed block of a later view carries this replica there without a view change.
  mutating func followView() {
    if votes.view != view { viewChanged() }
  }

  /// Keeps the newest view change of each replica.
  ///
  /// One whose certificates prove nothing counts for nothing, and spoils nobody else's.
  mutating func take(_ change: ViewChange) {
    let isWanted = change.newView > view || change.newView == view && !isActive
    let known = viewChanges[change.replica.place]
    guard isWanted, change != known else { return }
    guard authority.fault(in: change, for: change.newView) == nil else { return }
    recallCommit(hiddenBy: change)
    observe(change)
    guard change.newView > known?.newView ?? .zero else { return }
    viewChanges[change.replica.place] = change
    if let stable = change.stable { learn(stable) }
    judgeViewChanges()
  }

  /// Joins, waits, or begins.
  mutating func judgeViewChanges() {
    joinOthers()
    guard canVote, !isActive else { return }
    // Whoever has gone further has left as well; without it nobody might ever lose patience.
    let left = viewChanges.count { $0.map { $0.newView >= view } ?? false }
    if left >= authority.quorum { timing.startNewViewTimer(at: microseconds) }
    let changes = viewChanges.compactMap { $0?.newView == view ? $0 : nil }
    guard changes.count >= authority.quorum, own == primary, pendingNewView == nil else { return }
    pendingNewView = NewView(
      newView: view,
      viewChanges: Array(changes.prefix(authority.quorum)),
      replica: own,
      counter: 0,
      signature: .unsigned
    )
    beginPendingView()
  }

  /// f+1 replicas have left for later views, an honest one among them: the smallest of those views
  /// is joined at once.
  ///
  /// f liars alone move nobody.
  ///
  /// A primary that leaves its own view for the next is followed by itself: it has nothing more to
  /// say. For the very next view only, so that liars cannot pass views on to each other.
  private mutating func joinOthers() {
    if isActive, viewChanges[primary.place]?.newView == view.next { leave(for: view.next) }
    let later = viewChanges.compactMap { $0 }.map(\.newView).filter { $0 > view }
    guard later.count > authority.faultsMax, let smallest = later.min() else { return }
    if canVote { growPatience() }
    leave(for: smallest)
  }
}
