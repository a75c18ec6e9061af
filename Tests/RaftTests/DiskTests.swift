import Consensus
import XCTest

@testable import Raft

/// The rules on the disk: who waits for it, what a slow or full one leads to.
final class DiskTests: XCTestCase {
  func test_heartbeatAnswer_whenTheTermIsDurable_leavesAtOnce() {
    var node = RaftCore.followerOfTwo()
    node.receive(.append(term: 1, after: LogMark(1, 0), [1]), from: .node(2))
    node.receive(.heartbeat(term: Term(1), round: 2, commitIndex: .zero), from: .node(2))

    let effects = node.takeEffects()

    XCTAssertEqual(effects.messages.count, 1)
    XCTAssertEqual(effects.messagesAfterSync.count, 1)
  }

  func test_heartbeatAnswer_whenTheTermIsNew_waitsForItsRecord() {
    var node = RaftCore.fixture()

    node.receive(.heartbeat(term: Term(1), round: 1, commitIndex: .zero), from: .node(2))

    let effects = node.takeEffects()
    XCTAssertTrue(effects.messages.isEmpty)
    XCTAssertEqual(effects.messagesAfterSync.count, 1)
  }

  func test_refusal_whenTheTermIsNotDurable_waitsForItsRecord() {
    var node = RaftCore.fixture()
    node.receive(.termPassed(term: Term(5)), from: .node(2))

    node.receive(.requestPreVote(term: Term(3), last: LogMark(9, 2)), from: .node(3))

    XCTAssertTrue(node.takeEffects().messages.isEmpty)
  }

  func test_leader_whenItsDiskIsSlowerThanItsBudget_handsOver() {
    var leader = RaftCore.leader()
    leader.submit(.request(.fixture("x")))
    _ = leader.takeEffects()

    leader.pass(milliseconds: 1_990, whileFollowersAnswer: true)
    leader.acknowledge(from: 2)
    leader.acknowledge(from: 3)
    XCTAssertTrue(leader.takeEffects().messages.filter(\.isTimeoutNow).isEmpty)
    leader.pass(milliseconds: 20, whileFollowersAnswer: true)

    XCTAssertEqual(leader.takeEffects().messages.filter(\.isTimeoutNow).count, 1)
  }

  func test_leader_whenAQuorumHasCommittedAllWithoutItsDisk_handsOverSooner() {
    var leader = RaftCore.leader()
    leader.submit(.request(.fixture("x")))
    _ = leader.takeEffects()
    leader.acknowledge(from: 2)
    leader.acknowledge(from: 3)

    leader.pass(milliseconds: 490, whileFollowersAnswer: true)
    XCTAssertTrue(leader.takeEffects().messages.filter(\.isTimeoutNow).isEmpty)
    leader.pass(milliseconds: 20, whileFollowersAnswer: true)

    XCTAssertEqual(leader.takeEffects().messages.filter(\.isTimeoutNow).count, 1)
  }

  func test_leader_whenAQuorumGoesOnWithoutItsDisk_handsOverSooner() {
    var leader = RaftCore.leader()
    leader.submit(.request(.fixture("x")))
    _ = leader.takeEffects()
    leader.acknowledge(from: 2)
    let committed = leader.lastIndex
    leader.submit(.request(.fixture("y")))
    _ = leader.takeEffects()
    leader.pass(milliseconds: 520, whileFollowersAnswer: true)
    XCTAssertTrue(leader.takeEffects().messages.filter(\.isTimeoutNow).isEmpty)

    leader.submit(.request(.fixture("z")))
    for peer in 2...3 {
      leader.receive(
        .appendAccepted(term: Term(1), matchIndex: committed.next, hasRoom: true),
        from: .node(peer)
      )
    }
    leader.tick(leader.now)
    leader.acknowledge(from: 2)
    leader.acknowledge(from: 3)

    XCTAssertEqual(leader.takeEffects().messages.filter(\.isTimeoutNow).count, 1)
  }

  func test_leader_whenItsDiskIsSlowButSyncs_staysThoughAQuorumIsAhead() {
    var leader = RaftCore.leader()
    leader.submit(.request(.fixture("first")))
    _ = leader.takeEffects()
    var handsOver = false
    for number in 0..<8 {
      let position = leader.lastPosition
      leader.submit(.request(.fixture("\(number)")))
      _ = leader.takeEffects()
      leader.acknowledge(from: 2)
      leader.acknowledge(from: 3)
      leader.pass(milliseconds: 400, whileFollowersAnswer: true)
      leader.recordsAreDurable(through: position)
      handsOver = handsOver || leader.takeEffects().messages.contains(where: \.isTimeoutNow)
    }

    XCTAssertFalse(handsOver)
    XCTAssertEqual(leader.status.role, .leader)
  }

