import Consensus
import Wire
import XCTest

@testable import Raft

/// The bytes of messages and records, which hold for years, and what decoders do with others.
final class RaftWireTests: XCTestCase {
  private static let entry = LogEntry(
    .request(
      ClientRequest(.write, session: 3, sequence: 4, answeredThrough: 2, command: [0xAA, 0xBB])
    ),
    term: Term(5),
    logTimeMicroseconds: 6,
    wallMilliseconds: 7
  )

  private static let noOp = LogEntry(
    .noOp,
    term: Term(6),
    logTimeMicroseconds: 8,
    wallMilliseconds: 9
  )

  private static let configuration = LogEntry(
    .configuration(.fixture(of: 2)),
    term: Term(0),
    logTimeMicroseconds: 0,
    wallMilliseconds: 0
  )

  private static let messages: [(message: RaftMessage, hex: String)] = [
    (
      .requestPreVote(term: Term(1), last: LogMark(2, 3)),
      "01010000000000000002000000000000000300000000000000"
    ),
    (.preVoteAnswer(term: Term(1), isGranted: true), "02010000000000000001"),
    (
      .requestVote(term: Term(1), last: LogMark(2, 3), isTransfer: true),
      "0301000000000000000200000000000000030000000000000001"
    ),
    (.voteAnswer(term: Term(1), isGranted: false), "04010000000000000000"),
    (
      .appendEntries(
        .init(
          term: Term(6),
          previous: LogMark(2, 3),
          commitIndex: LogIndex(1),
          entries: [entry, noOp]
        )
      ),
      "050600000000000000020000000000000003000000000000000100000000000000020000"
        + "003800000005000000000000000600000000000000070000000000000001010300000000"
        + "0000000400000000000000020000000000000002000000aabb1900000006000000000000"
        + "000800000000000000090000000000000002"
    ),
    (
      .appendAccepted(term: Term(1), matchIndex: LogIndex(2), hasRoom: true),
      "060100000000000000020000000000000001"
    ),
    (
      .appendRejected(term: Term(1), previousIndex: LogIndex(4), hint: LogMark(2, 3)),
      "070100000000000000040000000000000002000000000000000300000000000000"
    ),
    (
      .heartbeat(term: Term(1), round: 2, commitIndex: LogIndex(3)),
      "08010000000000000002000000000000000300000000000000"
    ),
    (
      .heartbeatAnswer(term: Term(1), round: 2, verifiedIndex: LogIndex(3), hasRoom: false),
      "0901000000000000000200000000000000030000000000000000"
    ),
    (
      .commitAdvanced(term: Term(1), commitIndex: LogIndex(2)), "0a01000000000000000200000000000000"
    ),
    (.timeoutNow(term: Term(0x0102_0304_0506_0708)), "0b0807060504030201"),
    (
      .requestReadIndex(term: Term(1), request: .init(boot: 2, counter: 3)),
      "0c010000000000000002000000000000000300000000000000"
    ),
    (
      .readIndexAnswer(term: Term(1), request: .init(boot: 2, counter: 3), index: LogIndex(4)),
      "0d0100000000000000020000000000000003000000000000000400000000000000"
    ),
    (.termPassed(term: Term(1)), "0e0100000000000000"),
    (
      .removed(term: Term(1), configurationIndex: LogIndex(2)),
      "0f01000000000000000200000000000000"
    ),
    (
      .installSnapshot(
        .init(
          term: Term(6),
          mark: LogMark(2, 3),
          part: InstallPart(
            at: SnapshotPlace(index: LogIndex(2), offset: 4096),
            bytes: [0xAA, 0xBB],
            isLast: true
          )
        )
      ),
      "10060000000000000002000000000000000300000000000000001000000000000001"
        + "02000000aabb"
    ),
    (
      .snapshotWanted(
        term: Term(1),
        place: SnapshotPlace(index: LogIndex(2), offset: 4096)
      ),
      "11010000000000000002000000000000000010000000000000"
    ),
    (.appendStored(term: Term(1), index: LogIndex(2)), "1401000000000000000200000000000000"),
    (.replaceMe(term: Term(1)), "190100000000000000"),
    (.replaced(term: Term(1)), "1a0100000000000000"),
    (
      .present(
        .init(
          term: Term(1),
          showing: showing,
          last: LogMark(2, 3),
          isAsking: true,
          news: [showing]
        )
      ),
      "120100000000000000" + showingHex + "0200000000000000030000000000000001" + "01000000"
        + showingHex
    ),
    (
      .remembered(
        term: Term(1),
        start: Showing.Start(boot: 2, process: 3, position: 4),
        isMore: true
      ),
      "13010000000000000002000000000000000300000000000000040000000000000001"
    ),
    (.askEnd(term: Term(1), nonce: 2), "1501000000000000000200000000000000"),
    (
      .configurationCommitted(term: Term(1), nonce: 2, index: LogIndex(3)),
      "1b010000000000000002000000000000000300000000000000"
    ),
    (
      .logEnds(ends),
      "1601000000000000000200000000000000" + "03000000000000000100000000000000" + "0100"
        + "0100000002000000000000000100000000000000" + "04000000000000003e000000"
        + "010000d2496b000000001027000002000000010000000b00000000000000030068"
        + "3a310300703a310200000016000000000000000300683a320300703a32"
    ),
    (
      .wantEntries(term: Term(1), nonce: 2, mark: LogMark(2, 3)),
      "170100000000000000020000000000000002000000000000000300000000000000"
    ),
    (
      .entriesEnding(
        .init(
          term: Term(6),
          nonce: 2,
          mark: LogMark(4, 6),
          previous: LogMark(3, 5),
          entries: [noOp]
        )
      ),
      "180600000000000000020000000000000004000000000000000600000000000000"
        + "0103000000000000000500000000000000" + "0100000019000000060000000000000008000000000000"
        + "00090000000000000002"
    ),
    (
      .entriesEnding(.init(term: Term(6), nonce: 2, mark: LogMark(4, 6), previous: nil)),
      "180600000000000000020000000000000004000000000000000600000000000000" + "0000000000"
    ),
  ]

