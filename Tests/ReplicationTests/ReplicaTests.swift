import Consensus
@testable import Storage
import Wire
import XCTest

@testable import Replication

final class ReplicaTests: XCTestCase {
  private typealias TestReplica = Replica<ScriptedCore, CountingMachine>
  private let me = Member(id: NodeID(1), incarnation: Incarnation(11))
  private let other = Member(id: NodeID(2), incarnation: Incarnation(22))

  func test_promise_whenItsRecordsAreNotDurable_waits() throws {
    var replica = try fixture()
    replica.core.effects.records = [ScriptedCore.Record(1), ScriptedCore.Record(2)]
    replica.core.effects.messagesAfterSync = [Envelope(to: other, ScriptedCore.Message(9))]

    let first = replica.turn()
    replica.recordsAreDurable(through: 1, roomBytes: 1 << 30)
    let second = replica.turn()
    replica.recordsAreDurable(through: 2, roomBytes: 1 << 30)
    let third = replica.turn()

    XCTAssertEqual(first.records.count, 2)
    XCTAssertTrue(first.messages.isEmpty)
    XCTAssertTrue(second.messages.isEmpty)
    XCTAssertEqual(third.messages.count, 1)
  }

  func test_turn_inHalves_letsPeersAndDiskBeginBeforeTheStateChanges() throws {
    var replica = try leaderWithSession()
    replica.submit(write(1), mayForward: false, token: ReplyToken(7))
    commit(.request(write(1)), at: 2, in: &replica)
    replica.core.effects.messages = [Envelope(to: other, ScriptedCore.Message(9))]
    replica.core.effects.records = [ScriptedCore.Record(1)]

    let begun = replica.beginTurn()
    let appliedByThen = replica.machine.applied
    let rest = replica.endTurn()

    XCTAssertEqual(begun.messages.count, 1)
    XCTAssertEqual(begun.records.count, 1)
    XCTAssertTrue(begun.replies.isEmpty)
    XCTAssertEqual(appliedByThen, [])
    XCTAssertTrue(rest.messages.isEmpty)
    XCTAssertTrue(rest.records.isEmpty)
    XCTAssertEqual(rest.replies.map(\.reply), [.applied(index: LogIndex(2), bytes: [1])])
  }

  func test_promise_whenNothingIsPending_leavesAtOnce() throws {
    var replica = try fixture()
    replica.core.effects.messagesAfterSync = [Envelope(to: other, ScriptedCore.Message(9))]

    XCTAssertEqual(replica.turn().messages.count, 1)
  }

  func test_write_whenItsEntryIsCommittedTwice_isAppliedOnceAndAnsweredTheSame() throws {
    var replica = try leaderWithSession()
    replica.submit(write(1), mayForward: false, token: ReplyToken(7))
    commit(.request(write(1)), at: 2, in: &replica)
    commit(.request(write(1)), at: 3, in: &replica)

    let turn = replica.turn()
    replica.submit(write(1), mayForward: false, token: ReplyToken(8))
    let again = replica.turn()

    XCTAssertEqual(replica.machine.applied, [[42]])
    XCTAssertEqual(turn.replies.map(\.reply), [.applied(index: LogIndex(2), bytes: [1])])
    XCTAssertEqual(again.replies.map(\.reply), [.applied(index: LogIndex(2), bytes: [1])])
  }

  func test_write_whenTheMachineObjects_isNotProposed() throws {
    var replica = try leaderWithSession()

    replica.submit(
      ClientRequest(.write, session: 1, sequence: 1),
      mayForward: false,
      token: ReplyToken(7)
    )

    XCTAssertTrue(replica.core.submissions.isEmpty)
    XCTAssertEqual(replica.turn().replies.map(\.reply), [.objection(bytes: [0xFF])])
  }

