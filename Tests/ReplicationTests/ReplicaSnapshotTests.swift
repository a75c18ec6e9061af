import Consensus
import Storage
import Wire
import XCTest

@testable import Replication

/// When a replica freezes its state, and how it goes on from another's.
final class ReplicaSnapshotTests: XCTestCase {
  private typealias TestReplica = Replica<ScriptedCore, CountingMachine>

  func test_replica_whenTheLogHasGrownEnough_freezesItsState() throws {
    var replica = try due(through: 9)

    let orders = replica.takeSnapshotOrders()

    guard case .write(let state)? = orders.first else { return XCTFail("nothing frozen") }
    XCTAssertEqual(orders.count, 1)
    XCTAssertEqual(state.mark.index, LogIndex(9))
    XCTAssertEqual(state.mark.term, Term(3))
    XCTAssertEqual(state.mark.logTimeMicroseconds, 9)
    XCTAssertEqual(state.mark.configurationIndex, LogIndex(1))
    XCTAssertTrue(replica.takeSnapshotOrders().isEmpty)
  }

  func test_replica_whenNobodyHasComeToTheSameYet_writesNothing() throws {
    var replica = try due(through: 9, voters: 3)

    XCTAssertTrue(replica.takeSnapshotOrders().isEmpty)

    replica.receive(.digests(report(of: replica)), from: Self.member(2))

    guard case .write(let state)? = replica.takeSnapshotOrders().first else {
      return XCTFail("not written although a majority agrees")
    }
    XCTAssertEqual(state.mark.index, LogIndex(9))
  }

  func test_replica_whenItGoesOnMeanwhile_writesTheStateAsItWasFrozen() throws {
    var replica = try due(through: 9, voters: 3)
    replica.commitWrites(through: 30)

    replica.receive(.digests(report(of: replica)), from: Self.member(2))

    guard case .write(let state)? = replica.takeSnapshotOrders().first else {
      return XCTFail("not written although a majority agrees")
    }
    XCTAssertEqual(try read(state.image).lastApplied, LogIndex(9))
  }

  func test_replica_whenAMajorityCameToSomethingElse_letsGoOfTheState() throws {
    var replica = try due(through: 9, voters: 3)
    var wrong = report(of: replica)
    for place in wrong.marks.indices { wrong.marks[place].digest ^= 1 }

    replica.receive(.digests(wrong), from: Self.member(2))
    replica.receive(.digests(wrong), from: Self.member(3))

    guard case .discard? = replica.takeSnapshotOrders().first else {
      return XCTFail("a wrong state is still held")
    }
    replica.tick(Reading(monotonicMicroseconds: 100_000_000, wallMilliseconds: 0))
    replica.commitWrites(through: 60)
    XCTAssertTrue(replica.takeSnapshotOrders().isEmpty)
    XCTAssertTrue(replica.core.taken.isEmpty)
  }

  func test_replica_whenAnothersSnapshotOvertakesAFrozenState_letsGoOfIt() throws {
    var replica = try due(through: 9, voters: 3)

    replica.receive(.received(try restored(through: 40)))
    replica.receive(.digests(report(of: replica)), from: Self.member(2))

    let orders = replica.takeSnapshotOrders()
    XCTAssertEqual(orders.count, 2)
    for order in orders {
      guard case .discard = order else { return XCTFail("an older state is written") }
    }
  }

  func test_replica_whileASnapshotIsWritten_freezesNoOther() throws {
    var replica = try due(through: 9)
    _ = replica.takeSnapshotOrders()

    replica.commitWrites(through: 30)

    XCTAssertTrue(replica.takeSnapshotOrders().isEmpty)
  }

