import Consensus
import XCTest

@testable import Raft

/// Raft §7: a follower that needs what the log has forgotten is sent a snapshot.
final class Section7_InstallTests: XCTestCase {
  private static let mark = LogMark(10, 1)

  /// A leader of term 2 with the log 1…11, of which 1…10 are forgotten, and a follower 2 that says
  /// it has nothing.
  private func leader(keeping bytes: Int = RaftOptions().installTrailingSizeMax) -> RaftCore {
    var options = RaftOptions.trailing(0)
    options.installTrailingSizeMax = bytes
    var leader = RaftCore.restored(
      1,
      [.hardState(term: Term(1), votedFor: nil), .restart(LogMark(10, 1))],
      after: .fixture(10, 1),
      options: options
    )
    leader.fireElectionTimer()
    leader.receive(.preVoteAnswer(term: Term(2), isGranted: true), from: .node(3))
    leader.sync()
    leader.receive(.voteAnswer(term: Term(2), isGranted: true), from: .node(3))
    leader.sync()
    leader.acknowledge(from: 3)
    leader.sync()
    leader.receive(
      .appendRejected(term: Term(2), previousIndex: LogIndex(10), hint: LogMark(1, 0)),
      from: .node(2)
    )
    return leader
  }

  private func part(_ offset: UInt64, of index: UInt64 = 10, isLast: Bool = false) -> InstallPart {
    InstallPart(
      at: SnapshotPlace(index: LogIndex(index), offset: offset),
      bytes: [UInt8](repeating: 7, count: 100),
      isLast: isLast
    )
  }

  private func install(_ part: InstallPart, term: UInt64 = 2) -> RaftMessage {
    .installSnapshot(.init(term: Term(term), mark: Self.mark, part: part))
  }

  private func wanted(_ offset: UInt64, of index: UInt64 = 10) -> RaftMessage {
    .snapshotWanted(
      term: Term(2),
      place: SnapshotPlace(index: LogIndex(index), offset: offset)
    )
  }

  // MARK: The leader

  func test_7_leader_whenAFollowerNeedsWhatIsForgotten_readsItsSnapshot() {
    var leader = leader()

    let first = leader.takeEffects()
    let second = leader.takeEffects()

    XCTAssertEqual(first.jobs, [.read(part(0).place, for: .node(2))])
    XCTAssertEqual(second.jobs, [])
  }

  func test_7_leader_whenAPartIsRead_sendsItAndWaitsForTheAnswer() {
    var leader = leader()
    _ = leader.takeEffects()

    leader.jobDone(.read(part(0), ofSize: 1_000, for: .node(2)))
    let sent = leader.takeEffects()
    let waiting = leader.takeEffects()
    leader.receive(wanted(100), from: .node(2))

    XCTAssertEqual(sent.messages(to: 2), [install(part(0))])
    XCTAssertTrue(sent.jobs.isEmpty && waiting.jobs.isEmpty)
    XCTAssertEqual(leader.takeEffects().jobs, [.read(part(100).place, for: .node(2))])
  }

  func test_7_leader_whenAPartIsNotAnswered_sendsItAgain() {
    var leader = leader()
    _ = leader.takeEffects()
    leader.jobDone(.read(part(0), ofSize: 1_000, for: .node(2)))
    _ = leader.takeEffects()

    leader.pass(milliseconds: 600, whileFollowersAnswer: true)

    XCTAssertEqual(leader.takeEffects().jobs, [.read(part(0).place, for: .node(2))])
  }

  func test_7_leader_whileOneFollowerReceives_servesTheOther() {
    var leader = leader()
    _ = leader.takeEffects()

    leader.submit(.request(.fixture("x")))

    let effects = leader.takeEffects()
    XCTAssertEqual(effects.messages(to: 3).count, 1)
    XCTAssertEqual(effects.messages(to: 2).count, 0)
  }

  func test_7_leader_whenTheSnapshotIsInstalled_goesOnBehindIt() {
    var leader = leader()
    _ = leader.takeEffects()

    leader.receive(
      .appendAccepted(term: Term(2), matchIndex: LogIndex(10), hasRoom: true),
      from: .node(2)
    )

    guard case .appendEntries(let append) = leader.takeEffects().messages(to: 2).last else {
      return XCTFail("no appendEntries")
    }
    XCTAssertEqual(append.previous, LogMark(10, 1))
    XCTAssertEqual(append.entries.count, 1)
  }