  func test_write_atAFollower_isForwardedAndAnsweredFromItsOwnApply() throws {
    var replica = try followerWithSession()

    replica.submit(write(1), mayForward: true, token: ReplyToken(7))
    let sent = replica.turn()
    commit(.request(write(1)), at: 2, in: &replica)
    let answered = replica.turn()

    guard case .forward(let request)? = sent.messages.first?.message else {
      return XCTFail("the request is passed on")
    }
    XCTAssertEqual(request, write(1))
    XCTAssertEqual(sent.messages.first?.recipient, other)
    XCTAssertEqual(answered.replies.map(\.reply), [.applied(index: LogIndex(2), bytes: [1])])
  }

  func test_write_atAFollowerThatMustNotForward_namesTheLeader() throws {
    var replica = try followerWithSession()

    replica.submit(write(1), mayForward: false, token: ReplyToken(7))

    XCTAssertEqual(
      replica.turn().replies.map(\.reply),
      [.refused(.notLeader(leader: NodeID(2)))]
    )
  }

  func test_forwardedWrite_whenTheLeaderRefuses_tellsTheFollower() throws {
    var replica = try leaderWithSession()
    replica.receive(.forward(write(1)), from: other)
    replica.core.effects.refused = [.request(write(1).key, .overloaded)]

    let turn = replica.turn()

    guard case .forwardRefused(let key, .overloaded)? = turn.messages.first?.message else {
      return XCTFail("the refusal goes back")
    }
    XCTAssertEqual(key, write(1).key)
  }

  func test_R3_whenARequestThatWasPassedOnComesAgain_isProposedOnce() throws {
    var replica = try leaderWithSession()
    replica.receive(.forward(write(1)), from: other)
    _ = replica.turn()

    replica.submit(write(1), mayForward: true, token: ReplyToken(7))
    replica.receive(.forward(write(1)), from: other)
    commit(.request(write(1)), at: 2, in: &replica)
    let turn = replica.turn()

    // A second proposal could be refused, and the follower would take that for both.
    XCTAssertEqual(replica.core.submissions.count, 1)
    XCTAssertEqual(turn.replies.map(\.reply), [.applied(index: LogIndex(2), bytes: [1])])
  }

  func test_R3_whenALeaderOfThePastRefuses_whatIsWithTheNextOneGoesOn() throws {
    var replica = try followerWithSession()
    replica.core.status.leader = me.id
    replica.submit(write(1), mayForward: true, token: ReplyToken(7))
    replica.core.status.leader = other.id
    replica.submit(write(2), mayForward: true, token: ReplyToken(8))
    _ = replica.turn()
    let former = Member(id: NodeID(3), incarnation: Incarnation(33))

    for sequence in 1...2 {
      let key = write(UInt64(sequence)).key
      replica.receive(.forwardRefused(key, .noLeader), from: former)
    }
    let afterFormer = replica.turn()
    for sequence in 1...2 {
      let key = write(UInt64(sequence)).key
      replica.receive(.forwardRefused(key, .overloaded), from: other)
    }

    XCTAssertEqual(afterFormer.replies.map(\.reply), [])
    XCTAssertEqual(replica.turn().replies.map(\.reply), [.refused(.overloaded)])
  }

  func test_waitingWrites_whenLeadershipIsLost_areUnknown() throws {
    var replica = try leaderWithSession()
    replica.submit(write(1), mayForward: false, token: ReplyToken(7))
    replica.core.effects.leader = LeaderChange(leader: nil, term: Term(2))

    XCTAssertEqual(replica.turn().replies.map(\.reply), [.refused(.leadershipLost)])
    XCTAssertEqual(Refusal.leadershipLost.outcome, .unknown)
  }

  func test_write_whenTheJournalHasNoRoom_isRefusedBeforeProposal() throws {
    var replica = try leaderWithSession()
    replica.recordsAreDurable(through: 0, roomBytes: 1000)

    replica.submit(write(1), mayForward: false, token: ReplyToken(7))

    XCTAssertTrue(replica.core.submissions.isEmpty)
    XCTAssertFalse(replica.core.hasRoom)
    XCTAssertEqual(replica.turn().replies.map(\.reply), [.refused(.diskFull)])
  }