  func test_replica_whenTheLastSnapshotWasLarge_waitsForAsMuchLog() throws {
    var replica = try due(through: 9)
    guard case .write(let state)? = replica.takeSnapshotOrders().first else {
      return XCTFail("nothing frozen")
    }
    replica.receive(.taken(state.mark, size: 2_000))

    replica.commitWrites(through: 30)
    XCTAssertTrue(replica.takeSnapshotOrders().isEmpty)
    replica.commitWrites(through: 70)

    XCTAssertEqual(replica.takeSnapshotOrders().count, 1)
    XCTAssertEqual(replica.core.taken, [LogIndex(9)])
    XCTAssertEqual(replica.snapshotIndex, LogIndex(9))
  }

  func test_replica_whenASnapshotCannotBeWritten_triesAgainLater() throws {
    var replica = try due(through: 9)
    _ = replica.takeSnapshotOrders()
    replica.receive(.notTaken(.diskFull(file: "snapshot")))

    replica.commitWrites(through: 10)
    XCTAssertTrue(replica.takeSnapshotOrders().isEmpty)
    replica.tick(Reading(monotonicMicroseconds: 20_000_000, wallMilliseconds: 0))
    replica.commitWrites(through: 11)

    XCTAssertEqual(replica.takeSnapshotOrders().count, 1)
    XCTAssertTrue(replica.core.taken.isEmpty)
  }

  func test_D21_replica_whenASnapshotHasRotted_doesNotWaitBecauseAnotherFailed() throws {
    var replica = try due(through: 9)
    _ = replica.takeSnapshotOrders()
    replica.receive(.notTaken(.diskFull(file: "snapshot")))
    replica.commitWrites(through: 10)
    XCTAssertTrue(replica.takeSnapshotOrders().isEmpty)

    replica.receive(.damaged(.missing(file: "an older one")))
    replica.commitWrites(through: 11)

    XCTAssertEqual(replica.takeSnapshotOrders().count, 1)
  }

  func test_D7_replica_whenADiskIsFull_sparesTheOlderSnapshotWhereOthersHaveOne() throws {
    for canSpare in [true, false] {
      var replica = try due(through: 9)
      replica.core.canSpareOlderSnapshot = canSpare
      try writeSnapshot(&replica)

      replica.receive(.notReceived(.diskFull(file: "snapshot")))
      let orders = replica.takeSnapshotOrders()
      replica.receive(.notReceived(.snapshotDamaged(file: "snapshot", offset: 0, what: "bad")))
      replica.receive(.olderRemoved(kept: LogIndex(7)))
      let isGoneBefore = replica.core.olderIsGone
      replica.receive(.olderRemoved(kept: LogIndex(9)))

      let roomsCount = orders.count { if case .makeRoom = $0 { true } else { false } }
      XCTAssertEqual(roomsCount, canSpare ? 1 : 0)
      XCTAssertTrue(replica.takeSnapshotOrders().isEmpty, "nothing is full")
      XCTAssertFalse(isGoneBefore, "a newer one has come meanwhile")
      XCTAssertTrue(replica.core.olderIsGone)
    }
  }

  func test_D7_replica_whenTheNewestSnapshotHoldsAllAndTheDiskStaysFull_sparesTheOlder() throws {
    var replica = try due(through: 9)
    replica.core.canSpareOlderSnapshot = true
    try writeSnapshot(&replica)
    replica.recordsAreDurable(through: 0, roomBytes: 0)
    var wished: [UInt64] = []
    for second in UInt64(1)...200 {
      replica.tick(Reading(monotonicMicroseconds: second * 1_000_000, wallMilliseconds: 0))
      _ = replica.turn()
      for order in replica.takeSnapshotOrders() {
        guard case .makeRoom = order else { return XCTFail("nothing new is to be written") }
        wished.append(second)
      }
    }

    XCTAssertEqual(wished, [1, 11, 31, 71, 151])
  }

  func test_D7_replica_whenASnapshotIsDue_saysWhetherTheOlderMayMakeRoom() throws {
    for canSpare in [true, false] {
      var replica = try due(through: 9, voters: 3)
      replica.core.canSpareOlderSnapshot = canSpare
      replica.receive(.digests(report(of: replica)), from: Self.member(2))

      guard case .write(let state)? = replica.takeSnapshotOrders().first else {
        return XCTFail("nothing frozen")
      }
      XCTAssertEqual(state.maySpareOlder, canSpare)
    }
  }

