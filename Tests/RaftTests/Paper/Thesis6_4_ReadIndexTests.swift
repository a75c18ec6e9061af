import Consensus
import XCTest

@testable import Raft

/// Raft thesis §6.4: linearizable reads without the log.
final class Thesis6_4_ReadIndexTests: XCTestCase {
  private let read = ReadID(7)

  func test_6_4_leader_whenAMajorityAnswersTheRound_confirmsTheRead() {
    var leader = RaftCore.leader()
    leader.submit(.read(read))
    XCTAssertTrue(leader.takeEffects().readable.isEmpty)

    leader.answerRound(from: 2)

    XCTAssertEqual(leader.takeEffects().readable, [Readable(id: read, index: LogIndex(2))])
  }

  func test_6_4_leader_whenOnlyAnEarlierRoundIsAnswered_doesNotConfirm() {
    var leader = RaftCore.leader()
    leader.pass(milliseconds: 60)
    _ = leader.takeEffects()
    let earlier = leader.role.leader?.round ?? 0

    leader.submit(.read(read))
    _ = leader.takeEffects()
    leader.answerRound(earlier, from: 2)
    leader.answerRound(earlier, from: 3)

    XCTAssertTrue(leader.takeEffects().readable.isEmpty)
    leader.answerRound(earlier + 1, from: 3)
    XCTAssertEqual(leader.takeEffects().readable.count, 1)
  }

  func test_6_4_leader_whenFiveVote_needsTwoAnswers() {
    var leader = RaftCore.leader(of: 5)
    leader.submit(.read(read))
    _ = leader.takeEffects()

    leader.answerRound(from: 2)
    leader.answerRound(from: 2)
    XCTAssertTrue(leader.takeEffects().readable.isEmpty)
    leader.answerRound(from: 5)

    XCTAssertEqual(leader.takeEffects().readable.count, 1)
  }

  func test_6_4_leader_whenManyReadsComeInATurn_startsOneRound() {
    var leader = RaftCore.leader()
    let round = leader.role.leader?.round ?? 0
    for id in 1...100 { leader.submit(.read(ReadID(UInt64(id)))) }

    let messages = leader.takeEffects().messages(to: 2)

    XCTAssertEqual(messages.count, 1)
    XCTAssertEqual(leader.role.leader?.round, round + 1)
    leader.answerRound(from: 3)
    XCTAssertEqual(leader.takeEffects().readable.count, 100)
  }

  func test_6_4_leader_whenTheReadArrives_notesTheCommitIndexOfThatMoment() {
    var leader = RaftCore.leader()
    leader.submit(.read(read))
    leader.submit(.request(.fixture("x")))
    leader.sync()
    leader.acknowledge(from: 2)
    XCTAssertEqual(leader.commitIndex, LogIndex(3))

    leader.answerRound(from: 2)

    XCTAssertEqual(leader.takeEffects().readable, [Readable(id: read, index: LogIndex(2))])
  }

  func test_6_4_leader_whenNothingOfItsTermIsCommitted_holdsTheRead() {
    var leader = RaftCore.fixture(log: [1])
    leader.campaign()
    leader.receive(.voteAnswer(term: Term(2), isGranted: true), from: .node(2))
    leader.sync()
    leader.submit(.read(read))
    leader.sync()
    leader.answerRound(from: 2)
    leader.answerRound(from: 3)
    XCTAssertTrue(leader.takeEffects().readable.isEmpty)

    leader.acknowledge(from: 2)
    _ = leader.takeEffects()
    XCTAssertTrue(leader.takeEffects().readable.isEmpty)
    leader.answerRound(from: 2)

    XCTAssertEqual(leader.takeEffects().readable, [Readable(id: read, index: LogIndex(3))])
  }

  func test_6_4_leader_whenDeposed_refusesWaitingReads() {
    var leader = RaftCore.leader()
    leader.submit(.read(read))
    _ = leader.takeEffects()

    leader.receive(.heartbeat(term: Term(2), round: 1, commitIndex: .zero), from: .node(3))

    XCTAssertEqual(leader.takeEffects().refused, [.read(read, .noLeader)])
  }

