import Consensus
import XCTest

@testable import Raft

/// Who is asked about a started member, where its configuration does not name all (D15, D16).
final class AdmissionMembersTests: XCTestCase {
  // MARK: The first leader

  func test_genesis_whileTheLastAdmissionIsNotDurable_hasNoLeader() {
    let cluster = TestCluster(3, options: RaftOptions())
    // It answers the others; what comes of their answers does not reach its disk.
    for _ in 0..<100 {
      let isAnswered = cluster.links.contains { link in
        link.to == 3 && cluster.queues[link]?.contains(where: \.isRemembered) ?? false
      }
      if isAnswered { cluster.nodes[2].isSyncHeld = true }
      cluster.run(milliseconds: 10)
    }
    let before = (cluster.standings, cluster.leading)
    cluster.crash(3)
    cluster.nodes[2].isSyncHeld = false
    cluster.start(3)

    cluster.run(milliseconds: 1_000)

    XCTAssertEqual(before.0, [.admitted, .admitted, .admitted])
    XCTAssertEqual(before.1, [], "3 would wait for the word of a leader that may fail")
    XCTAssertEqual(cluster.leading.count, 1)
  }

  func test_genesis_whenTheFirstLeaderIsLostAtOnceAndTheOthersRestart_hasAnother() {
    let cluster = TestCluster(3, options: RaftOptions())
    election: while cluster.termMax < 9 {
      for link in cluster.links {
        cluster.deliver(link)
        if !cluster.leading.isEmpty { break election }
      }
      cluster.tickAll(milliseconds: 10)
    }
    let first = cluster.leading.first ?? 0
    for link in cluster.links where link.from == first { cluster.queues[link] = nil }
    let others = (1...3).filter { $0 != first }
    for node in [first] + others { cluster.crash(node) }
    for node in others { cluster.start(node) }
    let last = others.map { cluster.core($0)?.lastIndex }

    cluster.run(milliseconds: 2_000)

    XCTAssertEqual(last, [LogIndex(1), LogIndex(1)], "nothing of that leader's has arrived")
    XCTAssertEqual(cluster.leading.count, 1)
  }

  // MARK: Those who decide alone

  func test_singleVoter_whenNobodyKnowsMore_isAdmittedAfterAWhile() {
    var node = RaftCore.recovered(
      1,
      RaftCore.initialRecords(for: .fixture(of: 1)),
      options: .init()
    )

    let before = node.status.admission
    node.pass(milliseconds: 310)

    XCTAssertEqual(before, .waiting)
    XCTAssertEqual(node.status.admission, .admitted)
  }

  func test_singleVoter_whenWiped_isRefusedByThoseItForgot() {
    let cluster = TestCluster.grown()
    cluster.wipe(1)
    cluster.start(1)

    cluster.run(milliseconds: 2_000)

    XCTAssertEqual(cluster.refusals, [1: .directoryRemade])
    XCTAssertEqual(cluster.leading.count, 1)
    XCTAssertEqual(cluster.violations, [])
  }

  /// What remains is that nobody reaches it; it stops as soon as somebody does.
  func test_singleVoter_whenWipedAndAdmittedAlone_isRefusedOnceItIsReached() {
    let cluster = TestCluster.grown()
    cluster.wipe(1)
    cluster.cuts = Set(cluster.links.filter { $0.to == 1 })
    cluster.start(1)
    cluster.run(milliseconds: 1_000)
    let before = cluster.core(1)?.status.role

    cluster.cuts = []
    cluster.run(milliseconds: 1_200)

    XCTAssertEqual(before, .leader)
    XCTAssertEqual(cluster.refusals, [1: .directoryRemade])
  }

  func test_joiner_whenStrict_needsNoWordOfTheOneItReplaces() {
    var options = RaftOptions()
    options.admission = .strict
    let cluster = TestCluster(3, joiners: 1, options: options)
    cluster.run(milliseconds: 2_000)
    let (replaced, leader) = (cluster.followers[0], cluster.leading[0])
    cluster.crash(replaced)
    cluster.call(leader) { $0.submit(.reconfigure(.add(.fixture(4, replaces: replaced)))) }

    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(cluster.core(4)?.status.admission, .admitted)
    let voters = cluster.core(leader)?.configuration.seats.map(\.member.id.rawValue)
    XCTAssertEqual(voters, [1, 2, 3, 4].filter { $0 != UInt32(replaced) })
    XCTAssertEqual(cluster.violations, [])
  }

  // MARK: Members of the past

  func test_member_whenOneItKnowsWasReplacedMeanwhile_asksWhoeverCame() {
    let cluster = TestCluster.formedForMore()
    let (away, leader, replaced) = cluster.replaceOneWhileAnotherIsAway()
    for gone in [leader, replaced] { cluster.crash(gone) }
    cluster.queues = [:]
    cluster.start(away)

    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(cluster.core(away)?.status.admission, .admitted)
    XCTAssertEqual(cluster.leading.count, 1)
  }