  func test_D7_replica_whenNothingIsRemovedMeanwhile_triesLessAndLess() throws {
    var replica = try due(through: 9)
    var tried: [UInt64] = []
    func look(at second: UInt64) {
      replica.tick(Reading(monotonicMicroseconds: second * 1_000_000, wallMilliseconds: 0))
      _ = replica.turn()
      guard case .write? = replica.takeSnapshotOrders().first else { return }
      tried.append(second)
      replica.receive(.notTaken(.diskFull(file: "snapshot")))
    }
    for second in UInt64(1)...100 { look(at: second) }

    XCTAssertEqual(tried, [1, 11, 31, 71])
    replica.commitWrites(through: 10)
    look(at: 101)
    XCTAssertEqual(tried.last, 101)
  }

  /// What was removed is still in the journal and in the snapshots, and no write makes one due.
  func test_D7_replica_whenTheJournalHasNoRoom_takesASnapshotAtOnceAndThenLessAndLess() throws {
    var replica = try due(through: 9)
    try writeSnapshot(&replica)
    replica.commitWrites(through: 10)
    XCTAssertTrue(replica.takeSnapshotOrders().isEmpty)

    replica.recordsAreDurable(through: 0, roomBytes: 0)
    var taken: [UInt64] = []
    for second in UInt64(1)...250 {
      let now = Reading(monotonicMicroseconds: second * 1_000_000, wallMilliseconds: 0)
      replica.tick(now)
      replica.commitWrites(through: 10 + second)
      guard case .write(let state)? = replica.takeSnapshotOrders().first else { continue }
      taken.append(second)
      replica.receive(.taken(state.mark, size: 1 << 40))
    }
    replica.recordsAreDurable(through: 0, roomBytes: 1 << 30)
    replica.tick(Reading(monotonicMicroseconds: 1_000_000_000, wallMilliseconds: 0))
    replica.commitWrites(through: 261)

    XCTAssertEqual(taken, [1, 11, 31, 71, 151])
    XCTAssertTrue(replica.takeSnapshotOrders().isEmpty, "the disk has room")
  }

  func test_D21_replica_whenASnapshotHasRotted_writesTheSameAnew() throws {
    var replica = try due(through: 9)
    try writeSnapshot(&replica)

    replica.receive(.damaged(.missing(file: "snapshot")))
    _ = replica.turn()

    guard case .write(let state)? = replica.takeSnapshotOrders().first else {
      return XCTFail("nothing frozen")
    }
    XCTAssertEqual(state.mark.index, LogIndex(9))
    _ = replica.turn()
    XCTAssertTrue(replica.takeSnapshotOrders().isEmpty, "once is enough")
  }

  func test_D21_replica_whenTheJournalHasRotted_waitsUntilASnapshotCanHoldAllOfIt() throws {
    var replica = try due(through: 9)
    try writeSnapshot(&replica)
    replica.core.status.lastIndex = LogIndex(12)

    replica.journalIsDamaged(below: 40)
    replica.commitWrites(through: 11)
    XCTAssertTrue(replica.takeSnapshotOrders().isEmpty)
    replica.commitWrites(through: 12)

    XCTAssertEqual(replica.core.damagedBelow, 40)
    guard case .write(let state)? = replica.takeSnapshotOrders().first else {
      return XCTFail("nothing frozen")
    }
    XCTAssertEqual(state.mark.index, LogIndex(12))
  }

  func test_D21_replica_whenTheLogBecomesShorter_waitsForNoMore() throws {
    var replica = try due(through: 9)
    try writeSnapshot(&replica)
    replica.core.status.lastIndex = LogIndex(12)
    replica.journalIsDamaged(below: 40)

    replica.core.status.lastIndex = LogIndex(9)
    _ = replica.turn()

    XCTAssertEqual(replica.takeSnapshotOrders().count, 1)
  }