  private static let records: [(record: RaftRecord, hex: String)] = [
    (.hardState(term: Term(1), votedFor: nil), "0101010000000000000000"),
    (
      .hardState(term: Term(1), votedFor: .node(2)),
      "0101010000000000000001020000001600000000000000"
    ),
    (
      .entry(LogIndex(2), entry),
      "010202000000000000003800000005000000000000000600000000000000070000000000"
        + "0000010103000000000000000400000000000000020000000000000002000000aabb"
    ),
    (
      .entry(LogIndex(2), noOp),
      "010202000000000000001900000006000000000000000800000000000000090000000000"
        + "000002"
    ),
    (
      .entry(LogIndex(1), configuration),
      "010201000000000000005700000000000000000000000000000000000000000000000000"
        + "000003010000d2496b000000001027000002000000010000000b00000000000000030068"
        + "3a310300703a310200000016000000000000000300683a320300703a32"
    ),
    (.truncate(from: LogIndex(2)), "01030200000000000000"),
    (.restart(LogMark(2, 3)), "010402000000000000000300000000000000"),
    (
      .admission(
        AdmissionRecord(progress: .waitingAnew, directory: 7, start: 8, memory: [showing])
      ),
      "01050207000000000000000800000000000000" + "01000000" + showingHex
    ),
    (.repair(LogMark(2, 3)), "010602000000000000000300000000000000"),
    (.repaired, "0107"),
  ]

  private static let ends: RaftMessage.LogEnds = {
    var ends = RaftMessage.LogEnds(
      term: Term(1),
      nonce: 2,
      mark: LogMark(3, 1),
      isLeader: true,
      isTermKnown: false
    )
    ends.others = [LogMark(2, 1)]
    ends.configurationIndex = LogIndex(4)
    ends.configuration = .fixture(of: 2)
    return ends
  }()

  private static let showing = Showing(
    by: .node(2),
    directory: 5,
    start: Showing.Start(boot: 2, process: 3, position: 4),
    position: 6
  )
  private static let showingHex =
    "020000001600000000000000" + "0500000000000000" + "0200000000000000" + "0300000000000000"
    + "0400000000000000" + "0600000000000000"

  // MARK: Formats

  func test_messages_whenEncoded_haveTheirBytes() throws {
    for (message, hex) in Self.messages {
      XCTAssertEqual(message.encoded().hex, hex, message.text)
      XCTAssertEqual(try RaftMessage(decoding: [UInt8](hex: hex)), message)
    }
  }

  /// Without its last part it is what members say that have nothing to tell.
  func test_presence_whenItTellsTheMembers_hasTheirBytesAtItsEnd() throws {
    var presence = RaftMessage.Presence(
      term: Term(1),
      showing: Self.showing,
      last: LogMark(2, 3),
      isAsking: true,
      news: []
    )
    let short = RaftMessage.present(presence).encoded()
    presence.configuration = .fixture(of: 1)
    presence.configurationIndex = LogIndex(9)
    let message = RaftMessage.present(presence)

    XCTAssertEqual(
      message.encoded().hex,
      short.hex + "0900000000000000"
        + "010000d2496b000000001027000001000000010000000b0000000000000003"
        + "00683a310300703a31"
    )
    XCTAssertEqual(try RaftMessage(decoding: message.encoded()), message)
    for count in short.count + 1..<message.encoded().count {
      XCTAssertThrowsError(try RaftMessage(decoding: Array(message.encoded().prefix(count))))
    }
  }