  func test_6_4_leader_whenAnswersOfAnEarlierTermArrive_doesNotCountThem() {
    var leader = RaftCore.leader(term: 4)
    leader.submit(.read(read))
    _ = leader.takeEffects()
    let round = leader.role.leader?.round ?? 0

    for peer in 2...3 {
      leader.receive(
        .heartbeatAnswer(term: Term(4), round: round, verifiedIndex: .zero, hasRoom: true),
        from: .node(peer)
      )
    }

    XCTAssertTrue(leader.takeEffects().readable.isEmpty)
  }

  func test_6_4_leader_whenTooManyReadsWait_refuses() {
    var options = RaftOptions.trusting
    options.readsWaitingMax = 1
    var node = RaftCore.recovered(
      1,
      RaftCore.initialRecords(for: .fixture(of: 1)),
      options: options
    )
    node.tick(node.now)
    node.submit(.read(ReadID(1)))

    node.submit(.read(ReadID(2)))

    XCTAssertEqual(node.takeEffects().refused, [.read(ReadID(2), .overloaded)])
  }

  // MARK: Followers

  func test_6_4_follower_whenReadsComeInATurn_asksOnce() {
    var node = RaftCore.followerOfTwo()
    node.submit(.read(ReadID(1)))
    node.submit(.read(ReadID(2)))

    let messages = node.takeEffects().messages(to: 2)

    let request = RaftMessage.ReadRequest(boot: 1, counter: 1)
    XCTAssertEqual(messages, [.requestReadIndex(term: Term(1), request: request)])
    node.receive(
      .readIndexAnswer(term: Term(1), request: request, index: LogIndex(9)),
      from: .node(2)
    )
    XCTAssertEqual(
      node.takeEffects().readable,
      [Readable(id: ReadID(1), index: LogIndex(9)), Readable(id: ReadID(2), index: LogIndex(9))]
    )
  }

  func test_D7_follower_whenItCanStoreNothingMore_sendsReadsOfWhatItLacksToTheLeader() {
    for (hasRoom, index, isRefused) in [(false, 9, true), (false, 1, false), (true, 9, false)]
      as [(Bool, UInt64, Bool)]
    {
      var node = RaftCore.followerOfTwo()
      node.journalHasRoom(false, forRemovals: hasRoom)
      node.submit(.read(read))
      _ = node.takeEffects()

      let answer = RaftMessage.readIndexAnswer(
        term: Term(1),
        request: .init(boot: 1, counter: 1),
        index: LogIndex(index)
      )
      node.receive(answer, from: .node(2))

      let effects = node.takeEffects()
      XCTAssertEqual(
        effects.refused,
        isRefused ? [.read(read, .notLeader(leader: NodeID(2)))] : []
      )
      XCTAssertEqual(effects.readable.isEmpty, isRefused, "\(hasRoom), \(index)")
    }
  }

  func test_6_4_follower_whenAnAnswerIsNotForItsRequest_dropsIt() {
    let answers: [(name: String, boot: UInt64, counter: UInt64, term: UInt64, sender: Int)] = [
      ("an earlier start", 0, 1, 1, 2),
      ("another request", 1, 2, 1, 2),
      ("an earlier term", 1, 1, 0, 2),
      ("not the leader", 1, 1, 1, 3),
    ]
    for (name, boot, counter, term, sender) in answers {
      var node = RaftCore.followerOfTwo()
      node.submit(.read(read))
      _ = node.takeEffects()

      node.receive(
        .readIndexAnswer(
          term: Term(term),
          request: .init(boot: boot, counter: counter),
          index: LogIndex(2)
        ),
        from: .node(sender)
      )

      XCTAssertTrue(node.takeEffects().readable.isEmpty, name)
    }
  }

