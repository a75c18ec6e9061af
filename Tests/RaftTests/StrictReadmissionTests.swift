import Consensus
import XCTest

@testable import Raft

/// Under the strict rule a member needs the word of all others, or to be replaced by a leader that
/// does without its vote (D16, docs/decisions/0029).
final class StrictReadmissionTests: XCTestCase {
  private func strict(patience: UInt64? = 500_000) -> RaftOptions {
    var options = RaftOptions()
    options.admission = .strict
    options.strictPatienceMicroseconds = patience
    return options
  }

  /// A cluster of five in which one voter is gone and another one starts again.
  private func restarted(_ options: RaftOptions) -> (TestCluster, node: Int) {
    let cluster = TestCluster(5, options: options)
    cluster.run(milliseconds: 2_500)
    let (node, gone) = (cluster.followers[0], cluster.followers[1])
    cluster.crash(gone)
    cluster.crash(node)
    cluster.start(node)
    return (cluster, node)
  }

  func test_member_whenAVoterIsSilent_givesItsDirectoryUp() {
    let (cluster, node) = restarted(strict())

    cluster.run(milliseconds: 400)
    let before = cluster.core(node)?.status.admission
    cluster.run(milliseconds: 700)

    XCTAssertEqual(before, .waiting)
    XCTAssertEqual(cluster.refusals, [node: .voterSilent])
  }

  func test_member_whoseDirectoryWasGivenUp_isRefusedAtEveryStart() {
    let (cluster, node) = restarted(strict())
    cluster.run(milliseconds: 1_100)

    cluster.start(node)

    XCTAssertEqual(cluster.refusals, [node: .rolledBack])
  }

  func test_member_whenAVoterIsSilent_waitsForEverIfItIsNotToComeBack() {
    let (cluster, node) = restarted(strict(patience: nil))

    cluster.run(milliseconds: 5_000)

    XCTAssertEqual(cluster.core(node)?.status.admission, .waiting)
  }

  func test_member_whenTheSilentVoterSpeaksInTime_isAdmitted() {
    let (cluster, node) = restarted(strict())
    cluster.run(milliseconds: 400)

    for gone in (1...5) where cluster.core(gone) == nil { cluster.start(gone) }
    cluster.run(milliseconds: 500)

    XCTAssertEqual(cluster.core(node)?.status.admission, .admitted)
    XCTAssertEqual(cluster.refusals, [:])
  }

  /// Without a leader nobody could replace it.
  func test_member_whileNobodyLeads_doesNotGiveUp() {
    let cluster = TestCluster(3, options: strict())
    cluster.run(milliseconds: 2_500)
    for number in 1...2 { cluster.crash(number) }
    cluster.start(1)

    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(cluster.leading, [])
    XCTAssertEqual(cluster.core(1)?.status.admission, .waiting)
  }

  /// A majority has spoken here, which may be about to elect somebody.
  func test_member_whileItHearsOfNoLeader_doesNotAskThoughAMajoritySpoke() {
    var node = heardByAMajority()
    node.pass(milliseconds: 2_000)
    let before = node.takeEffects().messages.map(\.message)

    let after = node.follow(for: 600)

    XCTAssertFalse(before.contains { $0.isPlea })
    XCTAssertTrue(after.contains { $0.isPlea })
  }

  /// Others may do the same at that time, until nobody is left to let them in.
  func test_member_whoAsksToBeReplaced_givesNothingUpBeforeItIs() {
    var node = heardByAMajority()

    node.follow(for: 5_000)
    let before = node.status.admission
    _ = node.takeEffects()
    node.receive(.replaced(term: Term(1)), from: .node(2))

    XCTAssertEqual(before, .waiting)
    XCTAssertEqual(node.status.admission, .voterSilent)
    XCTAssertEqual(node.takeEffects().successor, Member.node(1).successor)
  }

  func test_member_whoHasNotAsked_doesNotBelieveThatItWasReplaced() {
    var node = heardByAMajority()
    node.follow(for: 300)

    node.receive(.replaced(term: Term(1)), from: .node(2))

    XCTAssertEqual(node.status.admission, .waiting)
    XCTAssertNil(node.takeEffects().successor)
  }

