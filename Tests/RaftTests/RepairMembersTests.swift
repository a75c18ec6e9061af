import Consensus
import XCTest

@testable import Raft

/// Whose word a repair needs: all who may have decided something, and nobody who cannot have.
final class RepairMembersTests: XCTestCase {
  /// The configuration at 1, entries of term 1, and a hole behind.
  private static func damaged(
    by configuration: ClusterConfiguration,
    remembering members: [Int] = [],
    after snapshot: SnapshotMark? = nil
  ) -> RaftCore {
    let memory = members.map { number in
      Showing(
        by: .node(number),
        directory: 1,
        start: Showing.Start(boot: 1, process: 1, position: 1),
        position: 1
      )
    }
    let admission = AdmissionRecord(progress: .admitted, directory: 1, start: 1, memory: memory)
    let beginning: [RaftRecord] =
      if let snapshot {
        [.restart(LogMark(index: snapshot.index, term: snapshot.term))]
      } else {
        RaftCore.initialRecords(for: configuration)
      }
    let records = beginning + [.admission(admission), .hardState(term: Term(1), votedFor: nil)]
    let numbered = RaftCore.numbered(records)
    let last = UInt64(numbered.count)
    return RaftCore(
      identity: Identity(cluster: ClusterID(high: 1, low: 2), member: .node(1), boot: 2),
      options: .trusting,
      recovering: Past(numbered, after: snapshot, without: [last + 1...last + 2]),
      seed: 1,
      now: .milliseconds(1_000)
    )
  }

  private static func ends(
    of node: RaftCore,
    _ mark: LogMark,
    _ configuration: ClusterConfiguration?,
    at index: UInt64,
    isLeader: Bool = false
  ) -> RaftMessage {
    var ends = RaftMessage.LogEnds(
      term: Term(2),
      nonce: node.repair?.nonce ?? 0,
      mark: mark,
      isLeader: isLeader
    )
    ends.configuration = configuration
    ends.configurationIndex = LogIndex(index)
    return .logEnds(ends)
  }

  /// 1, 2 and 4: 4 has taken the place of 3.
  private static let changed: ClusterConfiguration = {
    var configuration = ClusterConfiguration.fixture(of: 4)
    configuration.seats.remove(at: 2)
    return configuration
  }()

  func test_voters_whenACutOffLeaderTellsOfAChangeOfItsOwn_areThoseOfAllThatMayBeCommitted() {
    var abandoned = ClusterConfiguration.fixture(of: 3)
    abandoned.learners = [.fixture(5)]
    var node = Self.damaged(by: .fixture(of: 3))
    node.receive(.heartbeat(term: Term(2), round: 1, commitIndex: LogIndex(61)), from: .node(4))
    node.receive(Self.ends(of: node, LogMark(60, 2), Self.changed, at: 48), from: .node(2))
    node.receive(Self.ends(of: node, LogMark(55, 1), abandoned, at: 55), from: .node(3))
    node.sync()
    for moment in stride(from: 1_400 as UInt64, through: 3_000, by: 200) {
      node.tick(.milliseconds(moment))
    }

    node.receive(.requestPreVote(term: Term(3), last: LogMark(60, 2)), from: .node(2))

    XCTAssertEqual(node.status.repair?.unheard, [NodeID(4)])
    let isGranted = node.sync().messages.contains { envelope in
      if case .preVoteAnswer(_, true) = envelope.message { true } else { false }
    }
    XCTAssertFalse(isGranted, "4 and this member have committed 61")
  }

  func test_voters_whenTheLeaderSaysThatItsConfigurationIsCommitted_areThatOnesAlone() {
    for (commitIndex, term, unheard) in [
      (48, 2, []), (47, 2, [NodeID(3)]), (48, 1, [NodeID(3)]),
    ] as [(UInt64, UInt64, [NodeID])] {
      var node = Self.damaged(by: .fixture(of: 3))
      node.receive(
        .heartbeat(term: Term(term), round: 1, commitIndex: LogIndex(commitIndex)),
        from: .node(2)
      )
      node.receive(
        Self.ends(of: node, LogMark(60, 2), Self.changed, at: 48, isLeader: true),
        from: .node(2)
      )
      node.receive(Self.ends(of: node, LogMark(60, 2), Self.changed, at: 48), from: .node(4))

      XCTAssertEqual(node.status.repair?.unheard, unheard, "\(commitIndex) in \(term)")
    }
  }

  // Seeds 1796 and 2165: a removed member that nobody lets in never answers.
  func test_voters_whenAMemberKnowsThatItsConfigurationIsCommitted_areThatOnesAlone() {
    for (index, unheard) in [(48, []), (47, [NodeID(3)])] as [(UInt64, [NodeID])] {
      var node = Self.damaged(by: .fixture(of: 3))
      let nonce = node.repair?.nonce ?? 0
      node.receive(
        .configurationCommitted(term: Term(2), nonce: nonce, index: LogIndex(index)),
        from: .node(2)
      )
      node.receive(Self.ends(of: node, LogMark(60, 2), Self.changed, at: 48), from: .node(2))
      node.receive(Self.ends(of: node, LogMark(60, 2), Self.changed, at: 48), from: .node(4))
      XCTAssertEqual(node.status.repair?.unheard, unheard)

      node.receive(
        .configurationCommitted(term: Term(2), nonce: nonce &+ 1, index: LogIndex(48)),
        from: .node(2)
      )
      XCTAssertEqual(node.status.repair?.unheard, unheard, "of another start")
    }
  }