  func test_records_whenEncoded_haveTheirBytes() throws {
    for (record, hex) in Self.records {
      XCTAssertEqual(record.encoded().hex, hex, "\(record)")
      XCTAssertEqual(try RaftRecord(decoding: [UInt8](hex: hex)), record)
    }
  }

  func test_records_whenAskedWhatIsVital_nameTermAndVote() {
    XCTAssertEqual(
      Self.records.map(\.record.isVital),
      [true, true, false, false, false, false, false, false, false, false]
    )
  }

  func test_entry_whenDecoded_givesItsFieldsBack() throws {
    let decoded = try LogEntry(decoding: Self.entry.encoded())

    XCTAssertEqual(decoded, Self.entry)
    XCTAssertEqual(decoded.term, Term(5))
    XCTAssertEqual(decoded.logTimeMicroseconds, 6)
    XCTAssertEqual(decoded.wallMilliseconds, 7)
    guard case .request(let request) = decoded.payload else { return XCTFail("no request") }
    XCTAssertEqual(request.command, [0xAA, 0xBB])
    XCTAssertEqual(request.answeredThrough, 2)
  }

  func test_entry_whenItsRecordIsDecoded_isTheRecordItself() throws {
    let record = RaftRecord.entry(LogIndex(9), Self.entry).encoded()
    guard case .entry(let index, let entry) = try RaftRecord(decoding: record) else {
      return XCTFail("no entry")
    }

    XCTAssertEqual(entry.record(at: index), record)
    XCTAssertEqual(Self.place(of: entry.bytes.storage), Self.place(of: record))
    // At another place of the log it is a copy.
    let moved = try LogEntry(validating: Bytes(record, 14..<record.count), at: LogIndex(8))
    XCTAssertEqual(moved.record(at: LogIndex(9)), record)
    XCTAssertNotEqual(Self.place(of: moved.bytes.storage), Self.place(of: record))
  }

  private static func place(of bytes: [UInt8]) -> UInt {
    unsafe bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
  }

  // MARK: Bad bytes

  func test_decoders_whenBytesAreCutOff_refuse() {
    for bytes in Self.messages.map({ $0.message.encoded() }) {
      for count in 0..<bytes.count {
        XCTAssertThrowsError(try RaftMessage(decoding: Array(bytes.prefix(count))))
      }
    }
    for bytes in Self.records.map({ $0.record.encoded() }) {
      for count in 0..<bytes.count {
        XCTAssertThrowsError(try RaftRecord(decoding: Array(bytes.prefix(count))))
      }
    }
  }

  func test_decoders_whenBitsAreFlipped_giveAnErrorOrAValue() {
    for bytes in Self.messages.map({ $0.message.encoded() }) {
      for bit in 0..<bytes.count * 8 {
        var flipped = bytes
        flipped[bit / 8] ^= 1 << (bit % 8)
        checkMessage(flipped)
      }
    }
    for bytes in Self.records.map({ $0.record.encoded() }) {
      for bit in 0..<bytes.count * 8 {
        var flipped = bytes
        flipped[bit / 8] ^= 1 << (bit % 8)
        checkRecord(flipped)
      }
    }
  }

  func test_decoders_whenBytesAreMutated_giveAnErrorOrAValue() {
    var random = RandomSource(seed: 1)
    for _ in 0..<10_000 {
      var message = Self.messages[random.number(below: Self.messages.count)].message.encoded()
      random.mutate(&message)
      checkMessage(message)
      var record = Self.records[random.number(below: Self.records.count)].record.encoded()
      random.mutate(&record)
      checkRecord(record)
    }
  }

  func test_core_whenMutatedMessagesArrive_goesOn() {
    var random = RandomSource(seed: 2)
    var node = RaftCore.leader()
    for _ in 0..<10_000 {
      var bytes = Self.messages[random.number(below: Self.messages.count)].message.encoded()
      random.mutate(&bytes)
      // Two leaders in one term are a broken promise, not bad bytes: those frames are left out.
      guard let message = try? RaftMessage(decoding: bytes), !message.isLeaders else { continue }
      node.receive(message, from: .node(random.number(below: 2) + 2))
      node.pass(milliseconds: 10)
      node.sync()
    }
    XCTAssertGreaterThan(node.currentTerm, Term(1))
  }

  func test_appendEntries_whenTheCountIsHuge_reservesNothing() {
    var writer = ByteWriter()
    writer.write(UInt8(5))
    for _ in 0..<4 { writer.write(UInt64(0)) }
    for count: UInt32 in [65_536, 65_537, .max] {
      var bytes = writer
      bytes.write(count)

      XCTAssertThrowsError(try RaftMessage(decoding: bytes.bytes))
    }
  }