  func test_replica_whenAnothersSnapshotIsAhead_goesOnFromItAndLetsGoOfItsOwn() throws {
    var replica = try TestReplica.fixture()
    replica.commitWrites(through: 3)

    replica.receive(.received(try restored(through: 9)))
    replica.commitWrites(through: 12)

    XCTAssertEqual(replica.core.installed, [LogIndex(9)])
    XCTAssertEqual(replica.lastApplied, LogIndex(12))
    XCTAssertEqual(replica.machine.applied.count, 10)
    guard case .discard? = replica.takeSnapshotOrders().first else {
      return XCTFail("the old state is freed here")
    }
  }

  func test_replica_whenAnothersSnapshotIncludesEntriesThatAreLeft_goesOnBehindIt() throws {
    var replica = try TestReplica.fixture()
    replica.machine.padding = 1 << 20
    replica.core.effects.committed = (1...12).map(orderedRead)
    let first = replica.turn()
    let reached = replica.lastApplied

    replica.receive(.received(try restored(through: 9)))
    replica.machine.padding = 1 << 20
    let second = replica.turn()
    let third = replica.turn()

    XCTAssertEqual(reached, LogIndex(2))
    XCTAssertEqual([first, second, third].map(\.isUnfinished), [true, true, true])
    XCTAssertFalse(replica.turn().isUnfinished, "what the core decided meanwhile is out")
    XCTAssertEqual(second.orderedReplies.map(\.index), [LogIndex(10), LogIndex(11)])
    XCTAssertEqual(replica.lastApplied, LogIndex(12))
  }

  func test_replica_whenAnothersSnapshotIncludesAllThatIsLeft_stillTellsWhatCameWithIt() throws {
    var replica = try TestReplica.fixture()
    replica.machine.padding = 1 << 20
    replica.core.effects.committed = (1...9).map(orderedRead)
    replica.core.effects.evidence = [[7]]
    let first = replica.turn()

    replica.receive(.received(try restored(through: 9)))
    let second = replica.turn()

    XCTAssertTrue(first.isUnfinished)
    XCTAssertEqual([first, second].map(\.evidence), [[], [[7]]])
  }

  func test_replica_whenAnothersSnapshotIsNotAhead_staysAsItIs() throws {
    var replica = try TestReplica.fixture()
    replica.commitWrites(through: 9)
    let digest = replica.stateDigest()

    replica.receive(.received(try restored(through: 9)))

    XCTAssertEqual(replica.stateDigest(), digest)
    XCTAssertEqual(replica.core.installed, [])
    XCTAssertEqual(replica.core.lost, [LogIndex(9)])
    XCTAssertEqual(replica.core.taken, [LogIndex(9)])
    guard case .discardParts? = replica.takeSnapshotOrders().first else {
      return XCTFail("what came too late is freed here")
    }
  }

  func test_replica_whenItGoesOnFromASnapshot_refusesThoseWhoWait() throws {
    var replica = try TestReplica.fixture()
    replica.commitWrites(through: 3)
    replica.core.status.role = .leader
    replica.core.status.leader = NodeID(1)
    let request = ClientRequest(.register, session: 77, sequence: 0)
    replica.submit(request, mayForward: false, token: ReplyToken(7))

    replica.receive(.received(try restored(through: 9)))

    XCTAssertEqual(replica.turn().replies.map(\.reply), [.refused(.leadershipLost)])
  }

  func test_replica_whenItStartsFromASnapshot_hasItsState() throws {
    let replica = try TestReplica.fixture(restored: try restored(through: 9))

    XCTAssertEqual(replica.lastApplied, LogIndex(9))
    XCTAssertEqual(replica.snapshotIndex, LogIndex(9))
    XCTAssertEqual(replica.machine.applied.count, 7)
  }