  func test_7_leader_whenTheSnapshotIsGone_beginsWithItsNewest() {
    var leader = leader()
    _ = leader.takeEffects()
    leader.snapshotTaken(.fixture(11, 2))

    leader.jobDone(.unreadable(part(0).place, for: .node(2)))

    XCTAssertEqual(leader.takeEffects().jobs, [.read(part(0, of: 11).place, for: .node(2))])
  }

  func test_7_leader_whileAnOlderSnapshotIsReceived_keepsWhatFollowsIt() {
    var leader = leader()
    _ = leader.takeEffects()

    leader.snapshotTaken(.fixture(11, 2))
    _ = leader.takeEffects()

    XCTAssertEqual(leader.logBase, LogMark(10, 1))
  }

  func test_7_leader_whileALargeSnapshotIsReceived_keepsAsMuchBehindItAsThatIsLarge() {
    for (size, base) in [(1, LogMark(11, 2)), (1 << 20, LogMark(10, 1))] {
      var leader = leader(keeping: 0)
      _ = leader.takeEffects()
      leader.jobDone(.read(part(0), ofSize: size, for: .node(2)))

      leader.snapshotTaken(.fixture(11, 2))
      _ = leader.takeEffects()

      XCTAssertEqual(leader.logBase, base, "a snapshot of \(size) bytes")
    }
  }

  // MARK: The follower

  private func follower(term: UInt64 = 2) -> RaftCore {
    RaftCore.settledFollower(term: term, log: [1, 1])
  }

  func test_7_follower_whenThePartsCome_storesThemOneByOne() {
    var node = follower()
    node.receive(install(part(0)), from: .node(2))
    node.receive(install(part(0)), from: .node(2))

    XCTAssertEqual(node.takeEffects().jobs, [.store(part(0))])
    node.jobDone(.stored(part(0).place, end: 100, isLast: false))

    XCTAssertEqual(node.takeEffects().messages(to: 2), [wanted(100)])
  }

  func test_7_follower_whenAnotherPartComes_saysWhichItLacks() {
    var node = follower()
    node.receive(install(part(0)), from: .node(2))
    node.jobDone(.stored(part(0).place, end: 100, isLast: false))
    _ = node.takeEffects()

    node.receive(install(part(200)), from: .node(2))
    node.receive(install(part(0)), from: .node(2))

    let effects = node.takeEffects()
    XCTAssertEqual(effects.messages(to: 2), [wanted(100), wanted(100)])
    XCTAssertEqual(effects.jobs, [])
  }

  func test_7_follower_whenAnotherLeaderSends_beginsAnew() {
    var node = follower()
    node.receive(install(part(0)), from: .node(2))
    node.jobDone(.stored(part(0).place, end: 100, isLast: false))
    _ = node.takeEffects()

    node.receive(install(part(100), term: 3), from: .node(3))
    let refused = node.takeEffects()
    node.receive(install(part(0), term: 3), from: .node(3))

    XCTAssertEqual(refused.jobs, [])
    XCTAssertEqual(node.takeEffects().jobs, [.store(part(0))])
  }

  func test_7_follower_whenTheLeaderIsElectedAgain_goesOnWhereItWas() {
    var node = follower()
    node.receive(install(part(0)), from: .node(2))
    node.jobDone(.stored(part(0).place, end: 100, isLast: false))
    node.receive(.heartbeat(term: Term(3), round: 1, commitIndex: .zero), from: .node(2))
    node.sync()
    _ = node.takeEffects()

    node.receive(install(part(0), term: 3), from: .node(2))
    let asked = node.takeEffects()
    node.receive(install(part(100), term: 3), from: .node(2))
    let stored = node.takeEffects()
    node.jobDone(.stored(part(100).place, end: 200, isLast: false))

    let places = [100, 200].map { SnapshotPlace(index: LogIndex(10), offset: $0) }
    let wanted = places.map { RaftMessage.snapshotWanted(term: Term(3), place: $0) }
    XCTAssertEqual(asked.messages(to: 2), [wanted[0]])
    XCTAssertEqual(asked.jobs, [])
    XCTAssertEqual(stored.jobs, [.store(part(100))])
    XCTAssertEqual(node.takeEffects().messages(to: 2), [wanted[1]])
  }

