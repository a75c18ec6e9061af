import ClientProtocol
import Consensus
import Replication
import Wire

// What a client makes of answers, and of those that do not come.
extension SimulatedClient {
  mutating func finish(
    _ call: ClientCall,
    with reply: ReplicaReply,
    from node: Int,
    at now: UInt64,
    _ history: inout OperationHistory
  ) throws(Violation) {
    switch (call.purpose, reply) {
    case (.register, .registered(let id)):
      session = .open(id)
      nextSequence = 1
    case (.close, .closed):
      session = .none
    case (.write(let operation, _), .applied(let position, let bytes)),
      (.outcome(let operation, _), .outcome(.committed(let position, let bytes))):
      let result = try Self.decodeReply(bytes.array)
      workload.saw(result, of: history.operations[operation].question)
      history.end(operation, .applied(position, result))
    case (.outcome(let operation, _), .outcome(.neverCommitted)):
      history.end(operation, .failed)
    case (.outcome(let operation, _), .outcome(.sessionExpired)):
      forget(call.session)
      history.end(operation, .unknown)
    case (.read(let operation), .answer(let position, let bytes)):
      if case .read(let read) = call.request, position.rawValue < read.atLeastRevision {
        throw .safety(
          "R2",
          "client \(index) asked for at least \(read.atLeastRevision), got \(position)"
        )
      }
      let result = try Self.decodeAnswer(bytes)
      let question = history.operations[operation].question
      workload.saw(result, of: operation, question, from: node)
      history.end(operation, .answered(position, result))
    default:
      throw .safety("R3", "client \(index) asked for \(call.purpose) and was told \(reply)")
    }
  }

  mutating func refused(
    _ refusal: Refusal,
    _ place: Int,
    by node: Int,
    at now: UInt64,
    _ history: inout OperationHistory
  ) throws(Violation) {
    if refusal.outcome != .notApplied { calls[place].unknownAttempts += 1 }
    if takesForFinal(refusal, calls[place]) { return end(calls.remove(at: place), &history) }
    switch refusal {
    case .sessionExpired:
      if case .write(let operation, _) = calls[place].purpose { orphans.append(operation) }
      forget(calls[place].session)
      end(calls.remove(at: place), &history)
    case .sequenceSealed:
      end(calls.remove(at: place), &history)
    case .sequenceAnswered, .sequencePastWindow:
      throw .safety("R4", "client \(index) waits for \(calls[place].purpose): \(refusal)")
    case .notLeader(let hint):
      if let hint {
        leader = Int(hint.rawValue) - 1
        if !calls[place].isBound { calls[place].node = leader }
      }
      calls[place].nextAttemptAt = now + random.number(in: 1_000..<20_000)
    case .fenced where calls[place].isBound:
      end(calls.remove(at: place), &history)
    case .leadershipLost, .transferInProgress, .overloaded, .diskFull, .noLeader,
      .tooManySessions, .tooStale, .transferFailed, .deadlinePassed, .statesDiffer, .fenced,
      .changeInProgress, .leaderUnsettled, .memberUnknown,
      .memberExists, .membersOutOfBounds, .quorumWouldBeLost, .learnerBehind, .notOfferedByAll:
      calls[place].nextAttemptAt = now + random.number(in: 10_000..<60_000)
    }
  }

  /// Some clients believe a refusal that says "not applied" and do not try again (R3).
  private mutating func takesForFinal(_ refusal: Refusal, _ call: ClientCall) -> Bool {
    guard !isPatient, case .write = call.purpose, call.isCertainlyWithoutEffect else {
      return false
    }
    switch refusal {
    case .notLeader, .sequenceAnswered, .sequencePastWindow, .sequenceSealed, .sessionExpired:
      return false
    case .leadershipLost, .transferInProgress, .overloaded, .diskFull, .noLeader,
      .tooManySessions, .tooStale, .transferFailed, .deadlinePassed, .statesDiffer, .fenced,
      .changeInProgress, .leaderUnsettled, .memberUnknown,
      .memberExists, .membersOutOfBounds, .quorumWouldBeLost, .learnerBehind, .notOfferedByAll:
      return random.oneIn(3)
    }
  }

  mutating func giveUp(
    _ call: ClientCall,
    at now: UInt64,
    _ history: inout OperationHistory
  ) {
    switch call.purpose {
    case .register, .close:
      session = .none
    case .write(let operation, let sequence):
      guard random.chance(percent: 60) else { return end(call, &history) }
      _ = add(
        .outcome(operation: operation, sequence: sequence),
        in: call.session,
        .outcome(session: call.session, sequence: sequence),
        at: now
      )
    case .outcome, .read:
      end(call, &history)
    }
  }

  func end(_ call: ClientCall, _ history: inout OperationHistory) {
    switch call.purpose {
    case .register, .close: break
    case .write(let operation, _), .read(let operation):
      history.end(operation, call.isCertainlyWithoutEffect ? .failed : .unknown)
    case .outcome(let operation, _):
      history.end(operation, .unknown)
    }
  }

  /// A session is gone; the one in use may be another by now.
  private mutating func forget(_ id: UInt64) {
    if case .open(id) = session { session = .none }
  }

  private static func decodeReply(_ bytes: [UInt8]) throws(Violation) -> CommandReply {
    do {
      return try CommandReply(decoding: bytes)
    } catch {
      throw .safety("R3", "a reply that cannot be read: \(error)")
    }
  }

  private static func decodeAnswer(_ bytes: [UInt8]) throws(Violation) -> QueryReply {
    do {
      return try QueryReply(decoding: bytes)
    } catch {
      throw .safety("R3", "an answer that cannot be read: \(error)")
    }
  }
}