  func test_replica_whenNoOlderSnapshotIsOfUse_freezesItsStateSoon() throws {
    for (isInstalled, firstIndex) in [(true, 10), (false, 10), (false, 3)] {
      var replica = try TestReplica.fixture(
        restored: isInstalled ? nil : try restored(through: 9),
        firstIndex: LogIndex(UInt64(firstIndex))
      )
      if isInstalled { replica.receive(.received(try restored(through: 9))) }
      replica.core.configuration = ClusterConfiguration(
        seats: [.init(member: replica.identity.member, clientAddress: "", peerAddress: "")]
      )
      _ = replica.turn()
      let early = replica.takeSnapshotOrders().count { if case .write = $0 { true } else { false } }
      replica.commitWrites(through: 10)
      let late = replica.takeSnapshotOrders().count { if case .write = $0 { true } else { false } }

      XCTAssertEqual(early, 0, "there is nothing new to keep")
      XCTAssertEqual(late, firstIndex == 10 ? 1 : 0)
    }
  }

  // A vote takes 4 KiB and no room in the log: seeds 100841, 101011 and 101414 (W8).
  func test_snapshot_whenLeadersChangeOftenAndLittleIsWritten_isDueForTheJournal() throws {
    var replica = try TestReplica.fixture(snapshotLogSizeMin: 40_000)
    replica.core.configuration = ClusterConfiguration(
      seats: [.init(member: Self.member(1), clientAddress: "", peerAddress: "")]
    )
    replica.commitWrites(through: 5)
    replica.core.effects.records = votes(9)
    replica.commitWrites(through: 6)
    XCTAssertEqual(snapshots(ordered: &replica), 0, "38 KB of votes are not twice 45 KB")

    replica.core.effects.records = votes(15)
    replica.commitWrites(through: 7)
    try writeSnapshot(&replica)
    replica.commitWrites(through: 8)
    XCTAssertEqual(snapshots(ordered: &replica), 0, "counted anew from there")
  }

  // Seed 1420: the state had been in doubt, and between two snapshots stood 23 times what was due.
  func test_snapshot_whenTheLastOneWasLongInComing_isDueAtOnce() throws {
    for (count, expected) in [(15, 0), (50, 1)] {
      var replica = try TestReplica.fixture(snapshotLogSizeMin: 40_000)
      replica.core.configuration = ClusterConfiguration(
        seats: [.init(member: Self.member(1), clientAddress: "", peerAddress: "")]
      )
      replica.core.effects.records = votes(count)
      replica.commitWrites(through: 5)
      _ = replica.turn()
      replica.core.effects.records = votes(10)
      replica.commitWrites(through: 6)
      try writeSnapshot(&replica)

      replica.commitWrites(through: 7)
      XCTAssertEqual(snapshots(ordered: &replica), expected, "\(count)")
    }
  }

  func test_snapshot_whenStartsFindMoreAndMoreVotes_isDueForTheJournal() throws {
    for (count, expected) in [(30, 0), (60, 1)] {
      let found = (1...count).map { position in
        RecoveredRecord(
          position: UInt64(position),
          payload: ScriptedCore.Record(0).payload,
          isVital: true
        )
      }
      var replica = try TestReplica.fixture(snapshotLogSizeMin: 40_000, recovered: found)
      replica.core.configuration = ClusterConfiguration(
        seats: [.init(member: Self.member(1), clientAddress: "", peerAddress: "")]
      )
      replica.commitWrites(through: 5)
      XCTAssertEqual(snapshots(ordered: &replica), expected, "\(count)")
    }
  }

  // MARK: Helpers

  private func votes(_ count: Int) -> [ScriptedCore.Record] {
    (0..<count).map { _ in ScriptedCore.Record(0) }
  }

  private func snapshots(ordered replica: inout TestReplica) -> Int {
    replica.takeSnapshotOrders().count { if case .write = $0 { true } else { false } }
  }

  /// A replica whose log is long enough for a snapshot.
  private func due(through index: UInt64, voters: UInt32 = 1) throws -> TestReplica {
    var replica = try TestReplica.fixture(snapshotLogSizeMin: 300)
    replica.core.configuration = ClusterConfiguration(
      seats: (1...voters).map { id in
        ClusterConfiguration.Seat(
          member: Self.member(id),
          clientAddress: "n\(id):1",
          peerAddress: "n\(id):2"
        )
      }
    )
    replica.commitWrites(through: index)
    return replica
  }

