package import Consensus
package import Wire

/// Sessions in bytes, one by one: what a root of the state covers, and what travels when a state is
/// taken over from others.
extension ClientSessions {
  /// A session in bytes.
  package struct Encoded: Equatable, Sendable {
    /// Its id.
    package let id: UInt64
    /// All that decides later answers.
    package let bytes: [UInt8]

    package init(id: UInt64, bytes: [UInt8]) {
      self.id = id
      self.bytes = bytes
    }
  }

  /// The ids of all sessions, ascending.
  package var ids: [UInt64] { sessions.all.map(\.id) }

  /// The sessions that entries named at or after a log time, ascending by id: no other has changed
  /// since, but that some are gone.
  package func encoded(usedSince logTimeMicroseconds: UInt64 = 0) -> [Encoded] {
    sessions.all.filter { $0.lastUseMicroseconds >= logTimeMicroseconds }
      .map { Encoded(id: $0.id, bytes: $0.encoded(expectedSize: 256)) }
  }

  /// Reads sessions back.
  ///
  /// - Throws: If one means nothing, or two cannot stand together.
  package init(
    _ encoded: [Encoded],
    configuration: ClusterConfiguration
  ) throws(WireError) {
    var table = SessionTable()
    for (place, found) in encoded.enumerated() {
      let session = try Session(decoding: found.bytes)
      guard session.id == found.id, session.id > table.lastID ?? 0 else {
        throw .badValue("session in order of ids", offset: place)
      }
      table.append(session)
    }
    self.init(timeoutMicroseconds: .max, sessionsMax: 0, sessions: table)
    guard hasDistinctNonces else { throw .badValue("nonces of sessions", offset: 0) }
    configure(configuration)
  }
}
