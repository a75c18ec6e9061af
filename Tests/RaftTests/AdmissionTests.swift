import Consensus
import XCTest

@testable import Raft

/// Disks that were wiped or put back (D15, D16): who may vote, stand and be counted.
final class AdmissionTests: XCTestCase {
  // MARK: Those who lost nothing

  func test_genesis_whenAllMembersHaveMet_hasALeader() {
    let cluster = TestCluster(3, options: RaftOptions())

    cluster.run(milliseconds: 1_000)

    XCTAssertEqual(cluster.leading.count, 1)
    XCTAssertEqual(cluster.standings, [.admitted, .admitted, .admitted])
  }

  func test_genesis_whileAMemberHasNotComeYet_waits() {
    let cluster = TestCluster(3, options: RaftOptions())
    cluster.crash(3)

    cluster.run(milliseconds: 2_000)

    XCTAssertEqual(cluster.leading, [])
    XCTAssertEqual(cluster.standings, [.waiting, .waiting, nil])

    cluster.start(3)
    cluster.run(milliseconds: 1_000)

    XCTAssertEqual(cluster.leading.count, 1)
  }

  func test_restoredCluster_whileAMemberHasNotComeYet_waits() {
    let restored = SnapshotMark.restored(of: 3)
    let cluster = TestCluster(3, options: RaftOptions(), restored: restored)
    cluster.crash(3)

    cluster.run(milliseconds: 2_000)

    XCTAssertEqual(cluster.leading, [])

    cluster.start(3)
    cluster.run(milliseconds: 1_000)

    XCTAssertEqual(cluster.leading.count, 1)
  }

  func test_member_whenRestarted_isAdmittedWithinARoundTrip() {
    let cluster = TestCluster.formed()
    let follower = cluster.follower
    cluster.crash(follower)
    cluster.start(follower)

    cluster.run(milliseconds: 30)

    XCTAssertEqual(cluster.core(follower)?.status.admission, .admitted)
  }

  func test_member_whenRestartedBesideOneThatIsDown_isAdmittedAfterAskingAgain() {
    let cluster = TestCluster.formed()
    for number in 1...2 { cluster.crash(number) }
    cluster.start(1)

    cluster.run(milliseconds: 70)
    let before = cluster.core(1)?.status.admission
    cluster.run(milliseconds: 100)

    XCTAssertEqual(before, .waiting)
    XCTAssertEqual(cluster.core(1)?.status.admission, .admitted)
  }

  func test_member_whenStrict_waitsForAllOthers() {
    var options = RaftOptions()
    options.admission = .strict
    let cluster = TestCluster(3, options: options)
    cluster.run(milliseconds: 1_000)
    for number in 1...2 { cluster.crash(number) }
    cluster.start(1)

    cluster.run(milliseconds: 2_000)
    let before = cluster.core(1)?.status.admission
    cluster.start(2)
    cluster.run(milliseconds: 100)

    XCTAssertEqual(before, .waiting)
    XCTAssertEqual(cluster.core(1)?.status.admission, .admitted)
  }

  func test_members_whenAllRestartAtOnce_goOn() {
    let cluster = TestCluster.formed()
    cluster.write("before")
    for number in 1...3 { cluster.crash(number) }
    for number in 1...3 { cluster.start(number) }

    cluster.run(milliseconds: 1_000)

    XCTAssertEqual(cluster.leading.count, 1)
    XCTAssertTrue(cluster.nodes.allSatisfy { $0.applied.contains("before") })
  }

  func test_members_whenTwoOfThreeRestart_goOnWithoutTheThird() {
    let cluster = TestCluster.formed()
    for number in 1...3 { cluster.crash(number) }
    for number in 1...2 { cluster.start(number) }

    cluster.run(milliseconds: 2_000)

    XCTAssertEqual(cluster.leading.count, 1)
  }

  func test_idleMembers_writeNothing() {
    let cluster = TestCluster.formed()
    cluster.run(milliseconds: 3_000)
    let before = cluster.nodes.map(\.durable.count)

    cluster.run(milliseconds: 10_000)

    XCTAssertEqual(cluster.nodes.map(\.durable.count), before)
  }

