import Consensus
import PBFT
import Replication

/// A state that some run must reach, or the runs prove less than they seem to.
package enum ByzantineMark: String, CaseIterable, Sendable {
  /// A replica is in a view above the first.
  case viewChanged = "view-changed"
  /// A view was given up before it began.
  case viewInVain = "view-in-vain"
  /// A block above the window waits for a checkpoint.
  case windowFull = "window-full"
  /// A state became stable.
  case stable
  /// A replica was asked to take over a state.
  case stateWanted = "state-wanted"
  /// A replica went on from another's state.
  case stateTakenOver = "state-taken-over"
  /// A snapshot of a replica's own is durable.
  case snapshotWritten = "snapshot-written"
  /// The journal gave up what a snapshot holds.
  case journalTrimmed = "journal-trimmed"
  /// A start went on from a snapshot.
  case startedFromSnapshot = "started-from-snapshot"
  /// A start made no promises until it knew what it had promised.
  case startedFenced = "started-fenced"
  /// A fence fell.
  case fencePassed = "fence-passed"
  /// A power cut took writes with it.
  case writesLostWithPower = "writes-lost-with-power"
  /// A disk forgot promises.
  case promisesForgotten = "promises-forgotten"
  /// A client was told two things of the same place, and believed f+1.
  case lieOutvoted = "lie-outvoted"
  /// A client believed 2f+1 replicas beside the order.
  case fastReadBelieved = "fast-read-believed"
  /// Replicas did not say the same beside the order, or not in time.
  case fastReadOrdered = "fast-read-ordered"
  /// f+1 replicas or more signed at the end what had become of a write.
  case receiptGathered = "receipt-gathered"
  /// A write was settled to happen never.
  case sealed = "sealed-never"
  /// A write was settled to have happened.
  case sealedCommitted = "sealed-committed"
  /// A session expired.
  case sessionExpired = "session-expired"
  /// A replica did not take an envelope.
  case envelopeRefused = "envelope-refused"
  /// A replica found two votes of one for one place.
  case foundConflictingVotes = "found-conflicting-votes"
  /// A replica found two checkpoints of one.
  case foundConflictingCheckpoints = "found-conflicting-checkpoints"
  /// A replica found one number on two statements.
  case foundSharedCounter = "found-shared-counter"
  /// A replica found a lock that was hidden.
  case foundHiddenLock = "found-hidden-lock"
  /// A replica found a vote in a view that was left.
  case foundLateVote = "found-late-vote"
  /// A replica found a new view that does not hold.
  case foundBadNewView = "found-bad-new-view"
  /// A replica found two new views for one view.
  case foundConflictingNewViews = "found-conflicting-new-views"
  /// A replica found a proposal that nobody may sign.
  case foundBadProposal = "found-bad-proposal"
  /// A replica found two commands of a client under one name.
  case foundConflictingRequests = "found-conflicting-requests"
}

/// How often each state was reached.
struct ByzantineMarks {
  private(set) var counts = [Int](repeating: 0, count: ByzantineMark.allCases.count)
  private var views: [UInt64] = Array(repeating: 0, count: 8)
  private var isFenced = Array(repeating: false, count: 8)

  mutating func reach(_ mark: ByzantineMark) {
    guard let place = ByzantineMark.allCases.firstIndex(of: mark) else { return }
    counts[place] += 1
  }

  /// Looks at a replica after its turn.
  mutating func observe(_ status: ByzantineStatus, node: Int) {
    if status.view != views[node] {
      if status.view > views[node] + 1 { reach(.viewInVain) }
      reach(.viewChanged)
      views[node] = status.view
    }
    if status.tipBlock >= status.highWatermark { reach(.windowFull) }
    if status.lowWatermark > 0 { reach(.stable) }
    if isFenced[node], !status.isFenced { reach(.fencePassed) }
    isFenced[node] = status.isFenced
  }

  mutating func reach(refused refusal: Refusal) { reach(.envelopeRefused) }

  /// A client believes this.
  mutating func reach(_ reply: ReplicaReply) {
    switch reply {
    case .outcome(.neverCommitted): reach(.sealed)
    case .outcome(.committed): reach(.sealedCommitted)
    case .refused(.sessionExpired), .outcome(.sessionExpired): reach(.sessionExpired)
    case .applied, .registered, .closed, .outcome, .answer, .objection, .transferred,
      .reconfigured, .refused:
      break
    }
  }

  mutating func reach(evidence: Evidence?) {
    switch evidence {
    case .conflictingVotes: reach(.foundConflictingVotes)
    case .conflictingCheckpoints: reach(.foundConflictingCheckpoints)
    case .sharedCounter: reach(.foundSharedCounter)
    case .hiddenLock: reach(.foundHiddenLock)
    case .voteAfterViewChange: reach(.foundLateVote)
    case .badNewView: reach(.foundBadNewView)
    case .conflictingNewViews: reach(.foundConflictingNewViews)
    case .badProposal: reach(.foundBadProposal)
    case .conflictingRequests: reach(.foundConflictingRequests)
    // Clients find these, in receipts.
    case .conflictingReceipts, nil: break
    }
  }
}