  func test_7_follower_whenEntriesComeInstead_givesUpWhatItHasOfTheSnapshot() {
    var node = follower()
    node.receive(install(part(0)), from: .node(2))
    node.jobDone(.stored(part(0).place, end: 100, isLast: false))
    _ = node.takeEffects()
    let entries = Array(repeating: UInt64(1), count: 9) + [3]

    node.receive(.append(term: 3, after: LogMark(2, 1), entries), from: .node(3))
    let before = node.takeEffects().jobs
    node.receive(.heartbeat(term: Term(3), round: 1, commitIndex: LogIndex(12)), from: .node(3))

    XCTAssertEqual(before, [], "nobody has said that it is committed")
    XCTAssertEqual(node.takeEffects().jobs, [.giveUp(index: LogIndex(10))])
    node.receive(.heartbeat(term: Term(3), round: 2, commitIndex: LogIndex(12)), from: .node(3))
    XCTAssertEqual(node.takeEffects().jobs, [])
  }

  func test_7_follower_whenALeaderOfThePastSends_tellsItTheTerm() {
    var node = follower(term: 3)

    node.receive(install(part(0)), from: .node(3))

    let effects = node.takeEffects()
    XCTAssertEqual(effects.messages(to: 3), [.termPassed(term: Term(3))])
    XCTAssertEqual(effects.jobs, [])
  }

  func test_7_follower_whenItHasAsMuch_acknowledgesAndStoresNothing() {
    var node = RaftCore.settledFollower(term: 2, log: Array(repeating: 1, count: 12))

    node.receive(install(part(0)), from: .node(2))

    let effects = node.takeEffects()
    XCTAssertEqual(effects.acceptedIndexes, [LogIndex(10)])
    XCTAssertEqual(effects.jobs, [])
  }

  func test_7_follower_whenItsLogHasTheMark_learnsThatItIsCommitted() {
    var node = follower()
    node.receive(.append(term: 2, after: LogMark(3, 1), [1, 1, 1, 1, 1, 1, 1, 1]), from: .node(2))
    _ = node.takeEffects()

    node.receive(install(part(0)), from: .node(2))

    XCTAssertEqual(node.commitIndex, LogIndex(10))
    XCTAssertEqual(node.takeEffects().jobs, [])
  }

  func test_7_follower_whenTheSnapshotIsInstalled_restartsItsLogBehindIt() {
    var node = follower()
    node.receive(.append(term: 2, after: LogMark(3, 1), [2, 2, 2]), from: .node(2))
    node.sync()

    node.snapshotInstalled(.fixture(10, 1))

    let effects = node.takeEffects()
    XCTAssertEqual(effects.records, [.restart(LogMark(10, 1))])
    XCTAssertEqual(effects.forgetRecordsBelow, node.lastPosition)
    XCTAssertEqual(node.lastIndex, LogIndex(10))
    XCTAssertEqual(node.commitIndex, LogIndex(10))
  }

  func test_7_follower_whenTheSnapshotIsInstalled_tellsItsLeader() {
    var node = follower()
    node.receive(.append(term: 2, after: LogMark(3, 1), [2, 2, 2]), from: .node(2))
    node.sync()

    node.snapshotInstalled(.fixture(10, 1))

    XCTAssertEqual(node.takeEffects().acceptedIndexes, [LogIndex(10)])
  }

  func test_7_follower_whenTheSnapshotIsInstalledAndNobodyLeads_tellsNobody() {
    var node = RaftCore.fixture(log: [1, 1])

    node.snapshotInstalled(.fixture(10, 1))

    XCTAssertEqual(node.takeEffects().acceptedIndexes, [])
  }

