import Consensus

/// What must hold of every state and of every step; checked at each call, in every build.
///
/// The ids are those of docs/byzantine.md, "The invariants".
enum PBFTInvariants {
  /// The little of a state that a step is judged by.
  struct Summary: Sendable {
    let view: View
    let isActive: Bool
    let counter: UInt64
    let votedPlace: BlockPlace
    let high: BlockPlace
    let commit: BlockPlace
    let tip: SequenceNumber
    let tipView: View
    let isTipAnchor: Bool
    let base: SequenceNumber
    let committed: SequenceNumber
    let executed: SequenceNumber
    let stable: SequenceNumber
    let highWatermark: SequenceNumber
    let durablePosition: UInt64
    let lastPosition: UInt64
    let isHighHeld: Bool
    let isHalted: Bool

    init(of core: PBFTCore) {
      let promises = core.promises
      view = promises.view
      isActive = promises.isActive
      counter = promises.counter
      votedPlace = promises.votedPlace
      high = promises.high?.header.place ?? .zero
      commit = promises.commit?.place ?? .zero
      tip = promises.log.tip.sequenceNumber
      tipView = promises.log.tip.view
      isTipAnchor = promises.log.tip.kind == .anchor
      base = promises.log.base.sequenceNumber
      committed = core.committed.sequenceNumber
      executed = core.executed
      stable = core.stableSequence
      highWatermark = core.highWatermark
      durablePosition = core.durablePosition
      lastPosition = core.lastPosition
      isHighHeld = Self.isHighHeld(promises)
      isHalted = core.halt != nil
    }

    /// Whether the bodies of the locked block and of all before it are there, or a checkpoint
    /// includes it: those that leave the chain at or below one are outranked by it.
    ///
    /// A fenced replica may have lost it, and shows its lock to nobody before a checkpoint does.
    private static func isHighHeld(_ promises: PromiseState) -> Bool {
      guard promises.fence == nil, let lock = promises.commit else { return true }
      let stable = promises.stable?.header.sequenceNumber ?? .zero
      let place = lock.place.sequenceNumber
      guard place > max(promises.log.base.sequenceNumber, stable) else { return true }
      guard case .missing(_, let lost) = promises.log.path(to: lock.digest, at: place) else {
        return true
      }
      return lost <= stable
    }
  }

  /// What holds at any moment.
  static func check(_ state: Summary) {
    invariant(state.commit == state.high, "I3: every commit has its lock")
    invariant(state.tipView <= state.view, "I5: no block is of a later view than the replica")
    invariant(state.executed <= state.committed, "I5: only what is committed is executed")
    guard !state.isHalted else { return }
    invariant(state.committed <= state.tip, "I5: the log holds what is committed")
    invariant(state.base <= state.stable, "I8: only what is stable is forgotten")
    invariant(state.isHighHeld, "I5: the bodies of what is locked are held")
    invariant(state.stable <= state.committed, "I8: what is stable is committed")
    invariant(
      state.durablePosition <= state.lastPosition,
      "I4: only records that were written are durable"
    )
  }

  /// What holds between a state and the next.
  static func check(before: Summary, after: Summary) {
    invariant(after.view >= before.view, "I2: a view never goes back")
    invariant(after.counter >= before.counter, "I2: a counter never goes back")
    invariant(after.votedPlace >= before.votedPlace, "I2: votes go up")
    invariant(after.high >= before.high, "I3: a lock is never lowered")
    if after.high > before.high {
      invariant(after.isActive && after.high.view == after.view, "I2: commits are of a begun view")
    }
    if after.votedPlace > before.votedPlace {
      let place = after.votedPlace
      invariant(after.isActive && place.view == after.view, "I2: votes are of a begun view")
      invariant(
        place.sequenceNumber <= after.highWatermark || after.isTipAnchor,
        "I8: nothing but an anchor is voted for above the window"
      )
    }
    invariant(after.committed >= before.committed, "I1: what is committed stays so")
    invariant(after.executed >= before.executed, "I7: nothing is executed again")
    invariant(after.stable >= before.stable, "I8: what is stable stays so")
    invariant(after.base >= before.base, "I8: what is forgotten stays so")
    invariant(after.durablePosition >= before.durablePosition, "I4: what is durable stays so")
  }
}
