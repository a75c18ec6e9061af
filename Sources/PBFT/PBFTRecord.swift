package import Consensus

/// What a replica writes to its journal; the records folded in order give all that it has ever
/// promised (see `PromiseState`).
package enum PBFTRecord: Hashable, Sendable {
  /// A proposal that this replica votes for: its own, or with its prepare.
  case accepted(PrePrepare, prepare: Vote?)
  /// A block taken over from others, without a vote.
  case adopted(Block)
  /// A block is prepared, and this replica commits it.
  case prepared(PreparedCertificate, commit: Vote)
  /// A block is committed; the log holds it. Nothing waits for this record.
  case committed(CommitCertificate)
  /// This replica has left its view.
  case viewChange(ViewChange)
  /// This replica has begun a view; its log holds the block that the view goes on from.
  case newView(NewView)
  /// This replica's word for a state.
  case checkpoint(CheckpointVote)
  /// A state is stable.
  case stable(StableCertificate)
  /// The log was given up for a stable state that this replica has not reached itself.
  case restart(StableCertificate)
  /// All that earlier records came to, but for the blocks.
  case summary(Summary)
  /// This replica has forgotten promises, or may have: it does not vote until the fence is passed.
  case fence(Fence)
  /// It votes again.
  case fencePassed(counter: UInt64)

  /// All that the records of a journal come to, but for the blocks themselves.
  package struct Summary: Hashable, Sendable {
    /// The block that the log begins behind.
    package var base: BlockHeader
    /// The newest block of the log.
    package var tip: Digest
    /// The view.
    package var view: View
    /// The highest place that this replica has prepared or proposed.
    package var votedPlace: BlockPlace
    /// The count of statements.
    package var counter: UInt64
    /// The highest prepared certificate.
    package var high: PreparedCertificate?
    /// This replica's commit of it.
    package var commit: Vote?
    /// The view change by which it entered its view.
    package var viewChange: ViewChange?
    /// The new view by which its view began.
    package var newView: NewView?
    /// What is stable.
    package var stable: StableCertificate?
    /// What is committed.
    package var committed: CommitCertificate?
    /// This replica's words for states that are not stable yet.
    package var checkpoints: [CheckpointVote]
    /// What it has forgotten.
    package var fence: Fence?
  }

  /// Whether anything may wait for it to be durable.
  ///
  /// A mark that a block is committed can be had again from the votes of others, and goes to the
  /// disk with the next record that matters: it costs no sync of its own.
  var isAwaited: Bool {
    if case .committed = self { false } else { true }
  }
}

/// What a replica that has forgotten promises waits for: nothing that it can have promised lies
/// above.
package struct Fence: Hashable, Sendable {
  /// The counter goes on above: no earlier statement had one as high.
  package var counter: UInt64
  /// A state as new as this must be stable.
  package var stable: SequenceNumber
  /// A view above this one must have begun.
  package var view: View
  /// Whether 2f+1 others have reported, so that the bounds are known.
  package var isKnown: Bool
}
