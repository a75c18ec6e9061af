import ClientProtocol
import Consensus
import Replication
import Transport
import Wire

extension ClientTraffic {
  /// A whole frame of a greeted client: a bad payload costs the request, not the connection.
  func receiveRequest(_ frame: FrameView, in bytes: [UInt8], on connection: Connection) {
    let requestID = frame.head.requestID
    do {
      let request = try Request(in: bytes, frame)
      guard mayTakeOn(request, requestID, on: connection) else { return }
      carryOut(request, frame.head, on: connection)
    } catch {
      refuse(.badRequest, "\(error)", to: requestID, on: connection)
    }
  }

  /// Hands replies of the replica to whoever waits for them.
  func answer(_ token: ReplyToken, _ reply: ReplicaReply) {
    guard let entry = tokens.take(token) else { return }
    let connection = entry.connection
    clients[connection.id]?.inFlight -= 1
    guard connection.isOpen else { return }
    if case .stream(let credit) = entry.purpose, case .answer(let index, let bytes) = reply {
      beginStream(
        ScanStream(
          connection: connection,
          requestID: entry.requestID,
          credit: credit,
          revision: index.rawValue
        ),
        firstPage: bytes
      )
      return
    }
    let (body, revision) = Self.body(of: reply)
    send(body, to: entry.requestID, on: connection, revision: revision)
  }

  /// Admission: what a client may have in flight is bounded.
  private func mayTakeOn(
    _ request: Request,
    _ requestID: UInt64,
    on connection: Connection
  ) -> Bool {
    switch request {
    case .credit, .cancel, .status, .ping: return true
    case .openSession, .closeSession, .write, .read, .outcome, .transferLeader: break
    }
    let inFlight = clients[connection.id]?.inFlight ?? 0
    guard inFlight < Limits.requestsInFlightMax else {
      refuse(
        .overloaded,
        "\(inFlight) requests of this connection are unanswered",
        to: requestID,
        on: connection,
        retryAfter: Self.retryAfterMilliseconds
      )
      return false
    }
    return true
  }

  private func carryOut(_ request: Request, _ head: FrameHead, on connection: Connection) {
    let budget = head.deadlineMilliseconds.map { UInt64($0) * 1_000 }
    if budget == 0 {
      // Nobody waits any more: expired work is dropped before it is proposed.
      refuse(
        .deadlineExceeded,
        "the deadline passed before the request was taken up",
        to: head.requestID,
        on: connection
      )
      return
    }
    switch request {
    case .openSession(let nonce):
      submit(ClientRequest(.register, session: nonce), head, connection)
    case .closeSession(let session):
      submit(ClientRequest(.close, session: session), head, connection)
    case .write(let write):
      submit(
        ClientRequest(
          .write,
          session: write.session,
          sequence: write.sequence,
          answeredThrough: write.answeredThrough,
          command: write.command
        ),
        head,
        connection
      )
    case .outcome(let session, let sequence):
      submit(ClientRequest(.seal, session: session, sequence: sequence), head, connection)
    case .read(let read):
      let purpose: TokenTable.Purpose = read.streamCredit.map { .stream(credit: Int($0)) } ?? .reply
      let deadline = loop.turnStart + (budget ?? Self.defaultDeadlineMicroseconds)
      owner.read(
        read,
        deadlineMicroseconds: deadline,
        token: wait(head, connection, purpose)
      )
    case .transferLeader(let target):
      owner.transferLeadership(
        to: target == 0 ? nil : NodeID(target),
        token: wait(head, connection)
      )
    case .credit(let frames):
      addCredit(Int(frames), to: head.requestID, of: connection)
    case .cancel:
      endStream(head.requestID, of: connection)
    case .status:
      send(.status(owner.nodeStatus()), to: head.requestID, on: connection)
    case .ping:
      send(.done, to: head.requestID, on: connection)
    }
  }

  private func submit(_ request: ClientRequest, _ head: FrameHead, _ connection: Connection) {
    owner.submit(
      request,
      mayForward: head.flags.contains(.mayForward),
      token: wait(head, connection)
    )
  }

  private func wait(
    _ head: FrameHead,
    _ connection: Connection,
    _ purpose: TokenTable.Purpose = .reply
  ) -> ReplyToken {
    clients[connection.id]?.inFlight += 1
    return tokens.add(
      TokenTable.Entry(connection: connection, requestID: head.requestID, purpose: purpose)
    )
  }

  private static func body(
    of reply: ReplicaReply
  ) -> (ClientProtocol.Reply.Body, revision: UInt64?) {
    switch reply {
    case .applied(let index, let bytes), .answer(let index, let bytes):
      (.result(bytes), index.rawValue)
    case .registered(let session): (.session(session), nil)
    case .closed, .transferred: (.done, nil)
    case .objection(let bytes): (.result(bytes), nil)
    case .refused(let refusal): (.error(refusal.error), nil)
    case .outcome(.committed(let index, let bytes)):
      (.outcome(.committed(bytes)), index.rawValue)
    case .outcome(.neverCommitted): (.outcome(.neverApplied), nil)
    case .outcome(.sessionExpired): (.outcome(.sessionExpired), nil)
    case .outcome(.answeredBefore): (.error(Refusal.sequenceAnswered.error), nil)
    }
  }
}