  /// The silent one may speak while a leader takes its successor in: that stays a learner.
  func test_member_whoIsAdmittedAfterAll_doesNotBelieveThatItWasReplaced() {
    var node = heardByAMajority()
    node.follow(for: 1_000)
    node.hear(from: [5])
    let before = node.status.admission

    node.receive(.replaced(term: Term(1)), from: .node(2))

    XCTAssertEqual(before, .admitted)
    XCTAssertEqual(node.status.admission, .admitted)
  }

  /// All but a quorum wait in vain: none of them is lost when the silent one comes back.
  func test_members_whenManyWaitForOne_areAdmittedWhenItSpeaks() {
    let (cluster, node) = restarted(strict())
    let other = cluster.followers.first { $0 != node && cluster.core($0) != nil } ?? 0
    cluster.crash(other)
    cluster.start(other)
    cluster.run(milliseconds: 5_000)
    let before = cluster.refusals

    for gone in (1...5) where cluster.core(gone) == nil { cluster.start(gone) }
    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(before, [:])
    XCTAssertEqual(cluster.leading.count, 1)
    for number in 1...5 { XCTAssertEqual(cluster.core(number)?.status.admission, .admitted) }
  }

  /// Its successor would need the word of one who is out of its reach.
  func test_member_whenOnlyTheLeaderAnswers_doesNotGiveUp() {
    let cluster = TestCluster(3, options: strict())
    cluster.run(milliseconds: 2_500)
    let (node, other) = (cluster.followers[0], cluster.followers[1])
    cluster.crash(node)
    cluster.cuts = [.init(from: node, to: other), .init(from: other, to: node)]
    cluster.start(node)

    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(cluster.core(node)?.status.admission, .waiting)
    XCTAssertEqual(cluster.leading.count, 1)
  }

  func test_member_whenTheSilentVoterIsBeingReplaced_waitsLonger() {
    let (cluster, node) = restarted(strict())
    let gone = cluster.followers.first { cluster.core($0) == nil } ?? 0
    cluster.call(cluster.leading[0]) { $0.receive(.replaceMe(term: Term(0)), from: .node(gone)) }

    cluster.run(milliseconds: 5_000)

    XCTAssertEqual(cluster.core(node)?.status.admission, .waiting)
  }

  /// Else it could be let in after a crash, and a leader would have replaced it all the same.
  func test_member_beforeItsRefusalIsDurable_doesNotAskToBeReplaced() {
    var node = RaftCore.recovered(
      2,
      RaftCore.initialRecords(for: .fixture(of: 3)),
      options: RaftOptions()
    )
    node.sync()
    let start = node.admission.start
    node.receive(.remembered(term: Term(0), start: start, isMore: true), from: .node(1))
    node.pass(milliseconds: 400)

    let before = node.takeEffects().messages
    node.sync()
    node.pass(milliseconds: 400)
    let after = node.takeEffects().messages

    XCTAssertFalse(before.contains { $0.message.isPlea })
    XCTAssertTrue(after.contains { $0.message.isPlea })
  }

  /// One of five, started again, to whom all others but one have spoken.
  private func heardByAMajority() -> RaftCore {
    let admission = AdmissionRecord(progress: .admitted, directory: 7, start: 1, memory: [])
    var node = RaftCore.recovered(
      1,
      RaftCore.initialRecords(for: .fixture(of: 5)) + [.admission(admission)],
      options: strict()
    )
    node.sync()
    node.hear(from: [2, 3, 4])
    return node
  }

  // MARK: Directories made to join

  /// What it hears first of a long log may name few.
  func test_joiner_beforeItKnowsThatItWasTakenIn_isNotAdmitted() {
    var node = RaftCore.recovered(2, RaftCore.joinerRecords, options: RaftOptions())
    node.sync()
    var configuration = ClusterConfiguration.fixture(of: 1)
    node.append(configuration, after: LogMark(0, 0))
    let start = node.admission.start
    node.receive(.remembered(term: Term(1), start: start, isMore: false), from: .node(1))
    node.pass(milliseconds: 400)
    let before = node.status.admission

    configuration.learners = [.fixture(2)]
    node.append(configuration, after: LogMark(1, 1))
    node.pass(milliseconds: 400)

    XCTAssertEqual(before, .waiting)
    XCTAssertEqual(node.status.admission, .admitted)
  }

