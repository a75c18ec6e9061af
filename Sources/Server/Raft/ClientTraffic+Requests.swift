import ClientProtocol
import Consensus
import Replication
import Transport
import Wire

extension ClientTraffic {
  /// A request that names no deadline is waited for this long, in microseconds.
  private static let defaultDeadlineMicroseconds: UInt64 = 30_000_000
  /// Nobody is waited for longer, in microseconds.
  private static let deadlineMaxMicroseconds: UInt64 = 60_000_000
  /// No query that means anything is larger.
  private static let querySizeMax = 8 << 10
  /// What a waiting request occupies besides its own bytes, roughly.
  private static let requestOverhead = 128

  /// A whole frame of a greeted client: a bad payload costs the request, not the connection.
  func receiveRequest(_ frame: FrameView, in bytes: [UInt8], of client: ClientState) {
    let requestID = frame.head.requestID
    do {
      let request = try Request(in: bytes, frame)
      if let objection = objection(to: request, size: frame.payload.count, of: client) {
        port.refuse(
          objection.code,
          objection.message,
          to: requestID,
          of: client,
          retryAfter: objection.code == .overloaded ? Self.retryAfterMilliseconds : 0
        )
        return
      }
      carryOut(request, frame, of: client)
    } catch {
      port.refuse(.badRequest, "\(error)", to: requestID, of: client)
    }
  }

  /// Hands replies of the replica to whoever waits for them.
  ///
  /// Results to one client that follow one another are sent in one piece, as the requests came in
  /// one: what a sending costs is paid once for them all.
  func answer(_ replies: [AddressedReply]) {
    guard !replies.isEmpty else { return }
    var piece = ReplyPiece(head: owner.replyHead(), writer: port.takeWriter())
    for addressed in replies {
      guard let entry = tokens.take(addressed.token) else {
        letGo(of: addressed.reply)
        continue
      }
      if piece.client !== entry.client || piece.isFull {
        port.send(piece)
        piece.begin(for: entry.client)
      }
      answer(entry, addressed.reply, &piece)
    }
    port.send(piece)
    port.giveBack(piece.writer)
  }

  private func answer(
    _ entry: TokenTable.Entry,
    _ reply: ReplicaReply,
    _ piece: inout ReplyPiece
  ) {
    let client = entry.client
    if case .stream(let credit) = entry.purpose {
      answerStream(reply, to: entry.requestID, of: client, credit: credit)
      return
    }
    if case .answer(_, let bytes) = reply {
      guard port.hasOutRoom(for: client) else {
        letGo(of: reply)
        guard let cursor = entry.askedCursor, cursor != 0 else {
          return refuseForRoom(entry.requestID, of: client)
        }
        // The page was taken, and cannot be had again.
        forgetScan(cursor, of: client)
        let message = "too many bytes wait to be taken for this page, and its scan is over"
        return port.refuse(.cursorExpired, message, to: entry.requestID, of: client)
      }
      if let cursor = entry.askedCursor, let objection = note(bytes, after: cursor, of: client) {
        letGo(of: reply)
        return refuseForNow(objection, entry.requestID, of: client)
      }
    }
    switch reply {
    case .applied(let index, let bytes):
      piece.add(bytes, to: entry.requestID, revision: index.rawValue)
    case .answer(let index, let bytes):
      piece.add(bytes, to: entry.requestID, revision: index.rawValue)
    case .registered, .closed, .transferred, .reconfigured, .objection, .refused, .outcome:
      let (body, revision) = body(of: reply)
      port.send(body, to: entry.requestID, of: client, revision: revision)
    }
  }

  private func answerStream(
    _ reply: ReplicaReply,
    to requestID: UInt64,
    of client: ClientState,
    credit: Int
  ) {
    guard case .answer(let index, let bytes) = reply else {
      streamEnded(of: client)
      port.send(body(of: reply).0, to: requestID, of: client)
      return
    }
    guard port.hasOutRoom(for: client) else {
      streamEnded(of: client)
      letGo(of: reply)
      refuseForRoom(requestID, of: client)
      return
    }
    let stream = ScanStream(
      client: client,
      requestID: requestID,
      revision: index.rawValue,
      deadline: loop.turnStart + Limits.cursorLifeMicroseconds,
      credit: credit
    )
    beginStream(stream, firstPage: bytes)
  }

  private func refuseForRoom(_ requestID: UInt64, of client: ClientState) {
    refuseForNow("too many bytes wait to be taken by clients", requestID, of: client)
  }

  private func refuseForNow(_ message: String, _ requestID: UInt64, of client: ClientState) {
    port.refuse(
      .overloaded,
      message,
      to: requestID,
      of: client,
      retryAfter: Self.retryAfterMilliseconds
    )
  }

  /// An answer that nobody hears may hold the frozen state of a scan.
  private func letGo(of reply: ReplicaReply) {
    guard case .answer(_, let bytes) = reply else { return }
    let cursor = QueryReply.cursor(ofEncoded: bytes)
    if cursor != 0 { close(cursor: cursor) }
  }

