import Consensus
import Wire

extension Replica {
  /// Applies one committed entry: sessions decide whether it is new, the machine what it does.
  mutating func apply(_ entry: Committed) {
    guard unknownCommand == nil else { return }
    invariant(entry.index == lastApplied.next, "entries are applied in order, each once (S7)")
    lastApplied = entry.index
    snapshots.applied(entry)
    sessions.expire(at: entry.logTimeMicroseconds)
    switch entry.payload {
    case .noOp: break
    case .configuration(let configuration): sessions.configure(configuration)
    case .request(let request):
      guard request.kind != .write || machine.knows(request.command) else {
        unknownCommand = entry.index
        return
      }
      apply(request, of: entry)
    case .signed(let request, let client):
      apply(request, signedBy: client, at: LogPlace(of: entry))
    }
    results.close(
      entry.index,
      machineDigest: machine.resultDigest,
      sessionsCount: sessions.count
    )
  }

  /// Applies what is committed, as much as a turn may answer: a block may ask for many times its
  /// own size, and nobody need wait for it.
  mutating func applyCommitted() {
    var size = 0
    var place = unapplied.startIndex
    while place < unapplied.endIndex, size < options.answerSizeMax {
      let answered = next.orderedReplies.count
      apply(unapplied[place])
      size += next.orderedReplies[answered...].reduce(0) { $0 + $1.reply.size }
      if case .signed(let request, _) = unapplied[place].payload, request.kind == .read {
        size += options.cost(ofQuery: request.command.count)
      }
      place += 1
    }
    unapplied = unapplied[place...]
  }

  /// Answers the reads that the state has reached, as many as a turn may.
  mutating func answerReads() {
    reads.beginAnswering(at: lastApplied)
    var size = 0
    while size < options.answerSizeMax, let read = reads.next() {
      // Judged here once more, not when the read arrived: the process may have stood still since.
      if let lagMax = read.lagMaxMicroseconds, !leaderWasHeard(within: lagMax) {
        answer(read.token, .refused(.tooStale))
        continue
      }
      let bytes = machine.answer(read.query, now: now)
      size += bytes.count + options.cost(ofQuery: read.query.count)
      answer(read.token, .answer(index: lastApplied, bytes: bytes))
    }
    reads.endAnswering()
    if reads.isBehind { next.isUnfinished = true }
  }

  private mutating func apply(_ request: ClientRequest, of entry: Committed) {
    let reply = reply(to: request, at: LogPlace(of: entry))
    results.fold(reply)
    if let waiting = pending.end(request.key) {
      answer(waiting.first, reply)
      for token in waiting.others { answer(token, reply) }
    }
    _ = forwarders.take(request.key)
  }

  mutating func reply(to request: ClientRequest, at place: LogPlace) -> ReplicaReply {
    switch request.kind {
    case .read:
      // Only what is signed can be a read: all others are answered outside the log.
      return .refused(.notOfferedByAll)
    case .register:
      return sessions.register(
        nonce: request.session,
        as: place.index.rawValue,
        at: place.logTimeMicroseconds
      )
    case .close:
      sessions.close(request.session)
      return .closed
    case .seal:
      return sessions.seal(request, at: place.logTimeMicroseconds)
    case .write:
      switch sessions.admit(request, at: place.logTimeMicroseconds) {
      case .replay(let reply): return reply
      case .apply: return applyOnce(request, at: place)
      }
    }
  }

  private mutating func applyOnce(_ request: ClientRequest, at place: LogPlace) -> ReplicaReply {
    let bytes = machine.apply(request.command, at: place)
    sessions.retain(bytes, of: request, at: place.index)
    return .applied(index: place.index, bytes: bytes)
  }
}

extension LogPlace {
  /// Where and when an entry is applied.
  init(of entry: Committed) {
    self.init(
      index: entry.index,
      logTimeMicroseconds: entry.logTimeMicroseconds,
      wallMilliseconds: entry.wallMilliseconds
    )
  }
}
