import Consensus
import XCTest

@testable import Raft

/// Whoever lost a part of its journal neither votes nor stands until its log has all of it again.
final class RepairTests: XCTestCase {
  // MARK: A leader's word

  func test_follower_whenItLostEntries_isWholeAsSoonAsItHasTheLeadersLog() {
    let cluster = TestCluster.formed()
    for text in ["a", "b", "c"] { cluster.write(text) }
    let follower = cluster.follower
    cluster.damage(follower, entries: 3...3)
    cluster.start(follower)
    let status = cluster.core(follower)?.status.repair

    cluster.run(milliseconds: 300)

    XCTAssertEqual(status?.firstMissing, LogIndex(3))
    XCTAssertEqual(cluster.core(follower)?.isWhole, true)
    XCTAssertEqual(cluster.nodes[follower - 1].applied.suffix(3), ["a", "b", "c"])
  }

  func test_follower_whenATruncationIsLost_joinsNothingByItsIndex() {
    // Entries of term 1 were replaced by those of term 2; that is what the hole hides.
    let before: [RaftRecord] = Self.journal([1, 1, 1])
    let replaced: [RaftRecord] = [
      .truncate(from: LogIndex(3)), .hardState(term: Term(2), votedFor: nil),
      .entry(LogIndex(3), .fixture(term: 2)), .entry(LogIndex(4), .fixture(term: 2)),
      .entry(LogIndex(5), .fixture(term: 2)),
    ]
    let cluster = Self.stopped([before + replaced, Self.journal([1, 2, 2, 2]), nil])
    let lost = UInt64(before.count + 1)
    cluster.damage(1, positions: lost...lost + 1)
    for node in 1...2 { cluster.start(node) }
    let terms = cluster.core(1)?.terms

    cluster.start(3)
    cluster.run(milliseconds: 1_500)

    XCTAssertEqual(terms, [0, 1, 1, 1])
    XCTAssertEqual(cluster.core(1)?.terms.prefix(5), [0, 1, 2, 2, 2])
    XCTAssertEqual(cluster.core(1)?.isWhole, true)
  }

  func test_follower_whenTheEndIsLost_getsItBack() {
    let cluster = TestCluster.formed()
    for text in ["a", "b", "c"] { cluster.write(text) }
    let follower = cluster.follower
    let last = UInt64(cluster.nodes[follower - 1].durable.count)
    cluster.damage(follower, entries: 4...4)
    cluster.damage(follower, positions: last - 1...last)
    cluster.start(follower)

    cluster.run(milliseconds: 300)

    XCTAssertEqual(cluster.core(follower)?.isWhole, true)
    XCTAssertEqual(cluster.nodes[follower - 1].applied.suffix(3), ["a", "b", "c"])
  }

  func test_repairing_whenAskedForVotes_givesNone() {
    var node = Self.damaged()

    node.receive(.requestPreVote(term: Term(9), last: LogMark(99, 8)), from: .node(2))
    node.receive(
      .requestVote(term: Term(9), last: LogMark(99, 8), isTransfer: true),
      from: .node(2)
    )
    node.fireElectionTimer()
    let effects = node.sync()

    let given = (effects.messages + effects.messagesAfterSync).filter { envelope in
      switch envelope.message {
      case .preVoteAnswer(_, let isGranted), .voteAnswer(_, let isGranted): isGranted
      case .requestPreVote, .requestVote: true
      default: false
      }
    }
    XCTAssertEqual(given.count, 0)
    XCTAssertEqual(node.status.role, .follower)
  }