  /// It may say that it lacks entries, but is none of those who make the leader one.
  func test_leader_whenItHearsOnlyOneWhoMayNotVote_givesUp() {
    let cluster = TestCluster.formedForMore()
    let leader = cluster.leading[0]
    cluster.isolate(leader)
    guard let term = cluster.core(leader)?.currentTerm else { return XCTFail("nobody leads") }

    for _ in 0..<10 where cluster.leading.contains(leader) {
      cluster.call(leader) { core in
        let index = core.log.lastIndex
        core.receive(
          .appendRejected(term: term, previousIndex: index, hint: LogMark(1, 0)),
          from: .node(cluster.followers[0])
        )
      }
      cluster.run(milliseconds: 100)
    }

    XCTAssertFalse(cluster.leading.contains(leader))
  }

  /// Its own log is the longer one, of an older term.
  func test_member_whenItLedAloneMeanwhile_asksWhoeverCame() {
    let cluster = TestCluster.formedForMore()
    let away = cluster.leading[0]
    cluster.isolate(away)
    for number in 0..<30 {
      cluster.call(away) { $0.submit(.request(.fixture("\(number)"))) }
      cluster.sync(away)
    }
    cluster.crash(away)
    cluster.queues = [:]
    cluster.cuts = []
    cluster.run(milliseconds: 2_000)
    guard let leader = cluster.leading.first else { return XCTFail("nobody leads") }
    let replaced = (1...3).first { $0 != away && $0 != leader } ?? 0
    cluster.call(leader) { $0.submit(.reconfigure(.add(.fixture(4, replaces: replaced)))) }
    cluster.run(milliseconds: 3_000)
    for gone in [leader, replaced] { cluster.crash(gone) }
    cluster.queues = [:]
    cluster.start(away)
    let (own, index) = (cluster.core(away)?.status.lastIndex, cluster.core(4)?.configurationIndex)
    XCTAssertGreaterThan(own ?? .zero, index ?? .zero)

    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(cluster.core(away)?.status.admission, .admitted)
    XCTAssertEqual(cluster.leading, [4])
  }

  func test_rollback_toMembersOfThePast_isRefusedByWhoeverCame() {
    let cluster = TestCluster.formedForMore()
    let copy = cluster.copy(cluster.followers[0])
    let (away, leader, replaced) = cluster.replaceOneWhileAnotherIsAway()
    cluster.isolate(replaced)
    cluster.start(away)
    cluster.run(milliseconds: 1_500)
    cluster.isolate(4)
    cluster.write("precious")
    cluster.crash(leader)
    cluster.putBack(copy, of: away)
    cluster.cuts = []
    cluster.queues = [:]
    cluster.start(away)

    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(cluster.refusals, [away: .rolledBack])
    XCTAssertEqual(cluster.leading, [])
  }

  func test_candidate_ofALaterConfiguration_isAskedBeforeItIsVotedFor() {
    let cluster = TestCluster.formedForMore()
    let asked = RaftMessage.requestPreVote(term: Term(9), last: LogMark(99, 8))
    cluster.cuts = Set(cluster.links)
    cluster.run(milliseconds: 500)

    cluster.call(1) { $0.receive(asked, from: .node(4)) }

    let said = cluster.queues[.init(from: 1, to: 4)] ?? []
    XCTAssertTrue(said.contains { $0.isOutsideTerms })
    XCTAssertFalse(said.contains(.preVoteAnswer(term: Term(9), isGranted: true)))
  }

  /// A crash a moment later, and nothing would say any more that it was a member before.
  func test_member_whenOneIsRemoved_forgetsItDurablyInTheSameTurn() {
    let cluster = TestCluster.formedForMore()
    let (leader, removed, other) = (cluster.leading[0], cluster.followers[0], cluster.followers[1])
    cluster.call(leader) { $0.submit(.reconfigure(.remove(NodeID(UInt32(removed))))) }

    for _ in 0..<100 where !cluster.hasSettled(other, without: removed) {
      cluster.run(milliseconds: 10)
    }

    XCTAssertTrue(cluster.hasSettled(other, without: removed))
    XCTAssertEqual(cluster.membersRemembered(by: other), [.node(leader)])
  }

  /// What is damaged may be all that says whom to ask at the next start.
  func test_member_whenItsJournalTurnsOutDamaged_writesOnceMoreWhomItKnows() {
    let cluster = TestCluster.formedForMore()
    let before = cluster.nodes[1].durable.count

    cluster.call(2) { $0.recordsAreDamaged(below: $0.lastPosition) }
    cluster.run(milliseconds: 50)

    XCTAssertTrue(
      cluster.nodes[1].durable.dropFirst(before).contains { record in
        if case .admission(let record) = record { record.memory.count == 2 } else { false }
      }
    )
  }

  func test_member_whenASnapshotTakesItsLogsPlace_forgetsWhoIsNoneSinceThen() {
    for isCutOff in [false, true] { expectForgetting(isCutOff: isCutOff) }
  }