  func test_removal_whenTheJournalHasNoRoomForWrites_isProposedAsOne() throws {
    var replica = try leaderWithSession()
    replica.recordsAreDurable(through: 0, roomBytes: 1 << 20)
    replica.core.takesOnlyRemovals = true

    replica.submit(write(1), mayForward: false, token: ReplyToken(7))
    replica.submit(write(2, command: [0]), mayForward: false, token: ReplyToken(8))

    XCTAssertEqual(replica.turn().replies.map(\.reply), [.refused(.diskFull)])
    XCTAssertTrue(replica.core.hasRoomForRemovals)
    guard case .removal(let request) = replica.core.submissions.last else {
      return XCTFail("\(replica.core.submissions)")
    }
    XCTAssertEqual(request.sequence, 2)
  }

  func test_removal_whenTheReserveIsUsedUp_isRefused() throws {
    var replica = try leaderWithSession()
    replica.recordsAreDurable(through: 0, roomBytes: 200 << 10)

    replica.submit(write(1, command: [0]), mayForward: false, token: ReplyToken(7))

    XCTAssertFalse(replica.core.hasRoomForRemovals)
    XCTAssertEqual(replica.turn().replies.map(\.reply), [.refused(.diskFull)])
  }

  func test_write_whenTheJournalOnlyHasToCatchUp_isRefusedAsOverloaded() throws {
    var replica = try leaderWithSession()
    replica.recordsAreDurable(through: 0, roomBytes: 1000, isDiskFull: false)

    replica.submit(write(1), mayForward: false, token: ReplyToken(7))

    XCTAssertTrue(replica.core.hasRoom, "a leader with a busy disk stays")
    XCTAssertEqual(replica.turn().replies.map(\.reply), [.refused(.overloaded)])
  }

  func test_room_whenRecordsAreOnTheirWay_countsThemAsUsed() throws {
    var replica = try leaderWithSession()
    replica.core.effects.records = [ScriptedCore.Record(1)]
    replica.recordsAreDurable(through: 0, roomBytes: (2 << 20) + 1)

    _ = replica.turn()

    XCTAssertFalse(replica.core.hasRoom, "what was handed over is not room any more")
  }

  func test_room_whenManyWritesComeWithinOneTurn_countsEachAtOnce() throws {
    var replica = try leaderWithSession()
    replica.recordsAreDurable(through: 0, roomBytes: (2 << 20) + 1_000)

    for token in 10..<30 {
      replica.submit(write(UInt64(token)), mayForward: false, token: ReplyToken(UInt64(token)))
    }

    XCTAssertLessThan(replica.core.submissions.count, 10)
    XCTAssertTrue(replica.turn().replies.map(\.reply).contains(.refused(.diskFull)))
  }

  func test_room_whenATurnWroteNothing_isNotTakenByWhatWasRefused() throws {
    var replica = try leaderWithSession()
    replica.recordsAreDurable(through: 0, roomBytes: (2 << 20) + 200)
    replica.submit(write(1), mayForward: false, token: ReplyToken(7))
    _ = replica.turn()

    replica.submit(write(2), mayForward: false, token: ReplyToken(8))

    XCTAssertEqual(replica.core.submissions.count, 2)
  }

  func test_read_whenConfirmedAboveTheState_waitsForTheState() throws {
    var replica = try leaderWithSession()
    replica.read(
      [5],
      level: .linearizable,
      atLeast: .zero,
      deadlineMicroseconds: 100,
      token: ReplyToken(3)
    )
    guard case .read(let id)? = replica.core.submissions.last else {
      return XCTFail("the core is asked")
    }
    replica.core.effects.readable = [Readable(id: id, index: LogIndex(2))]

    let early = replica.turn()
    commit(.noOp, at: 2, in: &replica)
    let late = replica.turn()

    XCTAssertTrue(early.replies.isEmpty)
    XCTAssertEqual(late.replies.map(\.reply), [.answer(index: LogIndex(2), bytes: [5, 0])])
  }