  func test_repairing_whenAllHaveToldHowFarTheyReach_votesForALogThatReachesThere() throws {
    // Who has it all may have it in a snapshot, which only a leader sends: it has to be elected.
    for (last, isGranted) in [(LogMark(5, 1), false), (LogMark(6, 1), true), (LogMark(3, 2), true)]
    {
      var node = Self.damaged()
      let nonce = try XCTUnwrap(node.repair?.nonce)
      node.tick(.milliseconds(2_000))
      for (peer, mark) in [(2, LogMark(6, 1)), (3, LogMark(4, 1))] {
        let ends = RaftMessage.LogEnds(term: Term(2), nonce: nonce, mark: mark)
        node.receive(.logEnds(ends), from: .node(peer))
      }
      node.sync()

      node.receive(.requestPreVote(term: Term(3), last: last), from: .node(2))
      node.receive(.requestVote(term: Term(3), last: last, isTransfer: false), from: .node(2))
      let effects = node.sync()

      let given = (effects.messages + effects.messagesAfterSync).count { envelope in
        switch envelope.message {
        case .preVoteAnswer(_, true), .voteAnswer(_, true): true
        default: false
        }
      }
      XCTAssertEqual(given, isGranted ? 2 : 0)
      XCTAssertFalse(node.isWhole)
    }
  }

  func test_repairing_whenTheLeaderSendsEntries_acknowledgesThem() {
    var node = Self.damaged()
    node.sync()

    node.receive(Self.entries(after: LogMark(2, 1), [2, 2], term: 2), from: .node(2))

    XCTAssertEqual(node.sync().acceptedIndexes, [LogIndex(4)])
    XCTAssertFalse(node.isWhole)
  }

  func test_word_whenOfAnotherStart_isNotBelieved() throws {
    var node = Self.damaged()
    let nonce = try XCTUnwrap(node.repair?.nonce)

    node.receive(.logEnds(Self.word(LogMark(2, 1), term: 2, nonce + 1)), from: .node(2))
    let before = node.isWhole
    node.receive(.logEnds(Self.word(LogMark(2, 1), term: 2, nonce)), from: .node(2))

    XCTAssertFalse(before)
    XCTAssertTrue(node.isWhole)
  }

  func test_word_whenOfALeaderOfThePast_isNotBelieved() throws {
    var node = Self.damaged()
    let nonce = try XCTUnwrap(node.repair?.nonce)

    node.receive(.logEnds(Self.word(LogMark(2, 1), term: 1, nonce)), from: .node(2))

    XCTAssertFalse(node.isWhole)
    XCTAssertNil(node.status.repair?.target)
  }

  func test_word_whenTheLeaderIsDeposed_isReplacedByThatOfTheNext() throws {
    var node = Self.damaged()
    let nonce = try XCTUnwrap(node.repair?.nonce)
    node.receive(.logEnds(Self.word(LogMark(9, 2), term: 2, nonce)), from: .node(2))
    let first = node.status.repair?.target

    node.receive(Self.entries(after: LogMark(2, 1), [3, 3], term: 3), from: .node(3))
    node.sync()
    let before = node.isWhole
    node.receive(.logEnds(Self.word(LogMark(4, 3), term: 3, nonce)), from: .node(3))

    XCTAssertEqual(first, LogIndex(9))
    XCTAssertFalse(before)
    XCTAssertTrue(node.isWhole)
  }

  func test_target_whenReachedButNotDurable_isNotEnough() throws {
    var node = Self.damaged()
    let nonce = try XCTUnwrap(node.repair?.nonce)
    node.sync()
    node.receive(.logEnds(Self.word(LogMark(4, 2), term: 2, nonce)), from: .node(2))

    node.receive(Self.entries(after: LogMark(2, 1), [2, 2], term: 2), from: .node(2))
    let before = node.isWhole
    node.sync()

    XCTAssertFalse(before)
    XCTAssertTrue(node.isWhole)
  }

  // MARK: Nobody leads

  func test_members_whenEachLostSomethingElse_healAndElect() {
    let cluster = Self.brokenEverywhere()
    for node in 1...3 { cluster.start(node) }

    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(cluster.leading.count, 1)
    for node in 1...3 {
      XCTAssertEqual(cluster.core(node)?.isWhole, true)
      XCTAssertEqual(cluster.core(node)?.terms.prefix(13), [0] + Self.twelve)
    }
    XCTAssertEqual(cluster.violations, [])
  }

  func test_members_whenOneHasNotAnswered_wait() {
    let cluster = Self.brokenEverywhere()
    for node in 1...2 { cluster.start(node) }

    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(cluster.leading, [])
    XCTAssertEqual(cluster.core(1)?.status.repair?.unheard, [NodeID(3)])

    cluster.start(3)
    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(cluster.leading.count, 1)
    XCTAssertTrue(cluster.nodes.allSatisfy { $0.core?.isWhole == true })
  }