  /// Seed 7420: its directory was rolled back, so that the start has the number of the one before.
  func test_6_4_follower_whenAnEarlierStartHadTheSameNumber_takesNoAnswerToThat() throws {
    var requests: [RaftMessage.ReadRequest] = []
    var nodes = [UInt64(0x1111_1111_1111), 0x2222_2222_2222].map { seed in
      RaftCore(
        identity: Identity(cluster: ClusterID(high: 1, low: 2), member: .node(1), boot: 1),
        options: .trusting,
        recovering: Past(RaftCore.numbered(RaftCore.initialRecords(for: .fixture(of: 3)))),
        seed: seed,
        now: .milliseconds(1_000)
      )
    }
    for place in nodes.indices {
      nodes[place].receive(
        .heartbeat(term: Term(1), round: 1, commitIndex: .zero),
        from: .node(2)
      )
      nodes[place].sync()
      nodes[place].submit(.read(read))
      for envelope in nodes[place].takeEffects().messages {
        if case .requestReadIndex(_, let request) = envelope.message { requests.append(request) }
      }
    }

    let first = try XCTUnwrap(requests.first)
    nodes[1].receive(.readIndexAnswer(term: Term(1), request: first, index: .zero), from: .node(2))

    XCTAssertEqual(requests.map(\.boot), [1, 1])
    XCTAssertTrue(nodes[1].takeEffects().readable.isEmpty)
  }

  func test_6_4_follower_whenTheAnswerIsRepeated_answersOnce() {
    var node = RaftCore.followerOfTwo()
    node.submit(.read(read))
    _ = node.takeEffects()
    let answer = RaftMessage.readIndexAnswer(
      term: Term(1),
      request: .init(boot: 1, counter: 1),
      index: LogIndex(2)
    )

    node.receive(answer, from: .node(2))
    node.receive(answer, from: .node(2))

    XCTAssertEqual(node.takeEffects().readable.count, 1)
  }

  func test_6_4_follower_whenUnansweredForATimeout_refuses() {
    var node = RaftCore.followerOfTwo()
    node.submit(.read(read))
    _ = node.takeEffects()

    for round in 2...8 {
      node.pass(milliseconds: 50)
      node.receive(
        .heartbeat(term: Term(1), round: UInt64(round), commitIndex: .zero),
        from: .node(2)
      )
    }

    XCTAssertEqual(node.takeEffects().refused, [.read(read, .noLeader)])
  }

  func test_6_4_follower_whenTheLeaderChanges_refuses() {
    var node = RaftCore.followerOfTwo()
    node.submit(.read(read))
    _ = node.takeEffects()

    node.receive(.heartbeat(term: Term(2), round: 1, commitIndex: .zero), from: .node(3))

    XCTAssertEqual(node.takeEffects().refused, [.read(read, .noLeader)])
  }

  func test_6_4_follower_whenThereIsNoLeader_refusesAtOnce() {
    var node = RaftCore.fixture()

    node.submit(.read(read))

    XCTAssertEqual(node.takeEffects().refused, [.read(read, .noLeader)])
  }

  func test_6_4_leader_whenAFollowerAsks_answersAfterTheRound() {
    var leader = RaftCore.leader()
    let request = RaftMessage.ReadRequest(boot: 4, counter: 9)
    leader.receive(.requestReadIndex(term: Term(1), request: request), from: .node(3))
    _ = leader.takeEffects()

    leader.answerRound(from: 2)

    XCTAssertEqual(
      leader.takeEffects().messages(to: 3),
      [.readIndexAnswer(term: Term(1), request: request, index: LogIndex(2))]
    )
  }
}

extension RaftCore {
  /// A follower of node 2 in term 1, whose term is durable.
  static func followerOfTwo() -> RaftCore {
    var node = fixture()
    node.receive(.heartbeat(term: Term(1), round: 1, commitIndex: .zero), from: .node(2))
    node.sync()
    node.tick(node.now)
    return node
  }

  mutating func answerRound(_ round: UInt64? = nil, from peer: Int) {
    let newest = role.leader?.round ?? 0
    receive(
      .heartbeatAnswer(
        term: currentTerm,
        round: round ?? newest,
        verifiedIndex: lastIndex,
        hasRoom: true
      ),
      from: .node(peer)
    )
  }
}