  func test_numbers_whenBeyondAnyCount_areRefused() {
    for number: UInt64 in [1 << 62, 1 << 62 + 1, .max] {
      var writer = ByteWriter()
      writer.write(UInt8(14))
      writer.write(number)

      let message = try? RaftMessage(decoding: writer.bytes)

      XCTAssertEqual(message != nil, number == 1 << 62)
    }
  }

  func test_record_whenItsVersionIsUnknown_saysSo() {
    XCTAssertThrowsError(try RaftRecord(decoding: [2, 1])) { error in
      XCTAssertEqual(error as? WireError, .unsupportedVersion(2, what: "Raft record"))
    }
  }

  func test_configuration_whenNoLogMayContainIt_isRefused() {
    let node = ClusterConfiguration.fixture(of: 8).seats
    let seats: [(name: String, [ClusterConfiguration.Seat])] = [
      ("nobody", []), ("eight", node), ("one twice", [node[0], node[0]]),
    ]
    for (name, seats) in seats {
      let entry = LogEntry(
        .configuration(ClusterConfiguration(seats: seats)),
        term: Term(0),
        logTimeMicroseconds: 0,
        wallMilliseconds: 0
      )

      XCTAssertThrowsError(try LogEntry(decoding: entry.encoded()), name)
    }
  }

  func test_configuration_whenMembersChange_isValidWithinBounds() {
    let node = ClusterConfiguration.fixture(of: 16).seats
    func learner(_ number: Int, replacing: UInt32? = nil) -> ClusterConfiguration.Learner {
      .init(seat: node[number - 1], promotesItself: true, replaces: replacing.map(NodeID.init))
    }
    var newTwo = learner(2, replacing: 2)
    newTwo.seat.member = Member(id: NodeID(2), incarnation: Incarnation(99))
    var nobodyNewTwo = newTwo
    nobodyNewTwo.replaces = nil
    let cases:
      [(
        name: String, learners: [ClusterConfiguration.Learner],
        outgoing: [ClusterConfiguration.Seat], isValid: Bool
      )] = [
        ("plain", [], [], true), ("learner", [learner(4)], [], true),
        ("joint", [], [node[1], node[3]], true),
        ("seven learn", (4...10).map { learner($0) }, [], true),
        ("eight learn", (4...11).map { learner($0) }, [], false),
        ("eight leave", [], Array(node[0..<8]), false),
        ("out of order", [], [node[3], node[1]], false),
        ("voter learns", [learner(2)], [], false),
        ("leaving learns", [learner(4)], [node[3]], false),
        ("replaces itself", [newTwo], [], true), ("takes an id", [nobodyNewTwo], [], false),
        ("replaces nobody", [learner(4, replacing: 9)], [], false),
      ]
    for (name, learners, outgoing, isValid) in cases {
      var configuration = ClusterConfiguration(seats: Array(node[0..<3]))
      configuration.learners = learners
      configuration.outgoing = outgoing
      let entry = LogEntry(
        .configuration(configuration),
        term: Term(0),
        logTimeMicroseconds: 0,
        wallMilliseconds: 0
      )

      XCTAssertEqual((try? LogEntry(decoding: entry.encoded())) != nil, isValid, name)
    }
  }

  // MARK: Checks

  /// A value that was read is written the same way.
  private func checkMessage(_ bytes: [UInt8]) {
    guard let message = try? RaftMessage(decoding: bytes) else { return }
    XCTAssertEqual(message.encoded(), bytes)
  }

  private func checkRecord(_ bytes: [UInt8]) {
    guard let record = try? RaftRecord(decoding: bytes) else { return }
    if case .entry(_, let entry) = record { _ = entry.payload }
    XCTAssertEqual(record.encoded(), bytes)
  }
}

extension RaftMessage {
  fileprivate var isLeaders: Bool {
    switch self {
    case .appendEntries, .heartbeat, .commitAdvanced: true
    default: false
    }
  }
}

extension RandomSource {
  /// Changes, inserts, removes or repeats a few bytes.
  fileprivate mutating func mutate(_ bytes: inout [UInt8]) {
    for _ in 0...number(below: 3) {
      guard !bytes.isEmpty else { return }
      let place = number(below: bytes.count)
      switch number(below: 5) {
      case 0: bytes[place] = UInt8(truncatingIfNeeded: next())
      case 1: bytes.insert(UInt8(truncatingIfNeeded: next()), at: place)
      case 2: bytes.remove(at: place)
      case 3: bytes[place] = oneIn(2) ? 0xFF : 0
      default: bytes += bytes[place...].prefix(number(below: 20))
      }
    }
  }
}

extension [UInt8] {
  fileprivate var hex: String {
    map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  fileprivate init(hex: String) {
    let digits = Array<Character>(hex)
    self = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
      UInt8(String(digits[$0...$0 + 1]), radix: 16)
    }
  }
}