  func test_joiner_whenAdded_isAdmittedAndPromoted() {
    let cluster = TestCluster(1, joiners: 1, options: RaftOptions())
    cluster.run(milliseconds: 500)

    cluster.call(1) { $0.submit(.reconfigure(.add(.fixture(2)))) }
    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(cluster.core(2)?.status.admission, .admitted)
    XCTAssertEqual(cluster.core(1)?.configuration.seats.count, 2)
  }

  // MARK: Those who wait

  func test_waitingMember_neitherVotesNorStandsNorAcknowledges() {
    var node = RaftCore.recovered(
      1,
      RaftCore.initialRecords(for: .fixture(of: 3)),
      options: RaftOptions()
    )
    node.sync()

    node.receive(.requestPreVote(term: Term(1), last: LogMark(1, 0)), from: .node(2))
    node.receive(
      .requestVote(term: Term(1), last: LogMark(1, 0), isTransfer: false),
      from: .node(2)
    )
    node.receive(
      .appendEntries(
        .init(
          term: Term(2),
          previous: LogMark(1, 0),
          commitIndex: .zero,
          entries: [.fixture(term: 2)]
        )
      ),
      from: .node(3)
    )
    node.receive(.heartbeat(term: Term(2), round: 1, commitIndex: .zero), from: .node(3))
    let effects = node.sync()
    node.fireElectionTimer()

    XCTAssertEqual(
      (effects.messages + effects.messagesAfterSync).map(\.message).filter { !$0.isOutsideTerms },
      [
        .preVoteAnswer(term: Term(0), isGranted: false),
        .voteAnswer(term: Term(1), isGranted: false),
        .appendStored(term: Term(2), index: LogIndex(2)),
      ]
    )
    XCTAssertEqual(node.lastIndex, LogIndex(2))
    XCTAssertEqual(node.status.role, .follower)
  }

  func test_waitingMember_whenAdmitted_acknowledgesWhatItHasStored() {
    let cluster = TestCluster.formed()
    let follower = cluster.follower
    cluster.crash(follower)
    cluster.write("meanwhile")
    cluster.start(follower)

    cluster.run(milliseconds: 300)

    XCTAssertTrue(cluster.nodes[follower - 1].applied.contains("meanwhile"))
  }

  func test_asking_beforeTheStartIsDurable_isSilent() {
    let cluster = TestCluster.formed()
    cluster.crash(1)
    cluster.nodes[0].isSyncHeld = true
    cluster.start(1)

    cluster.run(milliseconds: 300)

    XCTAssertEqual(cluster.core(1)?.status.admission, .waiting)
    XCTAssertEqual(cluster.core(2)?.admission.memory(of: .node(1))?.boot, 1)
  }

  // MARK: Those who lost something

  func test_directory_whenWipedAndMadeAgain_isRefusedByAnybody() {
    let cluster = TestCluster.formed()
    cluster.write("precious")
    let follower = cluster.follower
    cluster.isolate(cluster.leading[0])
    cluster.wipe(follower)
    cluster.start(follower)

    cluster.run(milliseconds: 1_000)

    XCTAssertEqual(cluster.refusals, [follower: .directoryRemade])
    XCTAssertEqual(cluster.leading, [])
  }

  func test_directory_whenWipedAndStartedOften_isRefusedAsSoonAsSomebodyHears() {
    let cluster = TestCluster.formed()
    let follower = cluster.follower
    let others = (1...3).filter { $0 != follower }
    for other in others { cluster.crash(other) }
    cluster.wipe(follower)
    for _ in 0..<5 {
      cluster.start(follower)
      cluster.run(milliseconds: 100)
      cluster.crash(follower)
    }

    cluster.start(follower)
    cluster.start(others[0])
    cluster.run(milliseconds: 1_000)

    XCTAssertEqual(cluster.refusals, [follower: .directoryRemade])
  }

  /// Whoever comes for the first time remembers nobody.
  func test_directory_whenWipedAndRestoredAgain_isNotAdmittedByANewcomer() {
    let restored = SnapshotMark.restored(of: 3)
    let cluster = TestCluster(3, options: RaftOptions(), restored: restored)
    cluster.crash(3)
    cluster.run(milliseconds: 1_000)
    cluster.write("precious")
    cluster.crash(1)
    cluster.wipe(2)
    cluster.queues = [:]
    for number in 2...3 { cluster.start(number) }

    cluster.run(milliseconds: 2_000)

    XCTAssertEqual(cluster.leading, [])
    XCTAssertEqual(cluster.violations, [])
  }

