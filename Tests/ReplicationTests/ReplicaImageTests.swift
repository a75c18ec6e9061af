import Consensus
import Wire
import XCTest

@testable import Replication

/// A replica that goes on from an image is the one that was frozen.
final class ReplicaImageTests: XCTestCase {
  private typealias TestReplica = Replica<ScriptedCore, CountingMachine>

  func test_image_atARandomMoment_givesAReplicaThatGoesOnAlike() throws {
    for seed in 1...10 as ClosedRange<UInt64> {
      var random = RandomSource(seed: seed)
      var original = try replica()
      // Past the end of several stretches, and short of the first.
      let count = seed % 2 == 0 ? 3_000 + random.number(below: 500) : random.number(below: 700)
      var index: UInt64 = 0
      apply(history(count, &index, &random), to: &original)
      let image = original.freeze()
      let digest = original.stateDigest()
      let rest = history(1_500, &index, &random)
      var copy = try replica()
      apply(rest, to: &original)

      let restored = try state(of: pieces(of: image, [1, 300, 262_144][random.number(below: 3)]))
      XCTAssertEqual(restored.stateDigest(), digest)
      copy.adopt(restored)

      XCTAssertEqual(copy.lastApplied, image.lastApplied)
      apply(rest, to: &copy)
      XCTAssertEqual(copy.stateDigest(), original.stateDigest(), "seed \(seed)")
      XCTAssertEqual(copy.resultDigest, original.resultDigest, "seed \(seed)")
      XCTAssertEqual(copy.machine.applied, original.machine.applied, "seed \(seed)")
      for request in rest.compactMap(\.request) {
        XCTAssertEqual(
          copy.sessions.knownReply(to: request),
          original.sessions.knownReply(to: request)
        )
      }
      for index in (0...copy.lastApplied.rawValue).map({ LogIndex($0) }) {
        XCTAssertEqual(copy.results.digest(at: index), original.results.digest(at: index))
      }
      XCTAssertEqual(pieces(of: copy.freeze(), 500), pieces(of: original.freeze(), 500))
    }
  }

  func test_image_ofAnEmptyReplica_isReadBack() throws {
    let pieces = pieces(of: try replica().freeze(), 1_000)

    XCTAssertEqual(try state(of: pieces).lastApplied, .zero)
    XCTAssertEqual(pieces.count, 3)
  }

  /// Every byte changed, every cut, every piece missing, twice or in another's place.
  func test_image_whenDamaged_isRefused() throws {
    let pieces = pieces(of: try smallReplica().freeze(), 60)
    var changed: [[[UInt8]]] = []
    for (index, piece) in pieces.enumerated() {
      for place in piece.indices {
        for change in [1, 0x80, 0xFF] as [UInt8] {
          var all = pieces
          all[index][place] ^= change
          changed.append(all)
        }
        var all = pieces
        all[index].removeSubrange(place...)
        changed.append(all)
      }
      changed.append(Array(pieces[..<index] + pieces[(index + 1)...]))
      changed.append(Array(pieces[...index] + pieces[index...]))
      var all = pieces
      all.swapAt(index, (index + 1) % pieces.count)
      changed.append(all)
    }

    for pieces in changed {
      XCTAssertThrowsError(try state(of: pieces)) { XCTAssertTrue($0 is WireError) }
    }
    XCTAssertEqual(pieces.count, 5)
    XCTAssertGreaterThan(changed.count, 700)
  }

  /// What a checksum cannot tell: a state that no replica has.
  func test_sessions_whenNoneAreSuch_areRefused() {
    let first = Session(id: 3, nonce: 7, lastUseMicroseconds: 0).encoded()
    let cases: [(name: String, bytes: [UInt8])] = [
      ("id again", first + first),
      ("id zero", Session(id: 0, nonce: 7, lastUseMicroseconds: 0).encoded()),
      ("cut", Array(first.dropLast())),
      ("sequence in disorder", first.dropLast(2) + [2, 0, 1, 0, 1, 0]),
      (
        "sequence behind the last",
        Array(first[..<24]) + Array(repeating: 255, count: 8) + [1, 0, 0, 0]
      ),
      ("reply too large", first.dropLast(2) + [1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0]),
    ]
    for (name, bytes) in cases {
      var sessions = ClientSessions.Builder()
      var reader = ByteReader(head(count: 2) + bytes)

      XCTAssertThrowsError(try sessions.take(&reader), name)
    }
    var sessions = ClientSessions.Builder()
    let second = Session(id: 4, nonce: 7, lastUseMicroseconds: 0).encoded()
    var reader = ByteReader(head(count: 2) + first + second)
    XCTAssertNoThrow(try sessions.take(&reader))
    XCTAssertNil(sessions.finish(), "a nonce twice")
  }

  /// The last sequence of all has nothing behind it.
  func test_session_atTheEndOfAllSequences_isWrittenAndRead() throws {
    var session = Session(id: 3, nonce: 7, lastUseMicroseconds: 0)
    session.forgetAnswered(through: .max - 1)
    session.remember(.sealed, of: .max)
    var digest = StateDigest()
    session.fold(into: &digest)

    let read = try Session(decoding: session.encoded())

    XCTAssertEqual(read.memory(of: .max), .sealed)
    XCTAssertEqual(read.encoded(), session.encoded())
  }

