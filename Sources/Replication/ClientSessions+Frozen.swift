import Wire

extension ClientSessions {
  /// What is replicated of all sessions; the table of nonces follows from it.
  struct Frozen: Sendable {
    let timeoutMicroseconds: UInt64
    let sessionsMax: Int
    let sessions: SessionTable

    init(_ sessions: ClientSessions) {
      timeoutMicroseconds = sessions.timeoutMicroseconds
      sessionsMax = sessions.sessionsMax
      self.sessions = sessions.sessions
    }

    /// Writes the settings and how many sessions follow.
    func encodeHead(into writer: inout ByteWriter) {
      writer.write(timeoutMicroseconds)
      writer.write(UInt32(sessionsMax))
      writer.write(UInt32(sessions.count))
    }
  }

  /// Sessions that are being read back.
  struct Builder: Sendable {
    private var timeoutMicroseconds: UInt64 = 0
    private var sessionsMax = 0
    private var sessions = SessionTable()
    private(set) var missingCount: Int?

    /// Takes settings and sessions, as far as these bytes hold them.
    mutating func take(_ reader: inout ByteReader) throws(WireError) {
      if missingCount == nil {
        timeoutMicroseconds = try reader.read()
        sessionsMax = Int(try reader.read(UInt32.self))
        missingCount = Int(try reader.read(UInt32.self))
      }
      while let missing = missingCount, missing > 0, reader.remaining > 0 {
        let offset = reader.offset
        let session: Session = try reader.read()
        guard session.id > sessions.lastID ?? 0 else {
          throw .badValue("session in order of ids", offset: offset)
        }
        sessions.append(session)
        missingCount = missing - 1
      }
      try reader.expectEnd()
    }

    /// The sessions, once none is missing.
    func finish() -> ClientSessions? {
      let found = ClientSessions(
        timeoutMicroseconds: timeoutMicroseconds,
        sessionsMax: sessionsMax,
        sessions: sessions
      )
      return found.hasDistinctNonces ? found : nil
    }
  }
}