  func test_member_whenAskedHowFarItReaches_saysWhetherItsConfigurationIsCommitted() {
    var node = RaftCore.settledFollower(term: 2, log: [1, 2], options: .trusting)
    node.receive(.append(term: 2, after: LogMark(3, 2), [2]), from: .node(2))
    node.sync()

    node.receive(.askEnd(term: Term(2), nonce: 7), from: .node(3))

    let told = node.sync().messages.map(\.message)
    let expected = RaftMessage.configurationCommitted(term: Term(2), nonce: 7, index: LogIndex(1))
    XCTAssertEqual(told.filter { $0 == expected }.count, 1, "\(told)")
  }

  func test_member_whenItsNewestConfigurationMayBeReplaced_callsItCommittedToNobody() {
    let records = RaftCore.initialRecords(for: .fixture(of: 3))
    var node = RaftCore(
      identity: Identity(cluster: ClusterID(high: 1, low: 2), member: .node(1), boot: 2),
      options: .trusting,
      recovering: Past(RaftCore.numbered(records), after: nil, without: []),
      seed: 1,
      now: .milliseconds(1_000)
    )
    XCTAssertEqual(node.status.commitIndex, .zero)

    node.receive(.askEnd(term: Term(0), nonce: 7), from: .node(3))

    let told = node.sync().messages.map(\.message)
    XCTAssertTrue(told.contains { if case .logEnds = $0 { true } else { false } }, "\(told)")
    XCTAssertFalse(
      told.contains { if case .configurationCommitted = $0 { true } else { false } },
      "an index alone proves nothing"
    )
  }

  func test_voters_whenOneIsOnlyRemembered_areWithoutItOnlyIfItWasBefore() {
    var returned = ClusterConfiguration.fixture(of: 3)
    returned.seats[2].member = Member.node(3).successor
    var learning = ClusterConfiguration.fixture(of: 3)
    learning.learners = [.fixture(4)]
    let cases: [(ClusterConfiguration, remembered: [Int], unheard: [Int])] = [
      (learning, [2, 3], [2, 3]), (learning, [2, 3, 4], [2, 3, 4]),
      (.fixture(of: 3), [2, 3, 4], [2, 3, 4]), (returned, [2, 3], [2, 3]),
      (.fixture(of: 3), [2, 3], [2, 3]),
    ]
    for (configuration, remembered, unheard) in cases {
      let mark = SnapshotMark(
        index: LogIndex(50),
        term: Term(1),
        logTimeMicroseconds: 5,
        configuration: configuration,
        configurationIndex: LogIndex(48)
      )

      let node = Self.damaged(by: configuration, remembering: remembered, after: mark)

      // What came later may be lost with the configuration that names it.
      XCTAssertEqual(node.status.repair?.unheard.map { Int($0.rawValue) }, unheard)
    }
  }

  /// Seed 912: it is not let in, as it was removed, and a snapshot has jumped over both its coming
  /// and its going.
  func test_voters_whenOneShowsThatItWasAMemberBefore_areWithoutIt() {
    for (index, isCommitted, unheard) in [(40, true, []), (40, false, [4]), (49, true, [4])]
      as [(UInt64, Bool, [Int])]
    {
      let mark = SnapshotMark(
        index: LogIndex(50),
        term: Term(1),
        logTimeMicroseconds: 5,
        configuration: .fixture(of: 3),
        configurationIndex: LogIndex(48)
      )
      var node = Self.damaged(by: .fixture(of: 3), remembering: [2, 3, 4], after: mark)
      let nonce = node.repair?.nonce ?? 0
      let start = Showing.Start(boot: 1, process: 1, position: 1)
      var presence = RaftMessage.Presence(
        term: Term(0),
        showing: Showing(by: .node(4), directory: 1, start: start, position: 1),
        last: LogMark(3, 1),
        isAsking: false,
        news: []
      )
      presence.configuration = .fixture(of: 4)
      presence.configurationIndex = LogIndex(index)
      for peer in [2, 3] {
        let ends = Self.ends(of: node, LogMark(60, 1), .fixture(of: 3), at: 48)
        node.receive(ends, from: .node(peer))
      }
      let committed = RaftMessage.configurationCommitted(
        term: Term(2),
        nonce: isCommitted ? nonce : nonce &+ 1,
        index: LogIndex(index)
      )

      node.receive(.present(presence), from: .node(4))
      node.receive(committed, from: .node(4))

      XCTAssertEqual(
        node.status.repair?.unheard.map { Int($0.rawValue) },
        unheard,
        "\(index), \(isCommitted)"
      )
    }
  }

