import Wire
import Consensus
import XCTest

@testable import Raft

/// Raft §5.3: log replication.
final class Section5_3_ReplicationTests: XCTestCase {
  // MARK: The leader

  func test_5_3_leader_whenARequestComes_appendsAndSendsItOncePerTurn() {
    var leader = RaftCore.leader()
    leader.submit(.request(.fixture("a", sequence: 1)))
    leader.submit(.request(.fixture("b", sequence: 2)))

    let effects = leader.takeEffects()

    guard case .appendEntries(let append) = effects.messages(to: 2).last else {
      return XCTFail("no appendEntries")
    }
    XCTAssertEqual(append.entries.map(\.text), ["a", "b"])
    XCTAssertEqual(append.previous, LogMark(2, 1))
    XCTAssertEqual(effects.records.count, 2)
  }

  func test_5_3_leader_whenSending_doesNotWaitForItsOwnDisk() {
    var leader = RaftCore.leader()

    leader.submit(.request(.fixture("a")))

    XCTAssertTrue(leader.takeEffects().messagesAfterSync.isEmpty)
  }

  func test_5_3_leader_whenStreaming_sendsOnlyWhatIsNew() {
    var leader = RaftCore.leader()
    leader.submit(.request(.fixture("a")))
    _ = leader.takeEffects()

    leader.submit(.request(.fixture("b", sequence: 2)))

    guard case .appendEntries(let append) = leader.takeEffects().messages(to: 2).last else {
      return XCTFail("no appendEntries")
    }
    XCTAssertEqual(append.entries.map(\.text), ["b"])
    XCTAssertEqual(append.previous, LogMark(3, 1))
  }

  func test_5_3_leader_whenABatchIsLarge_splitsItAndBoundsWhatIsInFlight() {
    var leader = RaftCore.leader()
    let command = [UInt8](repeating: 7, count: 100_000)
    for sequence in 1...60 {
      leader.submit(
        .request(
          ClientRequest(.write, session: 1, sequence: UInt64(sequence), command: Bytes(command))
        )
      )
    }

    let sizes = leader.takeEffects().messages(to: 2).compactMap { message in
      if case .appendEntries(let append) = message {
        append.entries.reduce(0) { $0 + $1.bytes.count }
      } else {
        nil
      }
    }

    XCTAssertTrue(sizes.allSatisfy { $0 <= 256 << 10 }, "\(sizes)")
    XCTAssertLessThanOrEqual(sizes.reduce(0, +), (4 << 20) + (256 << 10))
    XCTAssertGreaterThan(sizes.reduce(0, +), 3 << 20)
  }

  func test_5_3_leader_whenOneEntryIsOverTheSplit_sendsItAlone() {
    var leader = RaftCore.leader()
    let command = [UInt8](repeating: 7, count: 1 << 20)

    leader.submit(.request(ClientRequest(.write, session: 1, sequence: 1, command: Bytes(command))))

    guard case .appendEntries(let append) = leader.takeEffects().messages(to: 2).last else {
      return XCTFail("no appendEntries")
    }
    XCTAssertEqual(append.entries.count, 1)
  }

  func test_5_3_leader_whenAnAnswerIsMissing_sendsAgainFromWhatMatches() {
    var leader = RaftCore.leader()
    leader.submit(.request(.fixture("a")))
    leader.sync()

    leader.pass(milliseconds: 160)

    let again = leader.takeEffects().messages(to: 2).compactMap { message in
      if case .appendEntries(let append) = message { append } else { nil }
    }
    XCTAssertEqual(again.map(\.previous), [LogMark(2, 1)])
  }

  func test_5_3_leader_whenALateRejectionArrives_doesNotGoBelowWhatMatches() {
    var leader = RaftCore.leader()

    leader.receive(
      .appendRejected(term: Term(1), previousIndex: LogIndex(1), hint: .init(0, 0)),
      from: .node(2)
    )

    let follower = leader.role.leader?.follower(.node(2))
    XCTAssertEqual(follower?.matchIndex, LogIndex(2))
    XCTAssertEqual(follower?.nextIndex, LogIndex(3))
    XCTAssertEqual(follower?.state.isStream, true)
  }

  func test_5_3_leader_whenAnswersComeOutOfOrder_keepsTheNewest() {
    var leader = RaftCore.leader()
    for sequence in 1...3 {
      leader.submit(.request(.fixture("x", sequence: UInt64(sequence))))
      leader.sync()
    }

    for index: UInt64 in [5, 3, 4, 3] {
      leader.receive(
        .appendAccepted(term: Term(1), matchIndex: LogIndex(index), hasRoom: true),
        from: .node(2)
      )
    }

    XCTAssertEqual(leader.role.leader?.follower(.node(2))?.matchIndex, LogIndex(5))
    XCTAssertEqual(leader.commitIndex, LogIndex(5))
  }

  func test_5_3_leader_whenAnAnswerClaimsMoreThanItsLog_ignoresIt() {
    var leader = RaftCore.leader()

    leader.receive(
      .appendAccepted(term: Term(1), matchIndex: LogIndex(99), hasRoom: true),
      from: .node(2)
    )

    XCTAssertEqual(leader.role.leader?.follower(.node(2))?.matchIndex, LogIndex(2))
  }

  func test_5_3_leader_whenTooMuchIsUncommitted_refusesWithOverloaded() {
    var options = RaftOptions.trusting
    options.uncommittedSizeMax = 100
    var leader = RaftCore.recovered(
      1,
      RaftCore.initialRecords(for: .fixture(of: 1)),
      options: options
    )
    leader.tick(leader.now)

    leader.submit(.request(.fixture("0123456789012345678901234567890123456789012345678")))
    leader.submit(.request(.fixture("y", sequence: 2)))

    let refused = leader.takeEffects().refused
    let key = ClientRequest.fixture("y", sequence: 2).key
    XCTAssertEqual(refused, [.request(key, .overloaded)])
  }