  func test_leader_whoseSyncsTakeLongAnyway_waitsLongerForOneOfThem() {
    var leader = RaftCore.leader()
    for number in 0..<2 {
      leader.submit(.request(.fixture("\(number)")))
      _ = leader.takeEffects()
      leader.acknowledge(from: 2)
      leader.acknowledge(from: 3)
      leader.pass(milliseconds: 200, whileFollowersAnswer: true)
      if number == 0 { leader.recordsAreDurable(through: leader.lastPosition) }
    }

    leader.pass(milliseconds: 550, whileFollowersAnswer: true)
    XCTAssertTrue(leader.takeEffects().messages.filter(\.isTimeoutNow).isEmpty)
    leader.pass(milliseconds: 100, whileFollowersAnswer: true)

    XCTAssertEqual(leader.takeEffects().messages.filter(\.isTimeoutNow).count, 1)
  }

  func test_leader_whenItsDiskHangsAndNobodyTakesOver_stepsDown() {
    var leader = RaftCore.leader()
    leader.submit(.request(.fixture("x")))
    _ = leader.takeEffects()

    leader.pass(milliseconds: 2_400, whileFollowersAnswer: true)

    XCTAssertEqual(leader.status.role, .follower)
  }

  func test_node_whenItsDiskHangs_doesNotCampaign() {
    var node = RaftCore.fixture()
    node.receive(.append(term: 1, after: LogMark(1, 0), [1]), from: .node(2))
    _ = node.takeEffects()

    node.pass(milliseconds: 1_000)
    XCTAssertEqual(node.status.role, .candidate)
    node.pass(milliseconds: 1_500)
    XCTAssertEqual(node.status.role, .follower)
    node.recordsAreDurable(through: node.lastPosition)
    node.pass(milliseconds: 320)

    XCTAssertEqual(node.status.role, .candidate)
  }

  func test_candidate_whenItsOwnVoteIsStillOnItsWayToTheDisk_waitsForIt() {
    var node = RaftCore.fixture()
    node.fireElectionTimer()
    node.receive(.preVoteAnswer(term: Term(1), isGranted: true), from: .node(2))
    _ = node.takeEffects()

    node.pass(milliseconds: 1_000)
    node.recordsAreDurable(through: node.lastPosition)
    node.receive(.voteAnswer(term: Term(1), isGranted: true), from: .node(2))

    XCTAssertEqual(node.status.role, .leader)
  }

  // MARK: A full journal

  func test_leader_whenItsJournalIsFull_refusesWritesBeforeTheyAreProposed() {
    var leader = RaftCore.leader()
    leader.journalHasRoom(false)

    leader.submit(.request(.fixture("x")))

    let key = ClientRequest.fixture("x").key
    XCTAssertEqual(leader.takeEffects().refused, [.request(key, .diskFull)])
    XCTAssertEqual(leader.lastIndex, LogIndex(2))
  }

  func test_leader_whenItsJournalIsFull_handsOverToAFollowerWithRoom() {
    var leader = RaftCore.leader()
    leader.receive(
      .appendAccepted(term: Term(1), matchIndex: LogIndex(2), hasRoom: false),
      from: .node(2)
    )
    leader.journalHasRoom(false)

    leader.tick(leader.now)

    XCTAssertEqual(leader.takeEffects().messages(to: 3), [.timeoutNow(term: Term(1))])
  }

  func test_leader_whoseJournalTurnsOutDamaged_asksAgainUntilSomebodyTakesOver() {
    var leader = RaftCore.leader()
    let damagedBelow = leader.lastPosition
    leader.submit(.request(.fixture("nobody has it, so nobody can take over")))
    leader.recordsAreDamaged(below: damagedBelow)
    leader.sync()
    leader.pass(milliseconds: 1_000, whileFollowersAnswer: true)
    let none = leader.takeEffects().messages.filter(\.isTimeoutNow)
    leader.acknowledge(from: 2)
    leader.acknowledge(from: 3)

    var again = 0
    for _ in 0..<30 {
      leader.pass(milliseconds: 100, whileFollowersAnswer: true)
      again += leader.takeEffects().messages.filter(\.isTimeoutNow).count
    }

    XCTAssertEqual(none.count, 0)
    XCTAssertGreaterThan(again, 0)
  }

