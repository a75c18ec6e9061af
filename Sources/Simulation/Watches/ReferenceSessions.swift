import Consensus

/// The sessions as the log alone decides about them, kept in the plainest way (R4, T4).
///
/// All nodes agreeing with each other proves nothing about when a session ends: this does.
struct ReferenceSessions {
  private struct Session {
    let id: UInt64
    let nonce: UInt64
    var lastUse: UInt64
  }

  /// Who was idle for so long makes room for another.
  private static let evictableAfterMicroseconds: UInt64 = 60_000_000

  private var timeout: UInt64 = .max
  private var sessionsMax = Int.max
  private var sessions: [Session] = []
  /// How many sessions were open after each entry; index 1 comes first.
  private var counts: [Int] = []

  /// The next entry of the log.
  mutating func follow(_ entry: Committed) {
    let (now, timeout) = (entry.logTimeMicroseconds, timeout)
    sessions.removeAll { now - $0.lastUse >= timeout }
    switch entry.payload {
    case .noOp: break
    case .configuration(let configuration):
      self.timeout = configuration.sessionTimeoutMicroseconds
      sessionsMax = Int(configuration.sessionsMax)
    case .request(let request), .signed(let request, _): follow(request, at: entry.index, now)
    }
    counts.append(sessions.count)
  }

  /// How many sessions were open after the entry at an index.
  func count(at index: LogIndex) -> Int {
    index == .zero ? 0 : counts[Int(index.rawValue) - 1]
  }

  private mutating func follow(
    _ request: ClientRequest,
    at index: LogIndex,
    _ now: UInt64
  ) {
    switch request.kind {
    case .register:
      if let known = sessions.firstIndex(where: { $0.nonce == request.session }) {
        sessions[known].lastUse = now
      } else if sessions.count < sessionsMax || evictIdlest(at: now) {
        sessions.append(Session(id: index.rawValue, nonce: request.session, lastUse: now))
      }
    case .close:
      sessions.removeAll { $0.id == request.session }
    case .read: break
    case .write, .seal:
      guard let known = sessions.firstIndex(where: { $0.id == request.session }) else { return }
      sessions[known].lastUse = now
    }
  }
  private mutating func evictIdlest(at now: UInt64) -> Bool {
    guard let idlest = sessions.min(by: { $0.lastUse < $1.lastUse }),
      now - idlest.lastUse >= Self.evictableAfterMicroseconds
    else { return false }
    sessions.removeAll { $0.id == idlest.id }
    return true
  }
}
