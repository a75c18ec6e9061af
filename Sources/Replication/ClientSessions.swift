import Consensus
import Wire

/// The sessions of all clients: replicated state, changed only by applying entries (thesis §6.3).
///
/// Sessions stand in order of their ids. A new one's id is the index of its registration and so
/// the highest yet.
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

  /// Where clients have numbers, one of them may have this part of all sessions.
  static let shareOfOne = 8

  /// How long a session lives without a write, in log time.
  private(set) var timeoutMicroseconds: UInt64 = .max
  private(set) var sessionsMax = 10_000
  private(set) var sessions = SessionTable()
  /// Looked up only; its order means nothing.
  private var idByNonce: [UInt64: UInt64] = [:]
  /// No session expires before this log time.
  private var nextExpiryMicroseconds: UInt64 = .max

  /// No sessions.
  package init() {}

  /// Sessions that were read back.
  init(timeoutMicroseconds: UInt64, sessionsMax: Int, sessions: SessionTable) {
    self.timeoutMicroseconds = timeoutMicroseconds
    self.sessionsMax = sessionsMax
    self.sessions = sessions
    for session in sessions.all { idByNonce[session.nonce] = session.id }
    recomputeNextExpiry()
  }

  /// The number of open sessions.
  package var count: Int { sessions.count }

  /// Whether each session is found by its nonce, as `register` leaves it.
  var hasDistinctNonces: Bool { idByNonce.count == sessions.count }

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
    for session in sessions.removeAll(where: { logTimeMicroseconds >= $0.expiry(after: timeout) }) {
      idByNonce[session.nonce] = nil
    }
    recomputeNextExpiry()
  }

  /// Opens a session, or finds the one that this nonce opened before.
  ///
  /// - Parameters:
  ///   - nonce: Tells registrations apart.
  ///   - newID: What the session is called if it is new; above all that were ever given.
  ///   - now: The entry's log time in microseconds.
  ///   - owner: Whose number the id bears, if any.
  /// - Returns: The session's id, or why there is none.
  mutating func register(
    nonce: UInt64,
    as newID: UInt64,
    at now: UInt64,
    of owner: ClientNumber? = nil
  ) -> ReplicaReply {
    if let id = idByNonce[nonce], let known = sessions.find(id) {
      sessions[known].lastUseMicroseconds = now
      return .registered(session: id)
    }
    if let owner, !hasShare(owner), !evictIdlest(at: now, where: { owner.owns($0.id) }) {
      return .refused(.tooManySessions)
    }
    if sessions.count >= sessionsMax, !evictIdlest(at: now, where: { _ in true }) {
      return .refused(.tooManySessions)
    }
    let session = Session(id: newID, nonce: nonce, lastUseMicroseconds: now)
    sessions.append(session)
    idByNonce[nonce] = newID
    nextExpiryMicroseconds = min(
      nextExpiryMicroseconds,
      session.expiry(after: timeoutMicroseconds)
    )
    return .registered(session: newID)
  }

  /// Decides whether a write is new; its session counts as used either way.
  mutating func admit(_ request: ClientRequest, at logTimeMicroseconds: UInt64) -> Admission {
    guard let place = sessions.findAgain(request.session) else {
      return .replay(.refused(.sessionExpired))
    }
    if let known = sessions[place].admit(request, at: logTimeMicroseconds) { return .replay(known) }
    return .apply
  }

  /// Keeps the reply of a write that `admit` found to be new.
  mutating func retain(_ bytes: CompactBytes, of request: ClientRequest, at index: LogIndex) {
    invariant(bytes.count <= Session.replySizeMax - 16, "a reply fits its place in the session")
    guard let place = sessions.findAgain(request.session) else {
      fatalError("a session admitted for a write exists until the write is applied")
    }
    sessions[place].remember(.reply(index: index, bytes: bytes), of: request.sequence)
  }

  /// Settles a sequence for ever: what was not applied by now never will be.
  mutating func seal(_ request: ClientRequest, at logTimeMicroseconds: UInt64) -> ReplicaReply {
    guard let place = sessions.find(request.session) else { return .outcome(.sessionExpired) }
    sessions[place].lastUseMicroseconds = logTimeMicroseconds
    switch sessions[place].memory(of: request.sequence) {
    case .reply(let index, let bytes): return .outcome(.committed(index: index, bytes: bytes))
    case .sealed: return .outcome(.neverCommitted)
    case nil: break
    }
    switch sessions[place].objection(to: request.sequence) {
    case nil: break
    case .sequenceAnswered: return .outcome(.answeredBefore)
    case .some(let refusal): return .refused(refusal)
    }
    sessions[place].remember(.sealed, of: request.sequence)
    return .outcome(.neverCommitted)
  }

  /// Ends a session; ending one that is gone is no error.
  mutating func close(_ session: UInt64) {
    guard let place = sessions.find(session) else { return }
    idByNonce[sessions.remove(at: place).nonce] = nil
  }

  /// The reply of a sequence if it was decided already; asked before proposing.
  func knownReply(to request: ClientRequest) -> ReplicaReply? {
    guard let place = sessions.find(request.session) else { return nil }
    return sessions[place].reply(of: request.sequence)
  }

  /// Whether a write was applied, as far as its session tells; the session's owner may be another.
  func isSettled(_ request: ClientRequest) -> Bool {
    guard let place = sessions.find(request.session) else { return false }
    if case .applied = sessions[place].reply(of: request.sequence) { return true }
    return request.sequence <= sessions[place].answeredThrough
  }

  /// Folds everything into a digest, in order of id.
  func fold(into digest: inout StateDigest) {
    digest.fold(UInt64(sessions.count))
    for session in sessions.all { session.fold(into: &digest) }
  }

  /// Whether a client may have a further session without giving one up.
  private func hasShare(_ owner: ClientNumber) -> Bool {
    sessions.all.count { owner.owns($0.id) } < max(1, sessionsMax / Self.shareOfOne)
  }

  /// Makes room by ending the session that was idle longest of some, unless all are in use.
  private mutating func evictIdlest(at now: UInt64, where isOne: (Session) -> Bool) -> Bool {
    guard
      let idlest = sessions.all.lazy.filter(isOne)
        .min(by: { $0.lastUseMicroseconds < $1.lastUseMicroseconds }),
      now >= idlest.expiry(after: Self.evictableAfterMicroseconds)
    else { return false }
    close(idlest.id)
    return true
  }

  private mutating func recomputeNextExpiry() {
    let oldest = sessions.all.min { $0.lastUseMicroseconds < $1.lastUseMicroseconds }
    nextExpiryMicroseconds = oldest?.expiry(after: timeoutMicroseconds) ?? .max
  }
}