  func test_member_whenItIsNotLetIn_showsOfWhichConfigurationItWas() throws {
    let mark = SnapshotMark.fixture(8, 2)
    var node = RaftCore(
      identity: Identity(cluster: ClusterID(high: 1, low: 2), member: .node(1), boot: 2),
      options: RaftOptions(),
      recovering: Past(
        RaftCore.numbered([.restart(LogMark(8, 2)), .hardState(term: Term(2), votedFor: nil)]),
        after: mark
      ),
      seed: 1,
      now: .milliseconds(1_000)
    )
    node.sync()
    XCTAssertFalse(node.isAdmitted)

    node.receive(.askEnd(term: Term(0), nonce: 7), from: .node(3))

    let told = node.sync().messages.filter { $0.recipient == .node(3) }.map(\.message)
    let index = mark.configurationIndex
    XCTAssertTrue(
      told.contains(.configurationCommitted(term: Term(2), nonce: 7, index: index)),
      "\(told)"
    )
    let isShown = told.contains { message in
      guard case .present(let presence) = message else { return false }
      return presence.configurationIndex == index && presence.configuration == mark.configuration
    }
    XCTAssertTrue(isShown, "\(told)")
    XCTAssertFalse(told.contains { if case .logEnds = $0 { true } else { false } }, "\(told)")
  }

  /// The configuration that took it in may be what is lost.
  func test_member_whenItsLogHasAHole_tellsNobodyThatItWasRemoved() {
    let mark = SnapshotMark(
      index: LogIndex(50),
      term: Term(1),
      logTimeMicroseconds: 5,
      configuration: .fixture(of: 3),
      configurationIndex: LogIndex(48)
    )
    var node = Self.damaged(by: .fixture(of: 3), after: mark)
    let start = Showing.Start(boot: 1, process: 8, position: 1)
    let presence = RaftMessage.Presence(
      term: Term(0),
      showing: Showing(by: .node(4), directory: 7, start: start, position: 1),
      last: LogMark(3, 1),
      isAsking: true,
      news: []
    )

    node.receive(.present(presence), from: .node(4))

    let said = node.sync().messages.filter { $0.recipient == .node(4) }.map(\.message)
    XCTAssertFalse(said.contains { if case .removed = $0 { true } else { false } }, "\(said)")
    XCTAssertEqual(node.admission.memory.map(\.member), [.node(4)])
  }

  func test_member_whenItDecidedAlone_isNotWholeOnOthersWord() {
    var node = Self.damaged(by: .fixture(of: 1), remembering: [2])
    node.receive(Self.ends(of: node, LogMark(0, 0), nil, at: 0), from: .node(2))
    node.sync()
    for moment in stride(from: 1_400 as UInt64, through: 3_000, by: 200) {
      node.tick(.milliseconds(moment))
    }

    XCTAssertFalse(node.isWhole, "nobody else can tell what it has committed")
    XCTAssertEqual(node.status.role, .follower)
  }

  // Seed 101973: it forgot the leader in each tick, and asked for no part of a snapshot by itself.
  func test_member_whenItDecidedAloneAndHearsALeader_followsIt() {
    var node = Self.damaged(by: .fixture(of: 1), remembering: [2])
    node.receive(.heartbeat(term: Term(2), round: 1, commitIndex: LogIndex(61)), from: .node(2))
    node.tick(.milliseconds(1_010))
    XCTAssertEqual(node.status.leader, NodeID(2))

    node.tick(.milliseconds(1_020))
    XCTAssertEqual(node.status.leader, NodeID(2))
    for moment in stride(from: 1_030 as UInt64, through: 3_000, by: 10) {
      node.tick(.milliseconds(moment))
    }
    XCTAssertNil(node.status.leader, "its patience ends as anybody's")
  }

  func test_members_whenAFormerOneIsGoneForGood_healWithoutIt() {
    let cluster = TestCluster(3, joiners: 1, options: RaftOptions())
    cluster.run(milliseconds: 1_000)
    let leader = cluster.leading.first ?? 1
    let former = leader == 3 ? 2 : 3
    cluster.call(leader) { core in
      core.submit(.reconfigure(.add(.fixture(4, replaces: former))))
    }
    cluster.run(milliseconds: 4_000)
    cluster.crash(former)
    for text in ["a", "b", "c", "d"] { cluster.write(text) }
    cluster.run(milliseconds: 2_000)
    let last = Int(cluster.core(leader)?.lastIndex.rawValue ?? 0)
    let present = (1...4).filter { $0 != former }
    for node in present { cluster.crash(node) }
    cluster.damage(present[0], entries: last - 1...last - 1)
    cluster.damage(present[1], entries: last - 2...last - 2)
    for node in present { cluster.start(node) }

    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(cluster.leading.count, 1)
    for node in present {
      XCTAssertEqual(cluster.core(node)?.isWhole, true, "\(node)")
      XCTAssertTrue(cluster.nodes[node - 1].applied.contains("d"), "\(node)")
    }
    XCTAssertEqual(cluster.violations, [])
  }
}
