import Consensus

/// The sessions of all clients: replicated state, changed only by applying entries (thesis §6.3).
///
/// Sessions stand in order of their ids. A new one's id is the index of its registration and so
/// the highest yet; order and copies cost nothing.
package struct ClientSessions: Sendable {
  /// What a write's entry has to do.
  enum Admission: Equatable {
    /// It is new: apply it, then `retain` its reply.
    case apply
    /// It was decided before; this is the reply.
    case replay(ReplicaReply)
  }

  /// A session idle for less log time than this is never ended to make room for another.
  static let evictableAfterMicroseconds: UInt64 = 60 * 1_000_000

  /// How long a session lives without a write, in log time.
  private var timeoutMicroseconds: UInt64 = .max
  private var sessionsMax = 10_000
  private var sessions: [Session] = []
  /// Looked up only; its order means nothing.
  private var idByNonce: [UInt64: UInt64] = [:]
  /// No session expires before this log time.
  private var nextExpiryMicroseconds: UInt64 = .max

  /// No sessions.
  package init() {}

  /// The number of open sessions.
  package var count: Int { sessions.count }

  /// Takes over the settings that all members agreed on.
  mutating func configure(_ configuration: ClusterConfiguration) {
    timeoutMicroseconds = configuration.sessionTimeoutMicroseconds
    sessionsMax = Int(configuration.sessionsMax)
    recomputeNextExpiry()
  }

  /// Ends every session that was not used for its time, as of the log time of an entry.
  mutating func expire(at logTimeMicroseconds: UInt64) {
    guard logTimeMicroseconds >= nextExpiryMicroseconds else { return }
    let timeout = timeoutMicroseconds
    removeSessions { logTimeMicroseconds >= $0.expiry(after: timeout) }
    recomputeNextExpiry()
  }

  /// Opens a session, or finds the one that this nonce opened before.
  mutating func register(nonce: UInt64, at place: LogPlace) -> ReplicaReply {
    let now = place.logTimeMicroseconds
    if let id = idByNonce[nonce], let slot = slot(of: id) {
      sessions[slot].lastUseMicroseconds = now
      return .registered(session: id)
    }
    if sessions.count >= sessionsMax, !evictIdlest(at: now) {
      return .refused(.tooManySessions)
    }
    let id = place.index.rawValue
    invariant(id > sessions.last?.id ?? 0, "a session's id is the newest index")
    sessions.append(Session(id: id, nonce: nonce, lastUseMicroseconds: now))
    idByNonce[nonce] = id
    nextExpiryMicroseconds = min(
      nextExpiryMicroseconds,
      sessions[sessions.count - 1].expiry(after: timeoutMicroseconds)
    )
    return .registered(session: id)
  }

  /// Decides whether a write is new; its session counts as used either way.
  mutating func admit(_ request: ClientRequest, at logTimeMicroseconds: UInt64) -> Admission {
    guard let slot = slot(of: request.session) else {
      return .replay(.refused(.sessionExpired))
    }
    if let known = sessions[slot].admit(request, at: logTimeMicroseconds) { return .replay(known) }
    return .apply
  }

  /// Keeps the reply of a write that `admit` found to be new.
  mutating func retain(_ bytes: [UInt8], of request: ClientRequest, at index: LogIndex) {
    invariant(bytes.count <= Session.replySizeMax - 16, "a reply fits its place in the session")
    guard let slot = slot(of: request.session) else {
      fatalError("a session admitted for a write exists until the write is applied")
    }
    sessions[slot].remember(.reply(index: index, bytes: bytes), of: request.sequence)
  }

  /// Settles a sequence for ever: what was not applied by now never will be.
  mutating func seal(_ request: ClientRequest, at logTimeMicroseconds: UInt64) -> ReplicaReply {
    guard let slot = slot(of: request.session) else { return .outcome(.sessionExpired) }
    sessions[slot].lastUseMicroseconds = logTimeMicroseconds
    switch sessions[slot].memory(of: request.sequence) {
    case .reply(let index, let bytes): return .outcome(.committed(index: index, bytes: bytes))
    case .sealed: return .outcome(.neverCommitted)
    case nil: break
    }
    switch sessions[slot].objection(to: request.sequence) {
    case nil: break
    case .sequenceAnswered: return .outcome(.answeredBefore)
    case .some(let refusal): return .refused(refusal)
    }
    sessions[slot].remember(.sealed, of: request.sequence)
    return .outcome(.neverCommitted)
  }

  /// Ends a session; ending one that is gone is no error.
  mutating func close(_ session: UInt64) {
    removeSessions { $0.id == session }
  }

  /// The reply of a sequence if it was decided already; asked before proposing.
  func knownReply(to request: ClientRequest) -> ReplicaReply? {
    guard let slot = slot(of: request.session) else { return nil }
    return sessions[slot].reply(of: request.sequence)
  }

  /// Folds everything into a digest, in order of id.
  func fold(into digest: inout StateDigest) {
    digest.fold(UInt64(sessions.count))
    for session in sessions { session.fold(into: &digest) }
  }

  /// Makes room by ending the session that was idle longest, unless all are in use.
  private mutating func evictIdlest(at now: UInt64) -> Bool {
    guard
      let idlest = sessions.min(by: { $0.lastUseMicroseconds < $1.lastUseMicroseconds }),
      now - idlest.lastUseMicroseconds >= Self.evictableAfterMicroseconds
    else { return false }
    close(idlest.id)
    return true
  }

  private mutating func removeSessions(where isGone: (Session) -> Bool) {
    for session in sessions where isGone(session) { idByNonce[session.nonce] = nil }
    sessions.removeAll(where: isGone)
  }

  private mutating func recomputeNextExpiry() {
    let oldest = sessions.min { $0.lastUseMicroseconds < $1.lastUseMicroseconds }
    nextExpiryMicroseconds = oldest?.expiry(after: timeoutMicroseconds) ?? .max
  }

  /// Binary search by id.
  private func slot(of id: UInt64) -> Int? {
    var low = 0
    var high = sessions.count
    while low < high {
      let middle = (low + high) / 2
      if sessions[middle].id < id { low = middle + 1 } else { high = middle }
    }
    return low < sessions.count && sessions[low].id == id ? low : nil
  }
}