  func test_staleRead_whenTheLeaderWasNotHeardLately_isRefused() throws {
    var replica = try followerWithSession()
    replica.tick(reading(5_000))
    replica.core.status.leaderContactMicroseconds = 1_000

    replica.read(
      [5],
      level: .stale(maxLagMicroseconds: 3_999),
      atLeast: .zero,
      deadlineMicroseconds: 9_000,
      token: ReplyToken(3)
    )
    replica.read(
      [5],
      level: .stale(maxLagMicroseconds: 4_000),
      atLeast: .zero,
      deadlineMicroseconds: 9_000,
      token: ReplyToken(4)
    )

    XCTAssertEqual(
      replica.turn().replies.map(\.reply),
      [.refused(.tooStale), .answer(index: LogIndex(1), bytes: [5, 0])]
    )
  }

  func test_read_whenItsDeadlinePasses_isRefused() throws {
    var replica = try followerWithSession()
    replica.read(
      [5],
      level: .linearizable,
      atLeast: .zero,
      deadlineMicroseconds: 100,
      token: ReplyToken(3)
    )

    replica.tick(reading(20_000))

    XCTAssertEqual(replica.turn().replies.map(\.reply), [.refused(.deadlinePassed)])
  }

  func test_transfer_whenAnotherLeads_isAnswered() throws {
    var replica = try leaderWithSession()
    replica.transferLeadership(to: NodeID(2), token: ReplyToken(4))
    replica.core.effects.leader = LeaderChange(leader: NodeID(2), term: Term(3))

    XCTAssertEqual(replica.turn().replies.map(\.reply), [.transferred(to: NodeID(2))])
  }

  func test_staleRead_whenTheProcessStoodStillBeforeTheAnswer_isRefused() throws {
    var replica = try followerWithSession()
    replica.tick(reading(5_000))
    replica.core.status.leaderContactMicroseconds = 5_000

    replica.read(
      [5],
      level: .stale(maxLagMicroseconds: 4_000),
      atLeast: .zero,
      deadlineMicroseconds: 90_000_000,
      token: ReplyToken(3)
    )
    replica.tick(reading(10_000_000))

    XCTAssertEqual(replica.turn().replies.map(\.reply), [.refused(.tooStale)])
  }

  func test_read_whenNobodyWaitsAnyLonger_isNotAnswered() throws {
    var replica = try followerWithSession()
    replica.core.status.leaderContactMicroseconds = 0
    replica.read(
      [5],
      level: .stale(maxLagMicroseconds: 1_000),
      atLeast: LogIndex(1_000_000),
      deadlineMicroseconds: .max,
      token: ReplyToken(3)
    )

    replica.abandonReads([ReplyToken(3)])

    XCTAssertEqual(replica.reads.count, 0)
  }

  func test_forwards_whenTooManyBytesAreOnTheirWay_areRefusedUntilAnswered() throws {
    var replica = try followerWithSession(options: limits { $0.forwardedSizeMax = 1 })

    replica.submit(write(1), mayForward: true, token: ReplyToken(1))
    replica.submit(write(2), mayForward: true, token: ReplyToken(2))
    let full = replica.turn()
    commit(.request(write(1)), at: 2, in: &replica)
    _ = replica.turn()
    replica.submit(write(3), mayForward: true, token: ReplyToken(3))
    let free = replica.turn()

    XCTAssertEqual(full.messages.count, 1)
    XCTAssertEqual(full.replies.map(\.reply), [.refused(.overloaded)])
    XCTAssertEqual(free.messages.count, 1)
  }

  func test_forward_whenSentAnew_waitsForItsNewDeadline() throws {
    var replica = try followerWithSession(options: limits { $0.forwardTimeoutMicroseconds = 1_000 })
    replica.submit(write(1), mayForward: true, token: ReplyToken(1))
    replica.receive(.forwardRefused(write(1).key, .overloaded), from: other)
    _ = replica.turn()
    replica.tick(reading(600))
    replica.submit(write(1), mayForward: true, token: ReplyToken(2))

    replica.tick(reading(1_200))
    let early = replica.turn()
    replica.tick(reading(1_600))
    let late = replica.turn()

    XCTAssertTrue(early.replies.isEmpty)
    XCTAssertEqual(late.replies.map(\.reply), [.refused(.leadershipLost)])
  }