  func test_leader_whoseDamagedJournalIsReplaced_stays() {
    var leader = RaftCore.leader()
    leader.recordsAreDamaged(below: leader.lastPosition)
    leader.sync()
    leader.snapshotTaken(.fixture(leader.lastIndex.rawValue, 1))

    leader.pass(milliseconds: 5_000, whileFollowersAnswer: true)

    XCTAssertEqual(leader.takeEffects().messages.filter(\.isTimeoutNow).count, 0)
  }

  func test_leader_whoseJournalWasFoundDamagedBefore_stays() {
    var leader = RaftCore.fixture()
    leader.recordsAreDamaged(below: 1)
    leader.fireElectionTimer()
    leader.receive(.preVoteAnswer(term: Term(1), isGranted: true), from: .node(2))
    leader.sync()
    leader.receive(.voteAnswer(term: Term(1), isGranted: true), from: .node(2))
    leader.acknowledge(from: 2)
    leader.sync()
    leader.acknowledge(from: 3)

    leader.pass(milliseconds: 5_000, whileFollowersAnswer: true)

    XCTAssertEqual(leader.takeEffects().messages.filter(\.isTimeoutNow).count, 0)
  }

  func test_leader_whoseJournalHasRoomForRemovalsOnly_takesThose() {
    var leader = RaftCore.leader()
    leader.journalHasRoom(false, forRemovals: true)

    leader.submit(.request(.fixture("x")))
    leader.submit(.removal(.fixture("y")))
    let both = leader.takeEffects()
    leader.journalHasRoom(false)
    leader.submit(.removal(.fixture("z")))

    XCTAssertEqual(both.refused, [.request(ClientRequest.fixture("x").key, .diskFull)])
    XCTAssertEqual(leader.lastIndex, LogIndex(3))
    let last = ClientRequest.fixture("z").key
    XCTAssertEqual(leader.takeEffects().refused, [.request(last, .diskFull)])
  }

  func test_leader_whoseFollowersHaveNoRoom_takesRemovalsOnly() {
    var leader = RaftCore.leader()
    for peer in 2...3 {
      leader.receive(
        .appendAccepted(term: Term(1), matchIndex: LogIndex(2), hasRoom: false),
        from: .node(peer)
      )
    }
    leader.tick(leader.now)

    leader.submit(.request(.fixture("x")))
    leader.submit(.removal(.fixture("y")))

    XCTAssertTrue(leader.takesOnlyRemovals)
    XCTAssertEqual(leader.lastIndex, LogIndex(3))
    let key = ClientRequest.fixture("x").key
    XCTAssertEqual(leader.takeEffects().refused, [.request(key, .diskFull)])
  }

  func test_leader_whenOneFollowerHasNoRoom_takesEverything() {
    var leader = RaftCore.leader()
    leader.receive(
      .appendAccepted(term: Term(1), matchIndex: LogIndex(2), hasRoom: false),
      from: .node(2)
    )
    leader.acknowledge(from: 3)
    leader.tick(leader.now)

    leader.submit(.request(.fixture("x")))

    XCTAssertFalse(leader.takesOnlyRemovals)
    XCTAssertEqual(leader.takeEffects().refused, [])
  }

  /// Else puts would use up the room of the only one that stores them.
  func test_leader_whenTheOtherFollowerIsSilent_takesOnlyRemovals() {
    var leader = RaftCore.leader()
    for _ in 0..<50 {
      leader.pass(milliseconds: 10)
      leader.receive(
        .appendAccepted(term: Term(1), matchIndex: LogIndex(2), hasRoom: false),
        from: .node(2)
      )
    }
    leader.tick(leader.now)

    leader.submit(.request(.fixture("x")))
    leader.submit(.removal(.fixture("y")))

    let key = ClientRequest.fixture("x").key
    XCTAssertEqual(leader.takeEffects().refused, [.request(key, .diskFull)])
  }

  func test_follower_whoseJournalHasRoomForRemovalsOnly_storesWhatTheLeaderLetIn() {
    var node = RaftCore.settledFollower(log: [1])
    node.journalHasRoom(false, forRemovals: true)

    node.receive(.append(term: 1, after: LogMark(2, 1), [1]), from: .node(2))

    let answers = node.takeEffects().messagesAfterSync.map(\.message)
    let accepted = RaftMessage.appendAccepted(
      term: Term(1),
      matchIndex: LogIndex(3),
      hasRoom: false
    )
    XCTAssertEqual(answers, [accepted])
  }