  func test_7_follower_whenItsLogHasTheSnapshotsEntry_keepsWhatFollows() {
    var node = follower()
    node.receive(
      .append(term: 2, after: LogMark(3, 1), [1, 1, 1, 1, 1, 1, 1, 2, 2]),
      from: .node(2)
    )
    node.sync()

    node.snapshotInstalled(.fixture(10, 1))

    XCTAssertEqual(node.takeEffects().records, [])
    XCTAssertEqual(node.lastIndex, LogIndex(12))
    XCTAssertEqual(node.commitIndex, LogIndex(10))
  }

  func test_D21_journal_whenAnOvertakenSnapshotEndsLate_forgetsNothingThatIsNeeded() {
    var node = follower()
    node.receive(.append(term: 2, after: LogMark(3, 1), [2, 2, 2]), from: .node(2))
    node.sync()
    node.snapshotInstalled(.fixture(10, 1))
    node.receive(.append(term: 2, after: LogMark(10, 1), [2, 2]), from: .node(2))
    node.sync()
    _ = node.takeEffects()

    node.recordsAreDamaged(below: node.lastPosition + 1)
    node.snapshotTaken(.fixture(3, 1))

    XCTAssertNil(node.takeEffects().forgetRecordsBelow, "entries 11 and 12 stand there alone")
  }

  func test_7_follower_whenWhatItHasIsLost_asksFromTheStart() {
    var node = follower()
    node.receive(install(part(0)), from: .node(2))
    node.jobDone(.stored(part(0).place, end: 100, isLast: true))

    node.jobDone(.lost(index: LogIndex(10)))
    _ = node.takeEffects()
    node.receive(install(part(100)), from: .node(2))

    XCTAssertEqual(node.takeEffects().messages(to: 2), [wanted(0)])
  }

  func test_7_log_whenASnapshotTakesItsPlace_isFreedOffTheLoop() {
    var node = follower()

    node.snapshotInstalled(.fixture(10, 1))

    let discarded = node.takeEffects().discarded
    XCTAssertEqual(discarded.count, 1)
    XCTAssertEqual((discarded.first as? RaftLog)?.lastIndex, LogIndex(3))
  }

  func test_D7_follower_whenThereIsNoRoomForASnapshot_takesNoPartOfItForAWhile() {
    var node = follower()
    var now: UInt64 = 1_000
    for pause in [1_000, 2_000] as [UInt64] {
      node.receive(install(part(0)), from: .node(2))
      XCTAssertEqual(node.takeEffects().jobs, [.store(part(0))])
      node.jobDone(.noRoom(index: LogIndex(10)))

      for (passed, jobs) in [(pause - 1, []), (1, [.store(part(0))])] as [(UInt64, [SnapshotJob])] {
        now += passed
        node.tick(.milliseconds(now))
        node.receive(install(part(0)), from: .node(2))
        XCTAssertEqual(node.takeEffects().jobs, jobs, "\(now)")
      }
      node.jobDone(.lost(index: LogIndex(10)))
    }
    node.receive(install(part(0)), from: .node(2))
    node.jobDone(.noRoom(index: LogIndex(10)))
    node.snapshotTaken(.fixture(1, 0))
    node.olderSnapshotIsGone()
    _ = node.takeEffects()
    node.receive(install(part(0)), from: .node(2))

    XCTAssertEqual(node.takeEffects().jobs, [.store(part(0))])
  }

  func test_D7_follower_whileThereIsNoRoomForASnapshot_wantsItsSmallFirstPart() {
    var node = follower()
    node.receive(install(part(0)), from: .node(2))
    node.jobDone(.noRoom(index: LogIndex(10)))
    _ = node.takeEffects()

    node.receive(install(part(100)), from: .node(2))
    XCTAssertEqual(node.takeEffects().messages(to: 2), [wanted(0)])
    node.receive(install(part(0)), from: .node(2))
    XCTAssertEqual(node.takeEffects().messages(to: 2), [])
  }

  func test_7_follower_whileASnapshotIsBeingInstalled_takesNoOther() {
    var node = follower()
    node.receive(install(part(0, isLast: true)), from: .node(2))
    node.jobDone(.stored(part(0).place, end: 100, isLast: true))
    _ = node.takeEffects()

    node.receive(install(part(0), term: 3), from: .node(3))

    let effects = node.takeEffects()
    XCTAssertEqual(effects.jobs, [])
    XCTAssertTrue(effects.messages.isEmpty)
  }
}
