import ClientProtocol
import Consensus
import Transport
import Wire

/// Beginning and ending calls.
extension ByzantineDriver {
  func enter(_ call: Call) {
    call.isFast = options.readsFast
    call.credit = Int(Driver.streamCredit)
    calls[call.id] = call
    nextDeadline = min(nextDeadline, call.deadline)
    due.append(call)
  }

  func dispatch(_ call: Call) {
    guard !call.isFinished else { return }
    switch call.work {
    case .connect: connect(call)
    case .status(let address):
      ask(links.first { $0.node.address == address }, .status, for: call)
    case .receipt(let write, let address):
      askForReceipt(of: write, links.first { $0.node.address == address }, for: call)
    case .transferLeader(let target):
      let link = primary.ready == nil ? readyLinks.first : primary
      ask(link, .transferLeader(target: target), for: call)
    case .changeMembers:
      fail(call, LockstepError(.wrongMode, "the members of a cluster of mode bft are fixed"))
    case .openSession(let nonce):
      attach(to: nonce)
      order(ClientRequest(.register, session: nonce), for: call)
    case .closeSession(let id): order(ClientRequest(.close, session: id), for: call)
    case .outcome(let write): settle(write, for: call)
    case .write(let command): self.write(command, for: call)
    case .read, .stream: read(call)
    }
  }

  private func connect(_ call: Call) {
    guard readyLinks.count >= credentials.proofCount else {
      connecting.append(call)
      beginConnected()
      return
    }
    let head = Reply.Head(node: 0, leader: 0, leaderAddress: "", revision: 0)
    finish(call, .success(Answer(head: head, body: .done)))
  }

  /// Asks one node what it answers by itself.
  func ask(_ link: ReplicaLink?, _ request: Request, for call: Call) {
    let left = call.deadline > now ? (call.deadline - now) / 1_000 : 0
    ask(link, for: call) { writer, id in
      request.writeFrame(
        into: &writer,
        requestID: id,
        deadlineMilliseconds: UInt32(clamping: max(left, 1))
      )
    }
  }

  private func askForReceipt(of write: WriteID, _ link: ReplicaLink?, for call: Call) {
    ask(link, for: call) { writer, id in
      let head = FrameHead(kind: FrameKind.receipt.rawValue, requestID: id)
      writer.writeFrame(head) { payload in
        payload.write(write.session)
        payload.write(write.sequence)
      }
    }
  }

  private func ask(
    _ link: ReplicaLink?,
    for call: Call,
    _ write: (inout ByteWriter, _ requestID: UInt64) -> Void
  ) {
    guard let link, link.ready != nil else {
      return fail(call, link?.lastError ?? unreachable())
    }
    nextRequestID += 1
    let id = nextRequestID
    link.inFlight[id] = call
    transmit(over: link) { write(&$0, id) }
  }

  private func settle(_ write: WriteID, for call: Call) {
    let request = ClientRequest(.seal, session: write.session, sequence: write.sequence)
    guard operations[request.key] == nil else {
      // Somebody asks for it already, and one answer serves one caller.
      later.append((now + Self.tickMicroseconds, call))
      return
    }
    attach(to: write.session)
    order(request, for: call)
  }

  private func write(_ command: [UInt8], for call: Call) {
    guard command.count <= Limits.commandSizeMax else {
      let message = "the command has \(command.count) bytes; \(Limits.commandSizeMax) is the most"
      return fail(call, LockstepError(.documentTooLarge, message))
    }
    waitingWrites.append(call, leavingOut: \.isFinished)
    releaseWrites()
  }

  private func read(_ call: Call) {
    if case .read(let query, _) = call.work, call.isFast, readFast(query, for: call) { return }
    waitingReads.append(call, leavingOut: \.isFinished)
    releaseReads()
  }

  func forget(_ call: Call) {
    closeCursor(of: call)
    letGoOfWords(of: call)
    if let operation = call.operation { drop(operation) }
    if call.isFast { fastReads[call.requestID] = nil }
    for link in links {
      if let id = link.inFlight.first(where: { $0.value === call })?.key { link.inFlight[id] = nil }
    }
  }

  /// What nobody asks about any more need not be listened for on the next connections.
  private func letGoOfWords(of call: Call) {
    switch call.work {
    case .openSession(let nonce): words.removeAll { $0 == nonce }
    case .outcome(let write) where write.session != session?.id:
      let isWanted = calls.values.contains { other in
        if other !== call, case .outcome(let same) = other.work {
          same.session == write.session
        } else {
          false
        }
      }
      if !isWanted { words.removeAll { $0 == write.session } }
    default: break
    }
  }

  func cancel(_ id: UInt64) {
    guard let call = calls[id] else { return }
    if isUnderWay(call) { call.isUncertain = true }
    fail(call, LockstepError(.cancelled, "the call was cancelled", outcome: .notApplied))
  }

  /// Whether a node may have it, and nothing was decided.
  private func isUnderWay(_ call: Call) -> Bool {
    call.operation?.wasSent == true
      || links.contains { $0.inFlight.values.contains { $0 === call } }
  }

  func deadlineError(of call: Call) -> LockstepError {
    let isUnderWay = isUnderWay(call)
    if isUnderWay, call.work.changesState { call.isUncertain = true }
    let operation = call.operation ?? opener?.operation
    let heard = operation?.votes.heardCount ?? 0
    // Of fewer, one that lies and one that tells the truth may be all who had the time.
    if let operation, heard >= credentials.quorum { return disagreement(operation) }
    if heard == 0, readyLinks.count < credentials.proofCount, !call.isUncertain {
      return unreachable()
    }
    let waited = "within \(call.timeoutMicroseconds / 1_000) ms"
    let last = (call.lastRefusal ?? opener?.lastRefusal).map { "; a node's word: \($0.message)" }
    let outcome: RequestOutcome = call.isUncertain ? .unknown : .notApplied
    guard operation != nil else {
      return LockstepError(
        .deadlineExceeded,
        "no answer \(waited)\(last ?? "")",
        outcome: outcome
      )
    }
    let message =
      "\(heard) of \(links.count) nodes answered \(waited), and equal answers of "
      + "\(credentials.proofCount) are needed\(last ?? "")"
    return LockstepError(.tooFewAnswers, message, outcome: outcome)
  }

  /// So many nodes answered that f+1 of them are honest, and they do not say the same.
  func disagreement(_ operation: OrderedOperation) -> LockstepError {
    let message =
      "\(operation.votes.heardCount) of \(links.count) nodes answered, and no "
      + "\(credentials.proofCount) of them alike"
    return LockstepError(.nodesDisagree, message, outcome: .unknown)
  }
}
