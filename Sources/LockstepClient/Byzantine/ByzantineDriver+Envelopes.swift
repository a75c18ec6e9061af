import ClientProtocol
import Consensus
import Wire

/// Requests on their way: packed, signed, sent, and sent again.
extension ByzantineDriver {
  /// An envelope takes no further request once its commands have so many bytes.
  private static let envelopeSizeAim = 256 << 10
  /// How long a primary that let us wait is not asked alone.
  private static let doubtMicroseconds: UInt64 = 5_000_000
  /// A node that has too much to do is left alone for at least so long.
  private static let overloadMicroseconds: UInt64 = 20_000

  /// Puts a request into the next envelope.
  func order(_ request: ClientRequest, for call: Call?) {
    let operation = OrderedOperation(request, for: call)
    call?.operation = operation
    operations[request.key] = operation
    unsent.append(operation)
  }

  /// Packs and sends what waits.
  func sendUnsent() {
    guard !isAttaching else { return }
    while !unsent.isEmpty, envelopes.count < envelopesMax, hasRoom {
      var batch: [OrderedOperation] = []
      var size = 0
      while let operation = unsent.first, batch.count < options.envelopeMax {
        // Those that were given up meanwhile are left out.
        guard operations[operation.request.key] === operation else {
          unsent.removeFirst()
          continue
        }
        size += operation.request.command.count
        guard batch.isEmpty || size <= Self.envelopeSizeAim else { break }
        batch.append(operation)
        unsent.removeFirst()
      }
      guard !batch.isEmpty else { return }
      sent.envelopes += 1
      sent.operations += batch.count
      send(batch, tries: 0)
    }
  }

  private func send(_ batch: [OrderedOperation], tries: Int) {
    let requests = batch.map { operation in
      var request = operation.request
      if request.kind == .write { request.answeredThrough = answeredThrough(in: request.session) }
      return request
    }
    nextRequestID += 1
    let head = FrameHead(kind: FrameKind.envelope.rawValue, requestID: nextRequestID)
    var writer = ByteWriter(capacity: 512)
    let sealed = credentials.seal(requests)
    writer.writeFrame(head) { $0.write(sealed) }
    let envelope = SentEnvelope(nextRequestID, writer.finish(), batch, at: now)
    envelope.tries = tries
    envelopes[envelope.id] = envelope
    for operation in batch { operation.envelope = envelope }
    transmit(envelope)
  }

  /// Whether the primary is there, and may be asked alone.
  private var isPrimaryTrusted: Bool {
    primary.ready != nil && (doubt.map { $0.view != view || $0.until <= now } ?? true)
  }

  /// Whether another envelope can go now.
  ///
  /// A primary that takes no more is waited for while something is under way, which tells in time
  /// whether it answers.
  private var hasRoom: Bool {
    isPrimaryTrusted && !envelopes.isEmpty
      ? primary.hasRoom : readyLinks.contains(where: \.hasRoom)
  }

  /// Sends an envelope to the primary alone the first time, to all after that.
  private func transmit(_ envelope: SentEnvelope) {
    let isFirst = envelope.tries == 0
    envelope.tries += 1
    envelope.sentLastAt = now
    deliver(envelope, toPrimaryAlone: isFirst && isPrimaryTrusted && primary.hasRoom)
  }

  private func deliver(_ envelope: SentEnvelope, toPrimaryAlone isForPrimary: Bool) {
    let isFirst = envelope.askedNodes.isEmpty
    envelope.dueAt = nil
    for operation in envelope.operations where operation.envelope === envelope {
      operation.wasSent = true
      guard !isFirst, let call = operation.call else { continue }
      resent += 1
      if call.work.changesState { call.isUncertain = true }
      call.retries += 1
      emit(.retrying(requestID: call.id, code: call.lastRefusal?.code, attempt: call.retries))
    }
    // Who has no room now is sent what waits for an answer again. A node tells a few connections
    // of each session, and may have let this one go for others.
    let isAgain = !isFirst || envelope.tries > 1
    let words = isAgain ? Set(envelope.operations.map(\.request.session)).sorted() : []
    for link in isForPrimary ? [primary] : readyLinks where link.hasRoom {
      envelope.askedNodes.insert(link.node.id)
      for word in words { attach(link, to: word) }
      transmit(over: link) { $0.writeRaw(envelope.frame) }
    }
  }

