package import Consensus
import Wire

/// Everything replicated as it was at one entry (docs/formats/state-image.md).
///
/// Freezing costs nothing; what is applied later copies what it changes. The last piece holds a
/// checksum of all others, so that whoever reads them back has them all.
package struct ReplicaImage<Machine: StateMachine>: StateImage {
  /// The newest entry whose effects are in it.
  package var lastApplied: LogIndex { results.newest.index }

  private let results: ResultDigests
  private let sessions: ClientSessions.Frozen
  private var machine: Machine.Image
  private var next: PieceKind? = .results
  /// The id of the last session that was written.
  private var writtenThrough: UInt64 = 0
  private var seal = PieceSeal()

  init(results: ResultDigests, sessions: ClientSessions, machine: Machine) {
    self.results = results
    self.sessions = ClientSessions.Frozen(sessions)
    self.machine = machine.freeze()
  }

  /// What a new cluster begins with: a state machine's state, as of an index of the new log.
  ///
  /// Nobody has a session, and nobody's results can be compared before that index.
  package init(beginningAt index: LogIndex, configuration: ClusterConfiguration, _ machine: Machine)
  {
    var sessions = ClientSessions()
    sessions.configure(configuration)
    let results = ResultDigests(beginningAt: index, machineDigest: machine.resultDigest)
    self.init(results: results, sessions: sessions, machine: machine)
  }

  /// The next piece; nil after the last.
  package mutating func nextPiece(sizeAim: Int) -> [UInt8]? {
    guard let kind = next else { return nil }
    var writer = ByteWriter(capacity: sizeAim + 4_096)
    writer.write(kind.rawValue)
    writer.write(PieceKind.version)
    switch kind {
    case .results:
      writer.write(results)
      next = .sessions
    case .sessions: writeSessions(into: &writer, sizeAim: sizeAim)
    case .machine:
      guard let piece = machine.nextPiece(sizeAim: sizeAim) else {
        next = .seal
        return nextPiece(sizeAim: sizeAim)
      }
      writer.writeRaw(piece)
    case .seal:
      writer.write(seal)
      next = nil
    }
    let piece = writer.finish()
    seal.add(Bytes(piece))
    return piece
  }

  private mutating func writeSessions(into writer: inout ByteWriter, sizeAim: Int) {
    if writtenThrough == 0 { sessions.encodeHead(into: &writer) }
    let last = sessions.sessions.lastID ?? 0
    repeat {
      for session in sessions.sessions.next(after: writtenThrough) {
        writer.write(session)
        writtenThrough = session.id
        if writer.count >= sizeAim { break }
      }
    } while writtenThrough < last && writer.count < sizeAim
    if writtenThrough == last { next = .machine }
  }
}

/// What a piece of a replica's image holds: its first byte.
enum PieceKind: UInt8, Sendable {
  case results = 1
  case sessions = 2
  case machine = 3
  case seal = 4

  /// The second byte.
  static let version: UInt8 = 1
}

/// What the pieces of an image come to: their count and a checksum over all of them.
struct PieceSeal: Equatable, WireCodable {
  private var count: UInt64 = 0
  private var checksum: UInt32 = 0

  init() {}

  mutating func add(_ piece: Bytes) {
    count += 1
    checksum = CRC32C.checksum(piece.storage, piece.range, continuing: checksum)
  }

  func encode(into writer: inout ByteWriter) {
    writer.write(count)
    writer.write(checksum)
  }

  init(from reader: inout ByteReader) throws(WireError) {
    count = try reader.read()
    checksum = try reader.read()
  }
}

extension Replica {
  /// Everything replicated as it is now, O(1).
  package func freeze() -> ReplicaImage<Machine> {
    invariant(unknownCommand == nil, "a state that has left the log is shown to nobody")
    invariant(results.newest.index == lastApplied, "every applied entry has its digest")
    return ReplicaImage(results: results, sessions: sessions, machine: machine)
  }
}