  func test_5_3_follower_whenAskedToPropose_namesTheLeader() {
    var node = RaftCore.fixture()
    node.receive(.heartbeat(term: Term(1), round: 1, commitIndex: .zero), from: .node(3))

    node.submit(.request(.fixture("x")))

    let refusal = Refusal.notLeader(leader: NodeID(3))
    XCTAssertEqual(
      node.takeEffects().refused,
      [.request(ClientRequest.fixture("x").key, refusal)]
    )
  }

  // MARK: The follower

  func test_5_3_follower_whenLogsAgree_acknowledgesAfterItsSync() {
    var node = RaftCore.fixture()

    node.receive(.append(term: 1, after: LogMark(1, 0), [1, 1]), from: .node(2))

    let effects = node.takeEffects()
    XCTAssertTrue(effects.messages.isEmpty)
    XCTAssertEqual(
      effects.promises(to: 2),
      [.appendAccepted(term: Term(1), matchIndex: LogIndex(3), hasRoom: true)]
    )
    XCTAssertEqual(effects.records.count, 3)
  }

  func test_5_3_follower_whenThePreviousEntryIsMissing_rejects() {
    var node = RaftCore.fixture()

    node.receive(.append(term: 1, after: LogMark(5, 1), [1]), from: .node(2))

    XCTAssertEqual(node.lastIndex, LogIndex(1))
    XCTAssertEqual(
      node.takeEffects().promises(to: 2),
      [.appendRejected(term: Term(1), previousIndex: LogIndex(5), hint: LogMark(1, 0))]
    )
  }

  func test_5_3_follower_whenThePreviousTermDiffers_rejectsAndKeepsItsLog() {
    var node = RaftCore.fixture(log: [1, 2, 2])

    node.receive(.append(term: 3, after: LogMark(4, 3), [3]), from: .node(2))

    XCTAssertEqual(node.terms, [0, 1, 2, 2])
  }

  func test_5_3_follower_whenAnEntryConflicts_truncatesThereAndTakesTheLeaders() {
    var node = RaftCore.fixture(log: [1, 1, 2, 2])

    node.receive(.append(term: 3, after: LogMark(2, 1), [1, 3]), from: .node(2))

    XCTAssertEqual(node.terms, [0, 1, 1, 3])
    XCTAssertTrue(node.takeEffects().records.contains(.truncate(from: LogIndex(4))))
  }

  func test_5_3_follower_whenAnOldMessageKnowsLess_keepsItsLongerLog() {
    var node = RaftCore.fixture()
    node.receive(.append(term: 1, after: LogMark(1, 0), [1, 1, 1]), from: .node(2))
    node.sync()

    node.receive(.append(term: 1, after: LogMark(1, 0), [1]), from: .node(2))

    XCTAssertEqual(node.terms, [0, 1, 1, 1])
    XCTAssertEqual(
      node.takeEffects().promises(to: 2),
      [.appendAccepted(term: Term(1), matchIndex: LogIndex(2), hasRoom: true)]
    )
  }

  func test_5_3_follower_whenItsLogIsLonger_acknowledgesOnlyWhatTheMessageVerified() {
    var node = RaftCore.fixture(log: [1, 1, 1, 1])

    node.receive(.append(term: 2, after: LogMark(2, 1), [1]), from: .node(2))

    XCTAssertEqual(
      node.takeEffects().promises(to: 2),
      [.appendAccepted(term: Term(2), matchIndex: LogIndex(3), hasRoom: true)]
    )
  }

  func test_5_3_follower_whenToldOfCommits_believesOnlyWhatItCompared() {
    var node = RaftCore.fixture(log: [1, 1, 1, 1])

    node.receive(.append(term: 2, after: LogMark(2, 1), [1], commit: 5), from: .node(2))
    node.receive(.heartbeat(term: Term(2), round: 1, commitIndex: LogIndex(5)), from: .node(2))
    node.receive(.commitAdvanced(term: Term(2), commitIndex: LogIndex(5)), from: .node(2))

    XCTAssertEqual(node.commitIndex, LogIndex(3))
  }

  func test_5_3_follower_whenANewLeaderSpeaks_comparesAnew() {
    var node = RaftCore.fixture()
    node.receive(.append(term: 1, after: LogMark(1, 0), [1, 1]), from: .node(2))

    node.receive(.heartbeat(term: Term(2), round: 1, commitIndex: LogIndex(3)), from: .node(3))

    XCTAssertEqual(node.commitIndex, .zero)
  }

  func test_5_3_follower_whenEntriesAreDurable_countsOnlyItsOwnRecords() {
    var node = RaftCore.fixture()
    node.receive(.append(term: 1, after: LogMark(1, 0), [1]), from: .node(2))
    let first = node.lastPosition
    node.receive(.append(term: 2, after: LogMark(1, 0), [2]), from: .node(3))

    node.recordsAreDurable(through: first)
    XCTAssertEqual(node.durableIndex, LogIndex(1))
    node.recordsAreDurable(through: node.lastPosition)

    XCTAssertEqual(node.durableIndex, LogIndex(2))
  }
}

extension RaftMessage {
  static func append(
    term: UInt64,
    after previous: LogMark,
    _ terms: [UInt64],
    commit: UInt64 = 0
  ) -> RaftMessage {
    .appendEntries(
      AppendEntries(
        term: Term(term),
        previous: previous,
        commitIndex: LogIndex(commit),
        entries: terms.map { .fixture(term: $0) }
      )
    )
  }
}