  func test_write_whenTheJournalLagsFarBehind_isRefusedAsOverloaded() throws {
    var replica = try leaderWithSession(options: limits { $0.unsyncedSizeMax = 1 })
    replica.core.effects.records = [ScriptedCore.Record(1)]
    _ = replica.turn()

    replica.submit(write(1), mayForward: false, token: ReplyToken(7))
    replica.receive(.forward(write(2)), from: other)
    let turn = replica.turn()

    XCTAssertTrue(replica.core.submissions.isEmpty)
    XCTAssertEqual(turn.replies.map(\.reply), [.refused(.overloaded)])
    guard case .forwardRefused(_, .overloaded)? = turn.messages.first?.message else {
      return XCTFail("the follower hears of it, too")
    }
  }

  func test_replica_whenACommittedCommandIsOfALaterVersion_goesNoFurther() throws {
    var replica = try leaderWithSession()
    commit(.request(write(1)), at: 2, in: &replica)
    commit(.request(write(2, command: [0xEE])), at: 3, in: &replica)
    commit(.request(write(3)), at: 4, in: &replica)

    let turn = replica.turn()
    commit(.request(write(4)), at: 5, in: &replica)
    let next = replica.turn()

    XCTAssertEqual(turn.unknownCommand, LogIndex(3))
    XCTAssertEqual(next.unknownCommand, LogIndex(3))
    XCTAssertEqual(replica.machine.applied.count, 1)
  }

  func test_forwarded_whenItIsOfALaterVersion_isNotProposed() throws {
    var replica = try leaderWithSession()

    replica.receive(.forward(write(1, command: [0xEE])), from: other)

    XCTAssertTrue(replica.core.submissions.isEmpty)
  }

  /// The scripted machine knows commands that begin with 0xDD since this build alone.
  func test_write_whenNotAllMembersUnderstandIt_isRefusedUntilTheyDo() throws {
    var leader = try leaderWithSession()
    var follower = try followerWithSession()

    leader.submit(write(1, command: [0xDD]), mayForward: true, token: ReplyToken(7))
    follower.submit(write(1, command: [0xDD]), mayForward: true, token: ReplyToken(7))

    XCTAssertEqual(leader.turn().replies.map(\.reply), [.refused(.notOfferedByAll)])
    let refused = follower.turn()
    XCTAssertEqual(refused.replies.map(\.reply), [.refused(.notOfferedByAll)])
    XCTAssertTrue(refused.messages.isEmpty)
    leader.submit(write(1), mayForward: true, token: ReplyToken(8))
    leader.commonLevel = .own
    leader.submit(write(2, command: [0xDD]), mayForward: true, token: ReplyToken(9))
    XCTAssertEqual(leader.core.submissions.count, 2)
  }

  /// A member that was upgraded first may take the old build's leader for one of its own.
  func test_forwarded_whenNotAllMembersUnderstandIt_isRefused() throws {
    var replica = try leaderWithSession()

    replica.receive(.forward(write(1, command: [0xDD])), from: other)

    XCTAssertTrue(replica.core.submissions.isEmpty)
    guard case .forwardRefused(_, .notOfferedByAll)? = replica.turn().messages.first?.message
    else { return XCTFail("the refusal goes back") }
  }

  func test_write_inTheTurnThatWonTheElection_isNotGivenUp() throws {
    var replica = try leaderWithSession()
    replica.submit(write(1), mayForward: false, token: ReplyToken(7))
    replica.core.effects.leader = LeaderChange(leader: me.id, term: Term(2))

    let elected = replica.turn()
    commit(.request(write(1)), at: 2, in: &replica)
    let committed = replica.turn()

    XCTAssertTrue(elected.replies.isEmpty)
    XCTAssertEqual(committed.replies.map(\.reply), [.applied(index: LogIndex(2), bytes: [1])])
  }

  func test_transfer_whenOneIsUnderWay_refusesTheSecondAlone() throws {
    var replica = try leaderWithSession()
    replica.transferLeadership(to: NodeID(2), token: ReplyToken(4))

    replica.transferLeadership(to: NodeID(2), token: ReplyToken(5))
    let refused = replica.turn()
    replica.core.effects.leader = LeaderChange(leader: NodeID(2), term: Term(3))
    let done = replica.turn()

    XCTAssertEqual(refused.replies.map(\.token), [ReplyToken(5)])
    XCTAssertEqual(refused.replies.map(\.reply), [.refused(.transferInProgress)])
    XCTAssertEqual(done.replies.map(\.reply), [.transferred(to: NodeID(2))])
  }