  func test_members_whenAnEntryFollowsNothingThatIsLeft_giveItUp() {
    // Entry 8 of term 2 reached nobody else and is lost; entry 9 is left and follows nothing.
    let cluster = Self.missingTheEighth(
      Self.journal([1, 1, 1, 1, 1, 1, 2, 2]),
      Self.journal([1, 1, 1, 1, 1, 1])
    )

    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(cluster.leading.count, 1)
    XCTAssertEqual(cluster.core(1)?.terms.prefix(8), [0, 1, 1, 1, 1, 1, 1, 3])
  }

  func test_members_whenNobodyCanTellWhatAnEntryFollows_wait() {
    // What is left of 8 may be what 9 follows, or may have been replaced.
    let cluster = Self.missingTheEighth(
      Self.journal([1, 1, 1, 1, 1, 1, 2, 3]),
      Self.journal([1, 1, 1, 1, 1, 1, 2])
    )

    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(cluster.leading, [])
    XCTAssertEqual(cluster.core(1)?.isWhole, false)
  }

  func test_member_whenAMembershipChangeIsLost_waitsForTheNewMemberToo() {
    let cluster = TestCluster(3, joiners: 1)
    cluster.run(milliseconds: 500)
    cluster.call(cluster.leading.first ?? 1) { $0.submit(.reconfigure(.add(.fixture(4)))) }
    cluster.run(milliseconds: 1_000)
    cluster.write("x")
    let last = cluster.core(1)?.lastIndex.rawValue ?? 0
    for node in 1...4 { cluster.crash(node) }
    cluster.damage(1, entries: 3...Int(last))
    cluster.damage(2, entries: 2...2)
    cluster.damage(3, entries: 2...2)
    for node in 1...3 { cluster.start(node) }

    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(cluster.core(1)?.configuration.everybody.count, 3)
    XCTAssertEqual(cluster.core(1)?.status.repair?.unheard, [NodeID(4)])

    cluster.start(4)
    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(cluster.leading.count, 1)
    XCTAssertEqual(cluster.core(1)?.configuration.everybody.count, 4)
    XCTAssertTrue(cluster.nodes[0].applied.contains("x"))
  }

  // MARK: The term is lost

  func test_member_whenItsVoteIsLost_hearsNobodyUntilAllOthersHaveToldTheirTerms() {
    let cluster = TestCluster.formed()
    cluster.write("a")
    let follower = cluster.follower
    let other = (1...3).first { $0 != follower && !cluster.leading.contains($0) } ?? 0
    let term = cluster.termMax
    let positions = 3...UInt64(cluster.nodes[follower - 1].durable.count)
    cluster.damage(follower, positions: positions, isVoteCopied: false)
    cluster.crash(other)
    cluster.start(follower)

    cluster.run(milliseconds: 1_500)
    let status = cluster.core(follower)?.status.repair
    cluster.start(other)
    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(status?.isTermKnown, false)
    XCTAssertEqual(status?.unheard, [NodeID(UInt32(other))])
    XCTAssertEqual(cluster.core(follower)?.isWhole, true)
    XCTAssertGreaterThan(cluster.core(follower)?.currentTerm.rawValue ?? 0, term)
    XCTAssertTrue(cluster.nodes[follower - 1].applied.contains("a"))
  }

  func test_member_whenItsVoteIsLostAndAVoterWasReplacedForGood_waitsForTheOthersOnly() {
    let cluster = TestCluster(3, joiners: 1)
    cluster.run(milliseconds: 500)
    let leader = cluster.leading.first ?? 1
    let followers = (1...3).filter { $0 != leader }
    var newcomer = ClusterConfiguration.Learner.fixture(4)
    newcomer.replaces = NodeID(UInt32(followers[0]))
    cluster.call(leader) { $0.submit(.reconfigure(.add(newcomer))) }
    cluster.run(milliseconds: 2_000)
    cluster.crash(followers[0])
    cluster.write("a")
    let positions = 3...UInt64(cluster.nodes[followers[1] - 1].durable.count)
    cluster.damage(followers[1], positions: positions, isVoteCopied: false)
    cluster.start(followers[1])

    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(
      cluster.core(leader)?.configuration.seats.map(\.member.id).contains(NodeID(4)),
      true
    )
    XCTAssertEqual(cluster.core(followers[1])?.isWhole, true)
    XCTAssertTrue(cluster.nodes[followers[1] - 1].applied.contains("a"))
    XCTAssertEqual(cluster.violations, [])
  }

