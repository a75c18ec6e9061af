import Consensus

/// A replica that has forgotten promises, or may have, makes none until nothing it can have
/// promised matters any more. It counts towards f meanwhile (docs/byzantine.md, "Fences").
extension PBFTCore {
  /// Another replica has seen a statement of this one's that it does not remember: its disk was put
  /// back.
  mutating func judgeMemory(by statement: some ReplicaSigned) {
    guard statement.replica == own, statement.counter > promises.counter, promises.fence == nil,
      authority.isValid(statement)
    else { return }
    raiseFence(above: statement.counter)
  }

  /// The own lock, whose block may be lost, lies below the bound, too.
  mutating func raiseFence(above counter: UInt64) {
    let newest = max(stableSequence, promises.high?.header.sequenceNumber ?? .zero)
    persist(
      .fence(
        Fence(
          counter: Self.nextEpoch(
            above: max(counter, promises.counter, promises.fence?.counter ?? 0)
          ),
          stable: newest + 2 * options.windowSize,
          view: view,
          isKnown: false
        )
      )
    )
    fenceReports = Array(repeating: nil, count: members.count)
  }

  /// Counters go on in steps of 2^32: no forgotten statement has one as high.
  private static func nextEpoch(above counter: UInt64) -> UInt64 { ((counter >> 32) + 1) << 32 }

  /// The number of this start's question, so that old answers do not count.
  private var fenceNonce: UInt64 { identity.boot << 32 | lastRaise }
  private var lastRaise: UInt64 { (promises.fence?.counter ?? 0) >> 32 }

  mutating func askFenceIfUnknown() {
    guard let fence = promises.fence, !fence.isKnown else { return }
    broadcast(.askFence(nonce: fenceNonce))
  }

  /// Votes again when the bounds are passed.
  mutating func judgeFence() {
    guard halt == nil, let fence = promises.fence, fence.isKnown, stableSequence >= fence.stable,
      view > fence.view, isActive
    else { return }
    persist(.fencePassed(counter: fence.counter))
  }

  /// Takes note of whether another replica is fenced, and near enough to vote again otherwise.
  mutating func noteFence(of replica: ReplicaNumber, standing status: Status) {
    let isCurrent =
      status.view == view && status.isActive && status.committed >= stableSequence
    fences[replica.place].note(status.isFenced, isCurrent: isCurrent, at: microseconds)
  }

  /// Tells what is held of another's statements.
  mutating func report(to replica: ReplicaNumber, nonce: UInt64) {
    guard budgets[replica.place].spend(8 << 10, at: microseconds) else { return }
    let report = FenceReport(
      nonce: nonce,
      view: view,
      stable: promises.stable,
      newest: newestVotes[replica.place],
      viewChange: viewChanges[replica.place]
    )
    send(.fenceReport(report), to: replica)
  }

  /// 2f+1 reports bound what was forgotten.
  ///
  /// A liar cannot raise the state that is waited for, which is certified; it can raise the view,
  /// and so keep this replica waiting.
  mutating func take(_ report: FenceReport, from replica: ReplicaNumber) {
    guard let fence = promises.fence, !fence.isKnown, report.nonce == fenceNonce,
      report.stable.map({ authority.isValid($0) }) ?? true
    else { return }
    fenceReports[replica.place] = report
    let reports = fenceReports.compactMap { $0 }
    guard reports.count >= authority.quorum else { return }
    let shown = reports.compactMap(\.newest).filter { $0.replica == own && authority.isValid($0) }
    let left = reports.compactMap(\.viewChange).filter {
      $0.replica == own && authority.isValid($0)
    }
    let counters = shown.map(\.counter) + left.map(\.counter) + [fence.counter - 1]
    let stable = reports.compactMap { $0.stable?.header.sequenceNumber } + [stableSequence]
    let views = reports.map(\.view) + left.map(\.newView) + [view, fence.view]
    persist(
      .fence(
        Fence(
          counter: Self.nextEpoch(above: counters.max() ?? 0),
          stable: max((stable.max() ?? .zero) + 2 * options.windowSize, fence.stable),
          view: views.max() ?? view,
          isKnown: true
        )
      )
    )
  }
}