  func test_transfer_whenTheOldLeaderIsElectedAgain_hasFailed() throws {
    var replica = try leaderWithSession()
    replica.transferLeadership(to: NodeID(2), token: ReplyToken(4))
    replica.core.effects.leader = LeaderChange(leader: nil, term: Term(3))
    _ = replica.turn()
    replica.core.effects.leader = LeaderChange(leader: me.id, term: Term(4))

    XCTAssertEqual(replica.turn().replies.map(\.reply), [.refused(.transferFailed)])
  }

  func test_transfer_whenAThirdNodeIsElected_hasFailed() throws {
    var replica = try leaderWithSession()
    replica.transferLeadership(to: NodeID(2), token: ReplyToken(4))
    replica.core.effects.leader = LeaderChange(leader: nil, term: Term(3))
    _ = replica.turn()

    replica.core.effects.leader = LeaderChange(leader: NodeID(3), term: Term(4))

    XCTAssertEqual(replica.turn().replies.map(\.reply), [.refused(.transferFailed)])
  }

  func test_start_whenARecordIsUnreadable_namesIt() {
    let bad = RecoveredRecord(position: 3, payload: [1, 2], isVital: false)

    XCTAssertThrowsError(try fixture(recovered: [bad])) { error in
      XCTAssertTrue("\(error)".contains("record 3"), "\(error)")
    }
  }

  // MARK: Fixtures

  private func limits(_ change: (inout ReplicaOptions) -> Void) -> ReplicaOptions {
    var options = ReplicaOptions()
    change(&options)
    return options
  }

  private func fixture(
    recovered: [RecoveredRecord] = [],
    options: ReplicaOptions = ReplicaOptions()
  ) throws -> TestReplica {
    var start = ReplicaStart<ScriptedCore>(
      identity: Identity(cluster: ClusterID(high: 1, low: 2), member: me, boot: 1),
      coreOptions: ScriptedCore.Options(),
      seed: 1,
      now: reading(0),
      journalRoomBytes: 1 << 30
    )
    start.options = options
    return try TestReplica(start: start, machine: CountingMachine(), recovered: recovered)
  }

  private func leaderWithSession(
    options: ReplicaOptions = ReplicaOptions()
  ) throws -> TestReplica {
    var replica = try followerWithSession(options: options)
    replica.core.status.role = .leader
    replica.core.status.leader = me.id
    return replica
  }

  /// A follower of node 2 whose first entry opened session 1.
  private func followerWithSession(
    options: ReplicaOptions = ReplicaOptions()
  ) throws -> TestReplica {
    var replica = try fixture(options: options)
    replica.core.status.leader = other.id
    replica.core.configuration = ClusterConfiguration(seats: [
      .init(member: me, clientAddress: "a:1", peerAddress: "a:2"),
      .init(member: other, clientAddress: "b:1", peerAddress: "b:2"),
    ])
    commit(.request(ClientRequest(.register, session: 99)), at: 1, in: &replica)
    replica.core.status.commitIndex = LogIndex(1)
    _ = replica.turn()
    return replica
  }

  private func commit(
    _ payload: Committed.Payload,
    at index: UInt64,
    in replica: inout TestReplica
  ) {
    replica.core.effects.committed.append(
      Committed(
        index: LogIndex(index),
        term: Term(1),
        logTimeMicroseconds: index,
        wallMilliseconds: 0,
        payload: payload
      )
    )
  }

  private func write(_ sequence: UInt64, command: [UInt8] = [42]) -> ClientRequest {
    ClientRequest(.write, session: 1, sequence: sequence, command: Bytes(command))
  }

  private func reading(_ microseconds: UInt64) -> Reading {
    Reading(monotonicMicroseconds: microseconds, wallMilliseconds: 0)
  }
}
