package import Consensus
package import Wire

/// Reads a replica's image back, whatever the bytes are (docs/formats/state-image.md).
package struct ReplicaBuilder<Machine: StateMachine>: StateBuilder {
  private var expected: PieceKind? = .results
  private var results = ResultDigests()
  private var sessions = ClientSessions.Builder()
  private var machine = Machine.Builder()
  private var seal = PieceSeal()

  /// A builder that has seen no piece.
  package init() {}

  /// Takes the next piece.
  package mutating func take(_ piece: Bytes) throws(WireError) {
    var reader = ByteReader(piece)
    let offset = reader.offset
    let kind = PieceKind(rawValue: try reader.read())
    let version = try reader.read(UInt8.self)
    guard version == PieceKind.version else {
      throw .unsupportedVersion(UInt16(version), what: "a piece of a replica's image")
    }
    if expected == .machine, kind == .seal { expected = .seal }
    guard let kind, kind == expected else { throw .badValue("kind of a piece", offset: offset) }
    switch kind {
    case .results:
      results = try reader.read()
      expected = .sessions
    case .sessions:
      try sessions.take(&reader)
      if sessions.missingCount == 0 { expected = .machine }
    case .machine: try machine.take(piece[2..<piece.count])
    case .seal:
      guard try reader.read() == seal else {
        throw .badValue("seal over all pieces", offset: offset)
      }
      expected = nil
    }
    if kind != .machine { try reader.expectEnd() }
    seal.add(piece)
  }

  /// The state, after the last piece.
  package mutating func finish() throws(WireError) -> RestoredState<Machine> {
    guard expected == nil else { throw .badValue("image: its last piece is missing", offset: 0) }
    guard let sessions = sessions.finish() else {
      throw .badValue("nonces of sessions", offset: 0)
    }
    // Where requests are signed, an id is the index with the client's number behind.
    guard (sessions.sessions.lastID ?? 0) >> 16 <= results.newest.index.rawValue else {
      throw .badValue("session at or before the newest entry", offset: 0)
    }
    return RestoredState(machine: try machine.finish(), sessions: sessions, results: results)
  }
}

/// Everything replicated at one entry, read back and whole.
package struct RestoredState<Machine: StateMachine>: Sendable {
  /// The newest entry whose effects are in it.
  package var lastApplied: LogIndex { results.newest.index }

  let machine: Machine
  let sessions: ClientSessions
  let results: ResultDigests

  /// What all results through `lastApplied` came to.
  package var resultDigest: UInt64 { results.newest.digest }

  /// A digest over documents and sessions, as `Replica.stateDigest`; it visits everything.
  package func stateDigest() -> UInt64 {
    StateDigest(of: machine, sessions).value
  }
}

extension Replica {
  /// Goes on from a state that was read back, O(1) but for what it lets go of.
  mutating func adopt(_ restored: RestoredState<Machine>) {
    machine.adopt(restored.machine)
    sessions = restored.sessions
    results = restored.results
    lastApplied = restored.lastApplied
    changesStart = restored.lastApplied
  }
}

extension StateDigest {
  /// Over documents and sessions.
  init(of machine: some StateMachine, _ sessions: ClientSessions) {
    self.init()
    fold(machine.stateDigest())
    sessions.fold(into: &self)
  }
}