  /// Nobody can have seen more of a directory that was never started.
  func test_joiner_whenItStartsForTheFirstTime_needsNoSilentVoter() {
    let cluster = joining()

    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(cluster.core(4)?.status.admission, .admitted)
    XCTAssertEqual(cluster.core(cluster.leading[0])?.configuration.seats.count, 4)
    XCTAssertEqual(cluster.violations, [])
  }

  func test_joiner_whenItStartsAgainBeforeItCounts_givesItsDirectoryUp() {
    let cluster = joining()
    cluster.cuts = Set(cluster.links.filter { $0.from == 4 })
    cluster.run(milliseconds: 300)
    cluster.crash(4)
    cluster.cuts = []
    cluster.start(4)

    cluster.run(milliseconds: 3_000)

    XCTAssertEqual(cluster.refusals, [4: .voterSilent])
  }

  /// A leader takes a learner out when its successor comes: it must know by then who it is.
  func test_learner_whenAVoterIsSilent_isSureBeforeItAsks() {
    var configuration = ClusterConfiguration.fixture(of: 3)
    configuration.learners = [.fixture(4)]
    let admission = AdmissionRecord(progress: .admitted, directory: 7, start: 1, memory: [])
    var node = RaftCore.recovered(
      4,
      RaftCore.initialRecords(for: configuration) + [.admission(admission)],
      options: strict()
    )
    node.sync()
    node.hear(from: [1, 2])

    let said = node.follow(for: 1_500)

    XCTAssertEqual(node.status.admission, .voterSilent)
    XCTAssertTrue(said.contains { $0.isPlea })
  }

  /// Two directories of one new member must not both find a majority that knows neither.
  func test_joiner_whenItIsAVoterByItsConfiguration_doesNotCountOnItself() {
    var node = RaftCore.recovered(3, RaftCore.joinerRecords, options: strict())
    node.sync()
    node.append(.fixture(of: 3), after: LogMark(0, 0))
    node.receive(
      .remembered(term: Term(1), start: node.admission.start, isMore: false),
      from: .node(1)
    )

    node.pass(milliseconds: 400)

    XCTAssertEqual(node.status.admission, .waiting)
  }

  /// Three voters of which one is gone, and a learner.
  private func joining() -> TestCluster {
    let cluster = TestCluster(3, joiners: 1, options: strict())
    cluster.run(milliseconds: 2_500)
    let (gone, leader) = (cluster.followers[0], cluster.leading[0])
    cluster.crash(gone)
    cluster.call(leader) { $0.submit(.reconfigure(.add(.fixture(4)))) }
    return cluster
  }
}

extension TestCluster {
  fileprivate var followers: [Int] { (1...count).filter { !leading.contains($0) } }
}

extension RaftMessage {
  fileprivate var isPlea: Bool {
    if case .replaceMe = self { true } else { false }
  }
}

extension RaftMessage.AppendEntries {
  fileprivate static func heartbeat(of term: Term) -> Self {
    Self(term: term, previous: LogMark(0, 0), commitIndex: .zero, entries: [])
  }
}

extension RaftCore {
  /// Others remember no more of this start than it showed.
  fileprivate mutating func hear(from peers: [Int]) {
    for peer in peers {
      let word = RaftMessage.remembered(term: Term(1), start: admission.start, isMore: false)
      receive(word, from: .node(peer))
    }
  }

  /// Time passes in which node 2 leads.
  ///
  /// - Returns: What this node says meanwhile.
  @discardableResult
  fileprivate mutating func follow(for milliseconds: Int) -> [RaftMessage] {
    var said: [RaftMessage] = []
    for _ in 0..<milliseconds / 50 {
      receive(.appendEntries(.heartbeat(of: Term(1))), from: .node(2))
      sync()
      pass(milliseconds: 50)
      said += takeEffects().messages.map(\.message)
    }
    return said
  }

  /// The leader of term 1 sends a configuration, which becomes durable.
  fileprivate mutating func append(_ configuration: ClusterConfiguration, after mark: LogMark) {
    let append = RaftMessage.AppendEntries(
      term: Term(1),
      previous: mark,
      commitIndex: .zero,
      entries: [.configuration(configuration)]
    )
    receive(.appendEntries(append), from: .node(1))
    sync()
  }
}