  func test_members_whenTwoHaveLostTheirVotes_goOnInATermThatNoneCanHaveBeenIn() {
    // Two members elect one of them in a term that the third never hears of, and forget it.
    let cluster = TestCluster.formed()
    cluster.write("a")
    let third = cluster.follower
    cluster.isolate(third)
    cluster.crash(cluster.leading[0])
    let others = (1...3).filter { $0 != third }
    for node in others { cluster.start(node) }
    cluster.run(milliseconds: 1_500)
    let term = cluster.termMax
    let positions = others.map { UInt64(cluster.nodes[$0 - 1].durable.count) }
    for (node, last) in zip(others, positions) {
      cluster.crash(node)
      cluster.damage(node, positions: last...last, isVoteCopied: false)
    }
    cluster.cuts = []
    for node in others { cluster.start(node) }

    cluster.run(milliseconds: 3_000)
    cluster.write("b")

    XCTAssertGreaterThan(
      cluster.core(cluster.leading[0])?.currentTerm.rawValue ?? 0,
      term + 1 << 32
    )
    for node in 1...3 {
      XCTAssertEqual(cluster.core(node)?.isWhole, true)
      XCTAssertEqual(cluster.nodes[node - 1].applied.suffix(3), ["a", "noop", "b"])
    }
    XCTAssertEqual(cluster.violations, [])
  }

  // MARK: Again and again

  func test_member_whenDamagedAgainWhileItRepairs_beginsAgain() {
    let cluster = TestCluster.formed()
    for text in ["a", "b", "c"] { cluster.write(text) }
    let follower = cluster.follower
    cluster.isolate(follower)
    cluster.damage(follower, entries: 4...4)
    cluster.start(follower)
    cluster.run(milliseconds: 300)
    let before = cluster.core(follower)?.lastIndex

    cluster.damage(follower, entries: 3...3)
    cluster.start(follower)
    let after = cluster.core(follower)?.lastIndex
    cluster.cuts = []
    cluster.run(milliseconds: 1_500)

    XCTAssertEqual(before, LogIndex(3))
    XCTAssertEqual(after, LogIndex(2))
    XCTAssertEqual(cluster.core(follower)?.isWhole, true)
    XCTAssertEqual(cluster.nodes[follower - 1].applied.suffix(3), ["a", "b", "c"])
  }

  func test_member_whenStartedAgainAfterItsRepair_isWhole() {
    let cluster = TestCluster.formed()
    for text in ["a", "b", "c"] { cluster.write(text) }
    let follower = cluster.follower
    cluster.damage(follower, entries: 3...3)
    cluster.start(follower)
    cluster.run(milliseconds: 300)
    cluster.crash(follower)

    cluster.start(follower)

    XCTAssertEqual(cluster.core(follower)?.isWhole, true)
    XCTAssertEqual(cluster.core(follower)?.lastIndex, cluster.core(cluster.leading[0])?.lastIndex)
  }

  func test_member_whenItCrashesWhileItRepairs_isNotWholeAfterwards() {
    var node = Self.damaged()
    let written = node.takeEffects().records
    let position = Self.holed.lastPosition
    let records = written.enumerated().map { place, record in
      Recovered(position: position + UInt64(place + 1), record: record)
    }

    node = Self.core(Past(Self.holed.records + records, without: Self.holed.holes))

    XCTAssertEqual(written, [.repair(LogMark(2, 1))])
    XCTAssertFalse(node.isWhole)
    XCTAssertEqual(node.terms, [0, 1])
  }