  func test_directory_whenPutBackByOneRecord_isRefusedByWhoeverHadNews() {
    let (cluster, copy) = TestCluster.formedAndCopied()
    let follower = cluster.follower
    let third = cluster.third
    cluster.crash(cluster.leading[0])
    cluster.putBack((copy.boot, cluster.recordsBeforeLast(of: follower)), of: follower)
    cluster.start(follower)

    cluster.run(milliseconds: 2_000)

    XCTAssertEqual(cluster.refusals, [follower: .rolledBack])
    XCTAssertNotEqual(cluster.core(third)?.status.role, .leader)
  }

  /// Its journal shows no less; what it shows is the count of its starts, or that this was lost.
  func test_directory_whenPutBackByOneStart_isRefused() {
    for lostCount in [nil, Showing.countedAnewFrom - 1] {
      let cluster = TestCluster.formed()
      let follower = cluster.follower
      let copy = cluster.copy(follower)
      cluster.crash(follower)
      cluster.start(follower)
      cluster.run(milliseconds: 100)
      cluster.putBack((lostCount ?? copy.boot, copy.records), of: follower)
      cluster.start(follower)

      cluster.run(milliseconds: 100)

      XCTAssertEqual(cluster.refusals, [follower: .rolledBack])
    }
  }

  func test_directory_whenItsCountOfStartsIsLost_isAdmitted_andOnceMoreRefused() {
    let cluster = TestCluster.formed()
    let follower = cluster.follower
    for refusals in [[:], [follower: AdmissionStatus.rolledBack]] {
      let newest = cluster.copy(follower)
      cluster.putBack((Showing.countedAnewFrom - 1, newest.records), of: follower)
      cluster.start(follower)

      cluster.run(milliseconds: 200)

      XCTAssertEqual(cluster.refusals, refusals)
      XCTAssertEqual(cluster.core(follower)?.status.admission == .admitted, refusals.isEmpty)
    }
  }

  func test_refusal_isRememberedByTheDirectory() {
    let cluster = TestCluster.formed()
    let follower = cluster.follower
    cluster.wipe(follower)
    cluster.start(follower)
    cluster.run(milliseconds: 100)

    cluster.start(follower)
    let status = cluster.core(follower)?.status.admission
    cluster.run(milliseconds: 2_000)

    XCTAssertNil(status)
    XCTAssertEqual(cluster.refusals, [follower: .directoryRemade])
  }

  func test_rollback_whenWrittenOverWhileWaiting_isStillRefused() {
    let (cluster, copy) = TestCluster.formedAndCopied()
    let follower = cluster.follower
    let leader = cluster.leading[0]
    cluster.crash(cluster.third)
    cluster.putBack(copy, of: follower)
    // What the leader says arrives; what the follower says does not.
    cluster.cuts = [.init(from: follower, to: leader)]
    cluster.start(follower)
    for _ in 0..<10 { cluster.write("more") }
    cluster.run(milliseconds: 200)
    cluster.crash(follower)
    cluster.cuts = []
    cluster.start(follower)

    cluster.run(milliseconds: 500)

    XCTAssertEqual(cluster.refusals, [follower: .rolledBack])
  }

  /// The case that remains: nobody who takes part had news of the node since the copy was made.
  func test_rollback_whenNobodyHadNews_isNotRecognised_unlessStrict() {
    for (rule, isAdmitted) in [(AdmissionRule.majority, true), (.strict, false)] {
      var options = RaftOptions()
      options.admission = rule
      let cluster = TestCluster(3, options: options)
      cluster.run(milliseconds: 3_000)
      let follower = cluster.follower
      cluster.isolate(cluster.third)
      cluster.rollBack(follower, afterMilliseconds: 300)

      cluster.run(milliseconds: 2_000)

      XCTAssertEqual(cluster.core(follower)?.status.admission == .admitted, isAdmitted)
      XCTAssertEqual(cluster.leading.isEmpty, !isAdmitted)
    }
  }

  func test_rollback_whenTheNewsWentRound_isRecognisedByWhoeverNeverSpokeWithTheNode() {
    let cluster = TestCluster.formed()
    let (follower, third) = (cluster.follower, cluster.third)
    cluster.cuts = [.init(from: follower, to: third), .init(from: third, to: follower)]
    cluster.rollBack(follower, afterMilliseconds: 3_500)

    cluster.run(milliseconds: 1_000)

    XCTAssertEqual(cluster.refusals, [follower: .rolledBack])
  }