  func test_leader_whenNobodyHasRoom_staysAndReads() {
    var leader = RaftCore.leader()
    for peer in 2...3 {
      leader.receive(
        .appendAccepted(term: Term(1), matchIndex: LogIndex(2), hasRoom: false),
        from: .node(peer)
      )
    }
    leader.journalHasRoom(false)

    leader.tick(leader.now)
    leader.submit(.read(ReadID(1)))
    XCTAssertTrue(leader.takeEffects().messages.filter(\.isTimeoutNow).isEmpty)
    leader.answerRound(from: 2)

    XCTAssertEqual(leader.takeEffects().readable.count, 1)
  }

  func test_leader_whenItLearnsThatItsSuccessorHasNoRoomEither_stays() {
    var leader = RaftCore.fixture()
    leader.fireElectionTimer()
    leader.receive(.preVoteAnswer(term: Term(1), isGranted: true), from: .node(2))
    leader.recordsAreDurable(through: leader.lastPosition)
    leader.receive(.voteAnswer(term: Term(1), isGranted: true), from: .node(2))
    leader.journalHasRoom(false)
    leader.tick(leader.now)

    for peer in 2...3 {
      leader.receive(
        .appendAccepted(term: Term(1), matchIndex: leader.lastIndex, hasRoom: false),
        from: .node(peer)
      )
    }
    leader.pass(milliseconds: 100)

    XCTAssertTrue(leader.takeEffects().messages.filter(\.isTimeoutNow).isEmpty)
    leader.submit(.request(.fixture("x")))
    let key = ClientRequest.fixture("x").key
    XCTAssertEqual(leader.takeEffects().refused, [.request(key, .diskFull)])
  }

  func test_follower_whenItsJournalIsFull_takesNoRequestButANoOp() {
    var node = RaftCore.fixture()
    node.journalHasRoom(false)
    let noOp = LogEntry(.noOp, term: Term(1), logTimeMicroseconds: 0, wallMilliseconds: 0)

    node.receive(
      .appendEntries(
        .init(
          term: Term(1),
          previous: LogMark(1, 0),
          commitIndex: .zero,
          entries: [noOp, .fixture(term: 1), .fixture(term: 1)]
        )
      ),
      from: .node(2)
    )

    XCTAssertEqual(node.lastIndex, LogIndex(2))
    XCTAssertEqual(
      node.takeEffects().promises(to: 2),
      [.appendAccepted(term: Term(1), matchIndex: LogIndex(2), hasRoom: false)]
    )
  }

  func test_follower_whenItsJournalIsFull_leavesTheRestToVotes() {
    let (cluster, full) = TestCluster.formedWithAFullFollower()
    let before = cluster.admissionRecords(of: full)

    cluster.writeOnce(inEachOf: 10)
    let whileFull = cluster.admissionRecords(of: full)
    cluster.call(full) { $0.journalHasRoom(true) }
    cluster.run(milliseconds: 2_000)

    XCTAssertEqual(whileFull, before)
    XCTAssertGreaterThan(cluster.admissionRecords(of: full), before, "the news is kept after all")
  }

  /// What it forgets at a restart, nobody may remember of a disk that is put back.
  func test_follower_whenItsJournalIsFullForLong_keepsTheNewsNowAndThen() {
    let (cluster, full) = TestCluster.formedWithAFullFollower()
    let before = cluster.admissionRecords(of: full)

    cluster.writeOnce(inEachOf: 320)

    XCTAssertEqual(cluster.admissionRecords(of: full), before + 1)
  }

  func test_follower_whenItsJournalIsFull_remembersWhoStartsAnew() {
    let (cluster, full) = TestCluster.formedWithAFullFollower()
    let other = (1...3).first { $0 != full && !cluster.leading.contains($0) } ?? 0
    cluster.crash(other)
    cluster.start(other)

    cluster.run(milliseconds: 100)

    XCTAssertEqual(cluster.core(other)?.status.admission, .admitted)
  }

  func test_follower_whenItsJournalIsFull_votes() {
    var node = RaftCore.fixture()
    node.journalHasRoom(false)

    node.receive(.fixtureRequestVote(term: 1), from: .node(2))

    XCTAssertEqual(node.votedFor, .node(2))
  }