  /// Admission: what clients may have in flight is bounded, in number and in bytes.
  private func objection(
    to request: Request,
    size: Int,
    of client: ClientState
  ) -> (code: ErrorCode, message: String)? {
    switch request {
    case .credit, .cancel, .status, .ping: return nil
    case .openSession, .closeSession, .write, .outcome, .transferLeader, .changeMembers: break
    case .read(let read):
      if read.query.count > Self.querySizeMax {
        return (.tooLarge, "a query of \(read.query.count) bytes is over \(Self.querySizeMax)")
      }
      if client.readsCount >= limits.readsPerClientMax {
        return (.overloaded, "\(client.readsCount) reads of this connection are unanswered")
      }
      guard read.streamCredit != nil || Query.beginsScan(encoded: read.query) else { break }
      if let objection = objectionToScan(of: client) { return (.overloaded, objection) }
    }
    if client.inFlight >= limits.requestsPerConnectionMax {
      return (.overloaded, "\(client.inFlight) requests of this connection are unanswered")
    }
    if client.inFlight > 0, client.pendingBytes + size > limits.pendingPerConnectionSizeMax {
      return (.overloaded, "\(client.pendingBytes) bytes of this connection's requests wait")
    }
    if tokens.size > 0, tokens.size + size > limits.pendingSizeMax {
      return (.overloaded, "\(tokens.size) bytes of requests wait at this node")
    }
    return nil
  }

  private func carryOut(_ request: Request, _ frame: FrameView, of client: ClientState) {
    let head = frame.head
    switch request {
    // Nobody waits for an answer to these, however long they may have lain unread.
    case .credit(let frames): return addCredit(Int(frames), to: head.requestID, of: client)
    case .cancel: return cancel(head.requestID, of: client)
    default: break
    }
    guard let deadline = deadline(of: head) else {
      // Nobody waits any more: expired work is dropped before it is proposed.
      return port.refuse(
        .deadlineExceeded,
        "the deadline passed before the request was taken up",
        to: head.requestID,
        of: client
      )
    }
    carryOut(request, until: deadline, frame, of: client)
  }

  private func carryOut(
    _ request: Request,
    until deadline: UInt64,
    _ frame: FrameView,
    of client: ClientState
  ) {
    let head = frame.head
    switch request {
    case .openSession(let nonce):
      submit(ClientRequest(.register, session: nonce), frame, client)
    case .closeSession(let session):
      submit(ClientRequest(.close, session: session), frame, client)
    case .write(let write):
      submit(
        ClientRequest(
          .write,
          session: write.session,
          sequence: write.sequence,
          answeredThrough: write.answeredThrough,
          command: write.command
        ),
        frame,
        client
      )
    case .outcome(let session, let sequence):
      submit(ClientRequest(.seal, session: session, sequence: sequence), frame, client)
    case .read(let read):
      let token = wait(frame, client, purpose(of: read, client))
      owner.read(read, deadlineMicroseconds: deadline, token: token)
    case .transferLeader(let target):
      let target = target == 0 ? nil : NodeID(target)
      if let objection = target.flatMap(owner.objection(toTransferTo:)) {
        port.refuse(objection.code, objection.message, to: head.requestID, of: client)
      } else {
        owner.transferLeadership(to: target, token: wait(frame, client))
      }
    case .changeMembers(let change):
      owner.changeMembers(change, token: wait(frame, client))
    // These were done before a deadline was asked for.
    case .credit, .cancel: break
    case .status:
      port.send(.status(owner.nodeStatus()), to: head.requestID, of: client)
    case .ping:
      port.send(.done, to: head.requestID, of: client)
    }
  }

  /// Until when somebody waits for an answer; nil if nobody does any more.
  ///
  /// It counts from arrival.
  private func deadline(of head: FrameHead) -> UInt64? {
    let budget = head.deadlineMilliseconds.map { UInt64($0) * 1_000 }
    let wait = min(budget ?? Self.defaultDeadlineMicroseconds, Self.deadlineMaxMicroseconds)
    let deadline = port.arrival.came + wait
    return wait > 0 && deadline > port.arrival.now ? deadline : nil
  }

  private func purpose(of read: ReadRequest, _ client: ClientState) -> TokenTable.Purpose {
    guard let credit = read.streamCredit else {
      return Query.beginsScan(encoded: read.query)
        ? .scan : .read(cursor: Query.cursor(ofEncoded: read.query))
    }
    client.streamsCount += 1
    streamsCount += 1
    return .stream(credit: max(1, Int(credit)))
  }

  /// The client wants neither the answer nor the rest of the stream.
  private func cancel(_ requestID: UInt64, of client: ClientState) {
    endStream(requestID, of: client)
    guard let (token, entry) = tokens.take(requestID, of: client) else { return }
    if case .stream = entry.purpose { streamEnded(of: client) }
    owner.abandon([token])
  }

  private func submit(_ request: ClientRequest, _ frame: FrameView, _ client: ClientState) {
    let mayForward = frame.head.flags.contains(.mayForward)
    owner.submit(request, mayForward: mayForward, token: wait(frame, client))
  }

  private func wait(
    _ frame: FrameView,
    _ client: ClientState,
    _ purpose: TokenTable.Purpose = .reply
  ) -> ReplyToken {
    tokens.add(
      TokenTable.Entry(
        client: client,
        requestID: frame.head.requestID,
        purpose: purpose,
        size: frame.payload.count + Self.requestOverhead
      )
    )
  }

  private func body(
    of reply: ReplicaReply
  ) -> (Reply.Body, revision: UInt64?) {
    switch reply {
    case .applied(let index, let bytes): (.result(bytes.array), index.rawValue)
    case .answer(let index, let bytes): (.result(bytes), index.rawValue)
    case .registered(let session): (.session(session), nil)
    case .closed, .transferred, .reconfigured: (.done, nil)
    case .objection(let bytes): (.result(bytes), nil)
    case .refused(let refusal): (.error(owner.explain(refusal)), nil)
    case .outcome(.committed(let index, let bytes)):
      (.outcome(.committed(bytes.array)), index.rawValue)
    case .outcome(.neverCommitted): (.outcome(.neverApplied), nil)
    case .outcome(.sessionExpired): (.outcome(.sessionExpired), nil)
    case .outcome(.answeredBefore): (.error(.forgotten), nil)
    }
  }
}
