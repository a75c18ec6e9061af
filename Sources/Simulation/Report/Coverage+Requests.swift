import ClientProtocol
import Consensus
import Raft
import Replication

// What commits, replies and the clients' history show.
extension Coverage {
  /// What a node makes of its own state has changed, or not.
  mutating func stands(
    _ standing: Divergence.Standing,
    before: Divergence.Standing,
    leads: Bool
  ) {
    reach(.fencedNodeLeads, if: standing == .fenced && leads && before != .fenced)
    guard standing != before else { return }
    reach(.nodeFenced, if: standing == .fenced)
    reach(.stateUnsettled, if: standing == .unsettled)
    reach(.stateSettled, if: standing == .sound)
  }

  /// How a replica stood before a turn.
  struct Before {
    let status: CoreStatus?
    let lastApplied: LogIndex
    let sessionsCount: Int

    init(_ process: NodeProcess) {
      status = process.lastStatus
      lastApplied = process.replica.lastApplied
      sessionsCount = process.replica.sessions.count
    }
  }

  /// A node hands out entries that nobody knew to be committed before.
  mutating func commits(_ entries: ArraySlice<Committed>, in term: Term, _ applied: AppliedLedger) {
    for entry in entries {
      if case .configuration(let configuration) = entry.payload, configuration.isJoint {
        let before = configuration.outgoing.map(\.member)
        reach(.jointCommitted)
        reach(.learnerPromoted, if: configuration.seats.contains { !before.contains($0.member) })
      }
      guard case .request(let request) = entry.payload else { continue }
      reach(.oldTermEntryCommits, if: entry.term < term)
      guard request.kind == .write, let index = applied.index(of: request.key) else { continue }
      reach(.writeTwiceInLog, if: index < entry.index)
    }
  }

  /// A node's state has gone on by a turn.
  mutating func applied(
    _ effects: Effects<RaftMessage, RaftRecord>,
    _ process: NodeProcess,
    from before: Before
  ) {
    let lastApplied = process.replica.lastApplied
    reach(.readWaitsForState, if: effects.readable.contains { $0.index > lastApplied })
    reach(
      .followerAnswersRead,
      if: !effects.readable.isEmpty && before.status?.role != .leader
    )
    // A snapshot takes sessions away that it does not have.
    guard !effects.committed.isEmpty, effects.committed.count == lastApplied - before.lastApplied
    else { return }
    let closings = effects.committed.count { entry in
      if case .request(let request) = entry.payload { request.kind == .close } else { false }
    }
    reach(.sessionExpires, if: process.replica.sessions.count < before.sessionsCount - closings)
  }

  /// A reply leaves a replica.
  mutating func replies(
    _ reply: ReplicaReply,
    _ process: NodeProcess,
    from before: Before,
    _ sessionsMax: UInt32
  ) {
    switch reply {
    case .applied(let index, _):
      reach(.retryAnsweredFromSession, if: index <= before.lastApplied)
      reach(
        .forwardedWriteAnswered,
        if: index > before.lastApplied && process.lastStatus?.role != .leader
      )
    case .registered(let session):
      // The id is an index of this turn's, so it is new; and there are no more than before.
      let wasFull = before.sessionsCount == Int(sessionsMax)
      reach(.sessionEvicted, if: wasFull && session > before.lastApplied.rawValue)
    case .outcome(.committed): reach(.outcomeWasApplied)
    case .outcome(.neverCommitted): reach(.sequenceSealed)
    case .outcome(.sessionExpired): reach(.outcomeWithoutSession)
    case .transferred: reach(.transferSucceeds)
    case .refused(let refusal): refused(refusal, wasLeader: before.status?.role == .leader)
    case .closed, .answer, .objection, .outcome(.answeredBefore): break
    case .reconfigured: reach(.membersChanged)
    }
  }

  private mutating func refused(_ refusal: Refusal, wasLeader: Bool) {
    switch refusal {
    case .leadershipLost: reach(wasLeader ? .leaderDeposedWithWrites : .forwardLosesLeader)
    case .transferInProgress: reach(.writeRefusedInTransfer)
    case .overloaded: reach(.overloaded)
    case .diskFull: reach(.diskFull)
    case .noLeader: reach(.refusedWithoutLeader)
    case .sessionExpired: reach(.deadSessionAsked)
    case .sequenceAnswered: reach(.answeredWriteArrives)
    case .sequenceSealed: reach(.sealedWriteArrives)
    case .tooManySessions: reach(.tooManySessions)
    case .tooStale: reach(.staleReadTooStale)
    case .transferFailed: reach(.transferFails)
    case .deadlinePassed: reach(.readPastDeadline)
    case .notLeader, .sequencePastWindow, .statesDiffer, .fenced, .changeInProgress,
      .leaderUnsettled, .memberUnknown,
      .memberExists, .membersOutOfBounds, .learnerBehind:
      break
    case .notOfferedByAll: reach(.commandNotOffered)
    case .quorumWouldBeLost: reach(.quorumWouldBeLost)
    }
  }

  /// The run is over.
  mutating func ends(_ history: OperationHistory, _ applied: AppliedLedger) {
    for operation in history.operations {
      switch operation.ending {
      case .unknown:
        guard let key = operation.key else { continue }
        reach(applied.index(of: key) == nil ? .unknownWasNotApplied : .unknownWasApplied)
      case .applied(_, let reply): written(operation.question, reply)
      case .answered(_, let reply): read(operation.question, reply)
      case .open, .failed: break
      }
    }
  }

  private mutating func written(_ question: ClientOperation.Question, _ reply: CommandReply) {
    guard case .command(let command) = question else { return }
    switch (command.operation, reply) {
    case (_, .failed(let failure)) where failure.code == .typeMismatch: reach(.wrongKindAsked)
    case (.delete(_, 1...), .failed), (.kvDelete(_, 1...), .failed):
      reach(.conditionalDeleteFails)
    case (_, .failed): reach(.conditionFails)
    case (.delete(_, 1...), _), (.kvDelete(_, 1...), _): reach(.conditionalDelete)
    case (.insert(nil, _), _): reach(.idMade)
    default: break
    }
  }

  private mutating func read(_ question: ClientOperation.Question, _ reply: QueryReply) {
    switch (question, reply) {
    case (_, .failed(let failure)):
      reach(.cursorExpired, if: failure.code == .cursorExpired)
      reach(.wrongKindAsked, if: failure.code == .typeMismatch)
    case (.nextPage, .page): reach(.scanContinues)
    case (.query(.count(_, let range), _), .count(1..., _)):
      reach(.rangeCounted, if: range != .all)
    case (_, .names(let names)): reach(.namesListed, if: names.count > 1)
    default: break
    }
  }
}