  private static func member(_ id: UInt32) -> Member {
    Member(id: NodeID(id), incarnation: Incarnation(UInt64(id) * 11))
  }

  /// What another node says that has come to the same.
  private func report(of replica: TestReplica) -> DigestReport {
    DigestReport(boot: 1, marks: replica.results.marks(stretchesMax: 8))
  }

  private func read(
    _ frozen: ReplicaImage<CountingMachine>
  ) throws -> RestoredState<CountingMachine> {
    var image = frozen
    var builder = ReplicaBuilder<CountingMachine>()
    while let piece = image.nextPiece(sizeAim: 100) { try builder.take(Bytes(piece)) }
    return try builder.finish()
  }

  /// Carries out the order that is due.
  private func writeSnapshot(_ replica: inout TestReplica) throws {
    guard case .write(let state)? = replica.takeSnapshotOrders().first else {
      return XCTFail("nothing frozen")
    }
    replica.receive(.taken(state.mark, size: 100))
  }

  private func orderedRead(at index: UInt64) -> Committed {
    Committed(
      index: LogIndex(index),
      term: Term(3),
      logTimeMicroseconds: index,
      wallMilliseconds: 0,
      payload: .signed(
        ClientRequest(.read, session: 0, sequence: index, command: [1]),
        by: ClientNumber(1)
      )
    )
  }

  private func restored(through index: UInt64) throws -> RestoredSnapshot<CountingMachine> {
    var source = try TestReplica.fixture()
    source.commitWrites(through: index)
    let state = try read(source.freeze())
    let mark = SnapshotMark(
      index: LogIndex(index),
      term: Term(3),
      logTimeMicroseconds: index,
      configuration: ClusterConfiguration(seats: []),
      configurationIndex: LogIndex(1)
    )
    return RestoredSnapshot(mark: mark, state: state, size: 100)
  }
}

extension Replica where Core == ScriptedCore, Machine == CountingMachine {
  static func fixture(
    snapshotLogSizeMin: Int = .max,
    restored: RestoredSnapshot<CountingMachine>? = nil,
    firstIndex: LogIndex = LogIndex(1),
    answerSizeMax: Int = ReplicaOptions().answerSizeMax,
    recovered: [RecoveredRecord] = []
  ) throws -> Replica {
    var start = ReplicaStart<ScriptedCore>(
      identity: Identity(
        cluster: ClusterID(high: 1, low: 2),
        member: Member(id: NodeID(1), incarnation: Incarnation(11)),
        boot: 1
      ),
      coreOptions: ScriptedCore.Options(firstIndex: firstIndex),
      seed: 1,
      now: Reading(monotonicMicroseconds: 0, wallMilliseconds: 0),
      journalRoomBytes: 1 << 30
    )
    start.options.snapshotLogSizeMin = snapshotLogSizeMin
    start.options.answerSizeMax = answerSizeMax
    return try Replica(
      start: start,
      machine: CountingMachine(),
      restored: restored,
      recovered: recovered
    )
  }

  /// Applies entries up to an index: the configuration, a session, and its writes.
  mutating func commitWrites(through index: UInt64) {
    for next in lastApplied.rawValue + 1..<index + 1 {
      let payload: Committed.Payload =
        switch next {
        case 1: .configuration(ClusterConfiguration(seats: []))
        case 2: .request(ClientRequest(.register, session: 5, sequence: 0))
        default:
          .request(
            ClientRequest(
              .write,
              session: 2,
              sequence: next,
              answeredThrough: next - 1,
              command: [UInt8(truncatingIfNeeded: next)]
            )
          )
        }
      core.effects.committed.append(
        Committed(
          index: LogIndex(next),
          term: Term(3),
          logTimeMicroseconds: next,
          wallMilliseconds: 0,
          payload: payload
        )
      )
    }
    _ = turn()
  }
}