  func test_repairing_whenASnapshotIsInstalled_forgetsNoRecords() {
    let past = Past(RaftCore.numbered(Self.journal([1, 1, 1])), without: [5...5])
    var node = Self.core(past)
    node.sync()

    node.snapshotInstalled(.fixture(20, 1))
    let effects = node.takeEffects()

    XCTAssertEqual(effects.records, [.restart(LogMark(20, 1))])
    XCTAssertNil(effects.forgetRecordsBelow)
  }

  func test_singleNode_whenItLostSomething_refusesToStart() {
    let records = RaftCore.numbered(
      RaftCore.initialRecords(for: .fixture(of: 1)) + [.hardState(term: Term(1), votedFor: nil)]
    )

    XCTAssertTrue(RaftCore.canRecover(Past(records), as: .node(1)))
    XCTAssertFalse(RaftCore.canRecover(Past(records, without: [3...4]), as: .node(1)))
    XCTAssertFalse(RaftCore.canRecover(Past(records, isVoteCertain: false), as: .node(1)))
    // One that is no voter any more has somebody to ask.
    XCTAssertTrue(RaftCore.canRecover(Past(records, without: [3...4]), as: .node(2)))
  }
}

extension RepairTests {
  fileprivate static let twelve: [UInt64] = [1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3]

  /// The journal of node 1: entry 3 is lost, and 4 stands behind the hole.
  fileprivate static let holed: Past<RaftRecord> = {
    let records = RaftCore.numbered(journal([1, 1, 1], term: 2))
    return Past(records.filter { $0.position != 4 }, without: [4...4])
  }()

  fileprivate static func core(_ past: Past<RaftRecord>) -> RaftCore {
    RaftCore(
      identity: Identity(cluster: ClusterID(high: 1, low: 2), member: .node(1), boot: 2),
      options: .trusting,
      recovering: past,
      seed: 1,
      now: .milliseconds(1_000)
    )
  }

  fileprivate static func damaged() -> RaftCore { core(holed) }

  /// A journal with entries of these terms behind the configuration.
  fileprivate static func journal(_ terms: [UInt64], term: UInt64? = nil) -> [RaftRecord] {
    let current = Term(term ?? terms.last ?? 0)
    return RaftCore.initialRecords(for: .fixture(of: 3))
      + [.hardState(term: current, votedFor: nil)]
      + terms.enumerated().map { place, term in
        .entry(LogIndex(UInt64(place + 2)), .fixture(term: term, "e\(place + 2)@\(term)"))
      }
  }

  fileprivate static func entries(
    after previous: LogMark,
    _ terms: [UInt64],
    term: UInt64
  ) -> RaftMessage {
    .appendEntries(
      .init(
        term: Term(term),
        previous: previous,
        commitIndex: .zero,
        entries: terms.map { .fixture(term: $0) }
      )
    )
  }

  fileprivate static func word(
    _ mark: LogMark,
    term: UInt64,
    _ nonce: UInt64
  ) -> RaftMessage.LogEnds {
    RaftMessage.LogEnds(term: Term(term), nonce: nonce, mark: mark, isLeader: true)
  }

  /// Three nodes that do not run, with these journals.
  fileprivate static func stopped(_ journals: [[RaftRecord]?]) -> TestCluster {
    let cluster = TestCluster(journals.count)
    for (place, journal) in journals.enumerated() {
      cluster.crash(place + 1)
      if let journal { cluster.nodes[place].durable = journal }
    }
    cluster.trace = []
    return cluster
  }

  /// The first has lost entry 8, the others earlier ones; all are started.
  fileprivate static func missingTheEighth(
    _ first: [RaftRecord],
    _ second: [RaftRecord]
  ) -> TestCluster {
    let cluster = stopped([first, second, journal([1, 1, 1, 1, 1, 1])])
    cluster.damage(1, entries: 8...8)
    cluster.damage(2, entries: 3...3)
    cluster.damage(3, entries: 5...5)
    for node in 1...3 { cluster.start(node) }
    return cluster
  }

  /// Each of three has lost two other entries.
  fileprivate static func brokenEverywhere() -> TestCluster {
    let cluster = stopped([journal(twelve), journal(twelve), journal(twelve)])
    cluster.damage(1, entries: 3...4)
    cluster.damage(2, entries: 6...7)
    cluster.damage(3, entries: 9...10)
    return cluster
  }
}