  /// - Parameter isCutOff: Whether the power failed right behind the record of the install.
  private func expectForgetting(isCutOff: Bool) {
    let memory = [2, 3].map { number in
      Showing(
        by: .node(number),
        directory: 1,
        start: .init(boot: 1, process: 1, position: 1),
        position: 1
      )
    }
    let admission = AdmissionRecord(progress: .admitted, directory: 1, start: 1, memory: memory)
    var mark = SnapshotMark.fixture(10, 1, of: 2)
    mark.configurationIndex = LogIndex(8)

    var node = RaftCore.restored(
      1,
      RaftCore.initialRecords(for: .fixture(of: 3)) + [
        .hardState(term: Term(1), votedFor: nil), .admission(admission),
      ] + (isCutOff ? [.restart(LogMark(10, 1))] : []),
      after: mark,
      options: RaftOptions()
    )
    _ = node.takeEffects()

    XCTAssertEqual(node.admission.memory.map(\.member), [.node(2)], "cut off: \(isCutOff)")
  }

  func test_stranger_whenItAsks_isRememberedForGood() {
    let cluster = TestCluster.formedForMore()
    let before = cluster.nodes[1].durable.count

    for _ in 0..<5 { cluster.call(2) { $0.receive(.stranger(), from: .node(9)) } }

    let records = cluster.nodes[1].durable.dropFirst(before)
    XCTAssertEqual(records.count, 1)
    guard case .admission(let record)? = records.last else { return XCTFail("no record") }
    XCTAssertTrue(record.memory.contains { $0.member == .node(9) })
  }

  /// It was a member in a configuration that a snapshot has jumped over here: else a repair would
  /// wait for its word, which it never gives.
  func test_stranger_whenItsLogIsBehindACommittedConfiguration_isForgotten() {
    let cluster = TestCluster.formedForMore()
    cluster.call(2) { $0.receive(.stranger(), from: .node(9)) }

    cluster.call(2) { $0.receive(.stranger(boot: 2, last: LogMark(1, 0)), from: .node(9)) }
    cluster.run(milliseconds: 1_500)

    XCTAssertEqual(cluster.membersRemembered(by: 2), [.node(1), .node(3)])
  }

  /// Its log may have held a later configuration, with itself in it.
  func test_stranger_whenItShowsLessThanItDid_isStillRemembered() {
    let cluster = TestCluster.formedForMore()
    cluster.call(2) { $0.receive(.stranger(boot: 3), from: .node(9)) }

    cluster.call(2) { $0.receive(.stranger(boot: 2, last: LogMark(1, 0)), from: .node(9)) }
    cluster.run(milliseconds: 1_500)

    XCTAssertEqual(cluster.membersRemembered(by: 2), [.node(1), .node(3), .node(9)])
  }
}

extension TestCluster {
  /// Three nodes with a leader that have known each other for a while, and one to be added.
  fileprivate static func formedForMore() -> TestCluster {
    let cluster = TestCluster(3, joiners: 1, options: RaftOptions())
    cluster.run(milliseconds: 2_500)
    return cluster
  }

  /// One node and two that joined it, with a leader.
  fileprivate static func grown() -> TestCluster {
    let cluster = TestCluster(1, joiners: 2, options: RaftOptions())
    cluster.run(milliseconds: 500)
    for number in 2...3 {
      cluster.call(1) { $0.submit(.reconfigure(.add(.fixture(number)))) }
      cluster.run(milliseconds: 2_000)
    }
    return cluster
  }

  /// Whom the newest durable record of a node remembers, by number.
  fileprivate func membersRemembered(by number: Int) -> [Member] {
    let records = nodes[number - 1].durable.compactMap { record in
      if case .admission(let record) = record { record } else { nil }
    }
    return (records.last?.memory ?? []).map(\.member).sorted { $0.id < $1.id }
  }

  /// Whether a node knows as committed that another is no member.
  fileprivate func hasSettled(_ number: Int, without other: Int) -> Bool {
    guard let core = core(number), !core.configuration.isJoint else { return false }
    return core.configurationIndex <= core.commitIndex
      && core.configuration.seat(of: .node(other)) == nil
  }

  fileprivate var followers: [Int] { (1...3).filter { !leading.contains($0) } }

  /// The first follower ends, and node 4 replaces the other one.
  fileprivate func replaceOneWhileAnotherIsAway() -> (away: Int, leader: Int, replaced: Int) {
    let (away, replaced, leader) = (followers[0], followers[1], leading[0])
    crash(away)
    run(milliseconds: 500)
    call(leader) { $0.submit(.reconfigure(.add(.fixture(4, replaces: replaced)))) }
    run(milliseconds: 3_000)
    return (away, leader, replaced)
  }
}

extension RaftMessage {
  /// Node 9, of which no configuration here knows, asks what is remembered of it.
  fileprivate static func stranger(boot: UInt64 = 1, last: LogMark = LogMark(99, 9)) -> Self {
    let start = Showing.Start(boot: boot, process: 8, position: 1)
    return .present(
      Presence(
        term: Term(0),
        showing: Showing(by: .node(9), directory: 7, start: start, position: 1),
        last: last,
        isAsking: true,
        news: []
      )
    )
  }

  fileprivate var isRemembered: Bool {
    if case .remembered = self { true } else { false }
  }
}