  // MARK: What is old

  func test_answer_toAFormerStart_isIgnored() {
    var node = RaftCore.recovered(
      1,
      RaftCore.initialRecords(for: .fixture(of: 3)),
      options: RaftOptions()
    )
    let former = Showing.Start(boot: 1, process: 99, position: 1)

    for peer in 2...3 {
      node.receive(.remembered(term: Term(0), start: former, isMore: false), from: .node(peer))
    }
    node.receive(.remembered(term: Term(0), start: former, isMore: true), from: .node(2))

    XCTAssertEqual(node.status.admission, .waiting)
  }

  func test_presence_ofAFormerStart_changesNothing() throws {
    let cluster = TestCluster.formed()
    let before = try XCTUnwrap(cluster.core(2)?.admission.memory(of: .node(1)))
    cluster.crash(1)
    cluster.start(1)
    cluster.run(milliseconds: 100)
    let after = cluster.core(2)?.admission.memory(of: .node(1))

    cluster.call(2) {
      let presence = RaftMessage.Presence(
        term: Term(0),
        showing: before,
        last: LogMark(1, 0),
        isAsking: true,
        news: []
      )
      $0.receive(.present(presence), from: .node(1))
    }
    cluster.run(milliseconds: 500)

    XCTAssertEqual(cluster.core(2)?.admission.memory(of: .node(1)), after)
    XCTAssertEqual(cluster.core(1)?.status.admission, .admitted)
  }

  // MARK: The journal forgets

  func test_memory_whenTheJournalForgetsItsRecord_isWrittenAgain() {
    var options = RaftOptions.trailing(1)
    options.admission = .majority
    let records: [RaftRecord] =
      RaftCore.initialRecords(for: .fixture(of: 1)) + [.hardState(term: Term(1), votedFor: nil)]
      + (2...9).map { .entry(LogIndex($0), .fixture(term: 1)) }
    var node = RaftCore.restored(1, records, after: nil, options: options)
    node.sync()
    node.pass(milliseconds: 320)
    for _ in 0..<3 { node.sync() }
    let first = node.admission.recordPosition

    for _ in 0..<20 { node.submit(.request(.fixture("x"))) }
    for _ in 0..<3 { node.sync() }
    node.snapshotTaken(.fixture(25, 2, of: 1))
    node.sync()
    node.snapshotTaken(.fixture(26, 2, of: 1))
    let effects = node.takeEffects()

    XCTAssertGreaterThan(effects.forgetRecordsBelow ?? 0, first)
    XCTAssertTrue(effects.records.contains(.admission(node.admission.record)))
  }
}

extension SnapshotMark {
  /// What the directories of a new cluster begin with that was made from a backup.
  fileprivate static func restored(of count: Int) -> SnapshotMark {
    SnapshotMark(
      index: LogIndex(1_000),
      term: Term(0),
      logTimeMicroseconds: 0,
      configuration: .fixture(of: count),
      configurationIndex: LogIndex(1_000)
    )
  }
}

extension TestCluster {
  /// The same, having gone on since the directory of its follower was copied.
  fileprivate static func formedAndCopied() -> (
    cluster: TestCluster, copy: (boot: UInt64, records: [RaftRecord])
  ) {
    let cluster = formed()
    let copy = cluster.copy(cluster.follower)
    cluster.write("precious")
    cluster.run(milliseconds: 2_500)
    return (cluster, copy)
  }

  /// Somebody who is neither a leader nor `follower`.
  fileprivate var third: Int { (1...count).last { !leading.contains($0) } ?? 0 }

  /// The directory of a follower is put back to what it was before a write that it has stored
  /// with its leader, who ends; nothing is cut any more.
  fileprivate func rollBack(_ follower: Int, afterMilliseconds milliseconds: Int) {
    let leader = leading[0]
    let copy = copy(follower)
    write("precious")
    run(milliseconds: milliseconds)
    crash(leader)
    putBack(copy, of: follower)
    cuts = []
    start(follower)
  }

  /// A node's records up to the last that says more than what others have shown.
  fileprivate func recordsBeforeLast(of number: Int) -> [RaftRecord] {
    let records = copy(number).records
    let last = records.lastIndex { record in
      if case .admission = record { false } else { true }
    }
    return Array(records.prefix(last ?? 0))
  }
}