  /// Version 1, byte for byte: what was written once can be read for ever.
  func test_image_ofVersion1_isStillRead() throws {
    let golden = """
      01010600000000000000e5aa3379994dbf83f5161afbc149f885324be9bf71fc6801979fbb8fd16c\
      9ac6bc1aae219ac38049cb44e5d0040c7ac4 0201e80300000000000009000000020000000200000\
      0000000004d000000000000000500000000000000000000000000000002000001040000000000000\
      00100000001020003000000000000004e00000000000000030000000000000000000000000000000\
      000 03010506 04010300000000000000f8172b23
      """

    let pieces = pieces(of: try smallReplica().freeze(), 10_000)

    XCTAssertEqual(pieces.map(hexadecimal).joined(separator: " "), golden)
    XCTAssertEqual(try state(of: pieces).lastApplied, LogIndex(6))
  }

  // MARK: Histories

  /// Two sessions, one with a reply and a sealed sequence.
  private func smallReplica() throws -> TestReplica {
    var replica = try replica()
    let requests = [
      ClientRequest(.register, session: 77), ClientRequest(.register, session: 78),
      ClientRequest(.write, session: 2, sequence: 1, command: [5, 6]),
      ClientRequest(.seal, session: 2, sequence: 3),
    ]
    let settings = ClusterConfiguration(
      seats: [],
      sessionTimeoutMicroseconds: 1_000,
      sessionsMax: 9
    )
    let payloads = [.configuration(settings)] + requests.map(Committed.Payload.request) + [.noOp]
    var index: UInt64 = 0
    apply(payloads.map { entry($0, &index) }, to: &replica)
    return replica
  }

  /// Clients that come, write, try again, seal and go, or are forgotten.
  private func history(
    _ count: Int,
    _ index: inout UInt64,
    _ random: inout RandomSource
  ) -> [Committed] {
    var entries: [Committed] = []
    for _ in 0..<count {
      let session = index > 200 && random.oneIn(20) ? index : random.number(in: 1..<30)
      let sequence = index / 20 + random.number(in: 1..<40)
      let payload: Committed.Payload
      switch random.number(below: 20) {
      case 0:
        let settings = ClusterConfiguration(
          seats: [],
          sessionTimeoutMicroseconds: random.number(in: 500..<3_000),
          sessionsMax: UInt32(20 + random.number(below: 100))
        )
        payload = .configuration(settings)
      case 1: payload = .noOp
      case 2, 3: payload = .request(ClientRequest(.register, session: random.number(in: 0..<500)))
      case 4 where random.oneIn(4): payload = .request(ClientRequest(.close, session: session))
      case 4, 5: payload = .request(ClientRequest(.seal, session: session, sequence: sequence))
      default:
        let write = ClientRequest(
          .write,
          session: session,
          sequence: sequence,
          answeredThrough: sequence - min(sequence, random.number(in: 1..<30)),
          command: Bytes([UInt8](repeating: UInt8(index % 200), count: 9))
        )
        payload = .request(write)
      }
      entries.append(entry(payload, &index))
    }
    return entries
  }

  private func entry(_ payload: Committed.Payload, _ index: inout UInt64) -> Committed {
    index += 1
    return Committed(
      index: LogIndex(index),
      term: Term(1),
      logTimeMicroseconds: index,
      wallMilliseconds: 0,
      payload: payload
    )
  }

  private func apply(_ entries: [Committed], to replica: inout TestReplica) {
    replica.core.effects.committed = entries
    _ = replica.turn()
  }

  private func replica() throws -> TestReplica {
    let me = Member(id: NodeID(1), incarnation: Incarnation(11))
    let start = ReplicaStart<ScriptedCore>(
      identity: Identity(cluster: ClusterID(high: 1, low: 2), member: me, boot: 1),
      coreOptions: ScriptedCore.Options(),
      seed: 1,
      now: Reading(monotonicMicroseconds: 0, wallMilliseconds: 0),
      journalRoomBytes: 1 << 30
    )
    return try TestReplica(start: start, machine: CountingMachine(), recovered: [])
  }

  private func head(count: UInt32) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(UInt64(1))
    writer.write(UInt32(1))
    writer.write(count)
    return writer.finish()
  }

  private func pieces(of image: ReplicaImage<CountingMachine>, _ sizeAim: Int) -> [[UInt8]] {
    var image = image
    var pieces: [[UInt8]] = []
    while let piece = image.nextPiece(sizeAim: sizeAim) { pieces.append(piece) }
    return pieces
  }

  private func state(of pieces: [[UInt8]]) throws(WireError) -> RestoredState<CountingMachine> {
    var builder = ReplicaBuilder<CountingMachine>()
    for piece in pieces { try builder.take(Bytes(piece)) }
    return try builder.finish()
  }

  private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

extension Committed {
  /// The request, where it is one.
  fileprivate var request: ClientRequest? {
    guard case .request(let request) = payload else { return nil }
    return request
  }
}
