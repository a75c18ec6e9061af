import ClientProtocol
import Wire

/// What collections, keys and cluster share: commands out, replies in.
extension Client {
  /// Carries out a command and gives its reply.
  func change(
    _ place: Place,
    _ operation: Command.Operation,
    _ timeout: Duration?
  ) async throws(LockstepError) -> (reply: CommandReply, answer: Answer) {
    let command = Command(place: place, operation: operation).encoded()
    guard command.count <= Limits.frameSizeMax - 1_024 else {
      throw LockstepError(.documentTooLarge, "the document has \(command.count) bytes")
    }
    let answer = try await core.perform(.write(command), timeout: timeout)
    guard case .result(let bytes) = answer.body else { throw .unexpectedAnswer }
    let reply = try CommandReply(answer: bytes)
    if case .failed(let failure) = reply {
      var error = LockstepError(failure)
      error.write = answer.write
      // It speaks for one node of an earlier build; another one may have taken an earlier copy.
      if failure.code == .unknownCommand, answer.isUncertain { error.outcome = .unknown }
      throw error
    }
    return (reply, answer)
  }

  /// Asks a question and gives its reply.
  func ask(
    _ question: Query.Question,
    _ consistency: Consistency?,
    _ timeout: Duration?
  ) async throws(LockstepError) -> (reply: QueryReply, servedBy: UInt32) {
    let query = Query(question).encoded()
    let level = wireConsistency(consistency)
    let answer = try await core.perform(.read(query, level), timeout: timeout)
    guard case .result(let bytes) = answer.body else { throw .unexpectedAnswer }
    return (try QueryReply(answer: bytes), answer.head.node)
  }

  func wireConsistency(_ consistency: Consistency?) -> ReadRequest.Consistency {
    switch consistency ?? self.consistency {
    case .linearizable: return .linearizable
    case .stale(let maxLag):
      return .stale(lagMaxMilliseconds: UInt32(clamping: maxLag.wholeMicroseconds / 1_000))
    }
  }
}

extension CommandReply {
  /// Reads a node's reply.
  init(answer bytes: [UInt8]) throws(LockstepError) {
    do {
      try self.init(decoding: bytes)
    } catch {
      throw LockstepError(.internalError, "the node sent a damaged reply: \(error)")
    }
  }
}

extension QueryReply {
  /// Reads a node's reply; one that says why there is none is thrown.
  init(answer bytes: [UInt8]) throws(LockstepError) {
    do {
      try self.init(decoding: bytes)
    } catch {
      throw LockstepError(.internalError, "the node sent a damaged reply: \(error)")
    }
    if case .failed(let failure) = self { throw LockstepError(failure) }
  }
}