  /// Sends what has waited too long.
  ///
  /// The second time it is the same envelope, which whoever has it already passes over. After that
  /// reads get new numbers: one that was ordered, and whose answers were lost, is remembered by
  /// nobody.
  func sendAgain() {
    for id in envelopes.keys.sorted() {
      guard let envelope = envelopes[id], readyLinks.contains(where: \.hasRoom) else { continue }
      guard isLate(envelope) else {
        if let due = envelope.dueAt, due <= now { sendRefused(envelope) }
        continue
      }
      doubt = (view, now + Self.doubtMicroseconds)
      if envelope.tries < 2 {
        transmit(envelope)
      } else {
        orderAnew(envelope)
      }
    }
  }

  /// Sends the very envelope again that a node would not take.
  ///
  /// That node may lie: nothing else follows from its word, least of all that what the others
  /// answer meanwhile no longer counts.
  private func sendRefused(_ envelope: SentEnvelope) {
    doubt = (view, now + Self.doubtMicroseconds)
    envelope.repeats += 1
    deliver(envelope, toPrimaryAlone: false)
  }

  /// Whether an envelope has waited for too long.
  ///
  /// An honest primary takes a client's envelopes in turn: as long as earlier ones are answered,
  /// a later one is not late, however many there are. To send it again would only add to what
  /// keeps the nodes busy.
  private func isLate(_ envelope: SentEnvelope) -> Bool {
    let isOvertaken = envelope.id <= answered.id
    let since = isOvertaken ? envelope.sentLastAt : max(envelope.sentLastAt, answered.at)
    return since + responseTime.patience(tries: envelope.tries - 1) <= now
  }

  private func orderAnew(_ envelope: SentEnvelope) {
    envelopes[envelope.id] = nil
    var open: [OrderedOperation] = []
    for operation in envelope.operations where operation.envelope === envelope {
      guard operation.call != nil else {
        // Nobody waits, and nothing depends on it.
        drop(operation)
        continue
      }
      if operation.request.kind == .read { renumber(operation) }
      open.append(operation)
    }
    if !open.isEmpty { send(open, tries: envelope.tries) }
  }

  private func renumber(_ operation: OrderedOperation) {
    operations[operation.request.key] = nil
    lastReadNumber += 1
    operation.request.sequence = lastReadNumber
    operation.votes = ReplyVotes()
    operations[operation.request.key] = operation
  }

  /// Nothing more is to be heard of an operation.
  func drop(_ operation: OrderedOperation) {
    guard operations[operation.request.key] === operation else { return }
    operations[operation.request.key] = nil
    operation.call?.operation = nil
    if operation.request.kind == .read {
      readsInFlight -= 1
      releaseReads()
    }
    guard let envelope = operation.envelope else { return }
    operation.envelope = nil
    if !envelope.operations.contains(where: { $0.envelope === envelope }) {
      envelopes[envelope.id] = nil
    }
  }

  /// A node will not take an envelope: its word alone, nothing that was decided.
  ///
  /// What f+1 nodes refuse for a reason that stays, no honest node will order.
  func refused(_ envelope: SentEnvelope, _ refused: Reply.Refused, by link: ReplicaLink) {
    guard envelope.askedNodes.contains(link.node.id) else { return }
    let error = LockstepError(refused.code, "\(link.node.address): \(refused.message)")
    let open = envelope.operations.filter { $0.envelope === envelope }
    for operation in open { operation.call?.lastRefusal = error }
    guard !refused.code.isRetryable else {
      let hint = UInt64(refused.retryAfterMilliseconds) * 1_000
      let least = Self.overloadMicroseconds << UInt64(min(envelope.repeats, 6))
      envelope.dueAt = min(envelope.dueAt ?? .max, now + max(hint, least))
      return
    }
    if !envelope.refusedBy.contains(link.node.id) { envelope.refusedBy.append(link.node.id) }
    if envelope.refusedBy.count >= credentials.proofCount {
      for operation in open {
        if let call = operation.call { fail(call, error) } else { drop(operation) }
      }
    } else if envelope.tries + envelope.repeats < 2 {
      envelope.dueAt = now
    }
  }
}
