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
  /// Who has been idle for how long.
  private var idle = IdleQueue()
  /// The same for the sessions of each client, once one with a number has registered.
  private var idleOf: [ClientNumber: IdleQueue]?
  /// No session expires before this log time.
  private var nextExpiryMicroseconds: UInt64 = .max

  /// No sessions.
  package init() {}

  /// Sessions that were read back.
  init(timeoutMicroseconds: UInt64, sessionsMax: Int, sessions: SessionTable) {
    self.timeoutMicroseconds = timeoutMicroseconds
    self.sessionsMax = sessionsMax
    self.sessions = sessions
    idle = IdleQueue(sessions.all)
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
    while let place = idle.first(in: sessions),
      logTimeMicroseconds >= sessions[place].expiry(after: timeoutMicroseconds)
    {
      end(place)
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
    if let owner, !makeShare(of: owner, at: now) { return .refused(.tooManySessions) }
    if sessions.count >= sessionsMax, !end(idle.first(in: sessions), at: now) {
      return .refused(.tooManySessions)
    }
    let session = Session(id: newID, nonce: nonce, lastUseMicroseconds: now)
    sessions.append(session)
    idByNonce[nonce] = newID
    idle.add(session, in: sessions)
    idleOf?[ClientNumber(owning: newID), default: IdleQueue()].add(session, in: sessions)
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
    if let place = sessions.find(session) { end(place) }
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

  /// Whether a client may have a further session, for which its idlest may have to end.
  private mutating func makeShare(of owner: ClientNumber, at now: UInt64) -> Bool {
    if idleOf == nil {
      idleOf = Dictionary(grouping: sessions.all) { ClientNumber(owning: $0.id) }
        .mapValues { IdleQueue($0) }
    }
    let count = idleOf?[owner]?.count ?? 0
    if count < max(1, sessionsMax / Self.shareOfOne) { return true }
    return end(idleOf?[owner]?.first(in: sessions), at: now)
  }

  /// Makes room by ending a session, unless it is in use.
  private mutating func end(_ idlest: SessionTable.Place?, at now: UInt64) -> Bool {
    guard let idlest, now >= sessions[idlest].expiry(after: Self.evictableAfterMicroseconds)
    else { return false }
    end(idlest)
    return true
  }

  private mutating func end(_ place: SessionTable.Place) {
    let ended = sessions.remove(at: place)
    idByNonce[ended.nonce] = nil
    idle.noteEnd()
    guard idleOf != nil else { return }
    let owner = ClientNumber(owning: ended.id)
    idleOf?[owner]?.noteEnd()
    if idleOf?[owner]?.count == 0 { idleOf?[owner] = nil }
  }

  private mutating func recomputeNextExpiry() {
    let timeout = timeoutMicroseconds
    nextExpiryMicroseconds =
      idle.earliestUseMicroseconds.map { Session.expiry(of: $0, after: timeout) } ?? .max
  }
}