  func test_leader_whenAFollowerIsFull_offersAgainOnlyNowAndThen() {
    var leader = RaftCore.leader()
    leader.submit(.request(.fixture("x")))
    leader.sync()

    var sent = 0
    for _ in 0..<60 {
      leader.receive(
        .appendAccepted(term: Term(1), matchIndex: LogIndex(2), hasRoom: false),
        from: .node(2)
      )
      leader.answerRound(from: 3)
      leader.pass(milliseconds: 10)
      sent += leader.takeEffects().messages(to: 2).filter(\.isAppendEntries).count
    }

    XCTAssertLessThanOrEqual(sent, 4)
  }

  func test_leader_whenAFollowerHasRoomAgain_sendsAtOnce() {
    var leader = RaftCore.leader()
    leader.submit(.request(.fixture("x")))
    leader.sync()
    leader.receive(
      .appendAccepted(term: Term(1), matchIndex: LogIndex(2), hasRoom: false),
      from: .node(2)
    )

    leader.answerRound(from: 2)

    XCTAssertEqual(leader.takeEffects().messages(to: 2).filter(\.isAppendEntries).count, 1)
  }

  // MARK: Recovery

  func test_recovery_whenTheLogWasTruncated_foldsTheRecordsInOrder() {
    var records = RaftCore.initialRecords(for: .fixture(of: 3))
    records += [
      .hardState(term: Term(1), votedFor: nil),
      .entry(LogIndex(2), .fixture(term: 1, "a")),
      .entry(LogIndex(3), .fixture(term: 1, "b")),
      .hardState(term: Term(2), votedFor: .node(3)),
      .truncate(from: LogIndex(3)),
      .entry(LogIndex(3), .fixture(term: 2, "c")),
    ]

    let node = RaftCore.recovered(1, records)

    XCTAssertEqual(node.terms, [0, 1, 2])
    XCTAssertEqual(node.entry(at: LogIndex(3))?.text, "c")
    XCTAssertEqual(node.votedFor, .node(3))
    XCTAssertEqual(node.lastPosition, 7)
    XCTAssertEqual(node.durableIndex, LogIndex(3))
    XCTAssertEqual(node.commitIndex, .zero)
  }

  func test_recovery_whenStarted_saysWhomToConnectTo() {
    var node = RaftCore.fixture()

    XCTAssertEqual(node.takeEffects().configuration, .fixture(of: 3))
    XCTAssertNil(node.takeEffects().configuration)
  }

  func test_log_whenItGrowsAndShrinksOverChunks_keepsItsEntries() {
    var log = RaftLog()
    for number in 1...3_000 {
      log.append(.fixture(term: UInt64(number / 700), "\(number)"), position: UInt64(number))
    }

    log.truncate(from: LogIndex(2_049))
    XCTAssertEqual(log.last, LogMark(2_048, 2))
    log.truncate(from: LogIndex(1_000))
    log.append(.fixture(term: 9, "new"), position: 4_000)

    XCTAssertEqual(log.last, LogMark(1_000, 9))
    XCTAssertEqual(log[LogIndex(999)].text, "999")
    XCTAssertEqual(log.position(at: LogIndex(1_000)), 4_000)
    XCTAssertEqual(log.lastIndex(ofTermAtMost: Term(0), through: LogIndex(900)), LogIndex(699))
    XCTAssertEqual(log.lastIndex(ofTermAtMost: Term(5), through: LogIndex(1_000)), LogIndex(999))
    XCTAssertEqual(log.lastIndex(ofTermAtMost: Term(9), through: LogIndex(800)), LogIndex(800))
  }
}

extension Envelope where Message == RaftMessage {
  var isTimeoutNow: Bool {
    if case .timeoutNow = message { true } else { false }
  }
}

extension RaftMessage {
  var isAppendEntries: Bool {
    if case .appendEntries = self { true } else { false }
  }
}

extension TestCluster {
  /// Three nodes with a leader that know each other; the disk of a follower has filled up.
  fileprivate static func formedWithAFullFollower() -> (TestCluster, follower: Int) {
    let cluster = TestCluster.formed()
    cluster.run(milliseconds: 2_000)
    let full = cluster.follower
    cluster.call(full) { $0.journalHasRoom(false) }
    return (cluster, full)
  }

  fileprivate func writeOnce(inEachOf seconds: Int) {
    for second in 1...seconds {
      write("\(second)")
      run(milliseconds: 1_000)
    }
  }

  /// How many records a node has written of what others have shown it.
  fileprivate func admissionRecords(of number: Int) -> Int {
    nodes[number - 1].durable.count { record in
      if case .admission = record { true } else { false }
    }
  }
}
