import Consensus
import XCTest

@testable import Raft

/// Where the entries before what a damaged member holds behind its hole are in a snapshot only, a
/// leader has to send that; and only somebody who has all can be elected.
final class CandidateInNeedTests: XCTestCase {
  /// Entry 3 of node 1 is lost; it holds 4 to 8 of term 1.
  private static let holed: Past<RaftRecord> = {
    let entries = (2...8).map { index in
      RaftRecord.entry(LogIndex(index), .fixture(term: 1, "e\(index)"))
    }
    let records = RaftCore.numbered(
      RaftCore.initialRecords(for: .fixture(of: 3))
        + [.hardState(term: Term(2), votedFor: nil)] + entries
    )
    return Past(records.filter { $0.position != 4 }, without: [4...4])
  }()

  func test_damagedMember_whenACandidateLacksWhatItHolds_sendsIt() throws {
    var node = try damaged()

    let rest = try XCTUnwrap(Self.rest(for: LogMark(6, 1), from: &node))

    XCTAssertEqual(rest.previous, LogMark(3, 1))
    XCTAssertEqual(rest.mark, LogMark(8, 1))
    XCTAssertEqual(rest.entries, (4...8).map { .fixture(term: 1, "e\($0)") })
    XCTAssertNotNil(Self.rest(for: LogMark(3, 1), from: &node), "right before what it holds")
    XCTAssertNil(Self.rest(for: LogMark(2, 1), from: &node), "what follows is lost here")
    XCTAssertNil(Self.rest(for: LogMark(6, 0), from: &node), "that is another log")
    XCTAssertNil(Self.rest(for: LogMark(8, 1), from: &node))
  }

  /// Seed 3619: where few entries fit, those before its end must not keep out those behind it.
  func test_damagedMember_whenFewEntriesFit_sendsOneThatTheCandidateLacks() throws {
    for countMax in 1...4 {
      var options = RaftOptions.trusting
      options.inFlightEntriesMax = countMax
      var node = try damaged(options: options)

      let rest = try XCTUnwrap(Self.rest(for: LogMark(7, 1), from: &node))

      XCTAssertEqual(rest.mark, LogMark(8, 1), "\(countMax)")
    }
  }

  func test_member_whenNobodyLeads_takesWhatFollowsItsLog() {
    var node = Self.whole()

    node.receive(.entriesEnding(Self.rest(after: LogMark(3, 1))), from: .node(1))

    XCTAssertEqual(node.sync().records.count, 2)
    XCTAssertEqual(node.log.last, LogMark(5, 1))
  }

  /// Else each part would cost an election timeout.
  func test_preCandidate_whenItHasGotAPart_asksForTheNextAtOnce() {
    var node = Self.whole()
    node.fireElectionTimer()
    _ = node.takeEffects()

    node.receive(.entriesEnding(Self.rest(after: LogMark(3, 1))), from: .node(1))
    let first = node.takeEffects()
    node.receive(.entriesEnding(Self.rest(after: LogMark(3, 1))), from: .node(2))

    let request = RaftMessage.requestPreVote(term: Term(3), last: LogMark(5, 1))
    XCTAssertEqual(first.messages(to: 1), [request])
    XCTAssertEqual(first.messages(to: 2), [request])
    XCTAssertEqual(node.takeEffects().messages.count, 0, "it has that part already")
  }

  func test_member_whenEntriesDoNotFollowItsLogOrSomebodyLeads_takesNone() {
    var node = Self.whole()
    node.receive(.entriesEnding(Self.rest(after: LogMark(3, 0))), from: .node(1))
    node.receive(.entriesEnding(Self.rest(after: LogMark(4, 1))), from: .node(1))
    node.receive(.entriesEnding(Self.rest(after: LogMark(3, 1), term: 3)), from: .node(1))
    XCTAssertEqual(node.log.last, LogMark(3, 1))

    node.receive(
      .heartbeat(term: Term(2), round: 1, commitIndex: .zero),
      from: .node(2)
    )
    node.receive(.entriesEnding(Self.rest(after: LogMark(3, 1))), from: .node(1))

    XCTAssertEqual(node.log.last, LogMark(3, 1))
  }

  /// The leader that created what the damaged member holds was elected without the candidate, which
  /// has entries of an earlier term in the same places.
  func test_rest_ofWhatIsGathered_beginsWhereTheTwoLogsMayMeet() throws {
    var gathering = Gathering(LogMark(8, 2))
    let entries = [1, 1, 1, 2, 2].map { LogEntry.fixture(term: $0) }
    _ = gathering.take(entries, endingAt: LogMark(8, 2), after: LogMark(3, 1))

    let next = try XCTUnwrap(gathering.rest(for: LogMark(30, 1), sizeMax: 0, countMax: 9))
    let none = try XCTUnwrap(gathering.rest(for: LogMark(30, 1), sizeMax: 1 << 20, countMax: 0))
    let all = try XCTUnwrap(gathering.rest(for: LogMark(30, 1), sizeMax: 1 << 20, countMax: 9))
    let following = try XCTUnwrap(gathering.rest(for: LogMark(5, 1), sizeMax: 0, countMax: 9))

    XCTAssertEqual(next.before, LogMark(6, 1))
    XCTAssertEqual(next.entries.count, 2)
    XCTAssertEqual(next.leastCount, 1)
    XCTAssertEqual(none.before, next.before)
    XCTAssertEqual(all.before, LogMark(3, 1))
    XCTAssertEqual(all.entries.count, 5)
    XCTAssertEqual(all.leastCount, 4)
    XCTAssertEqual(following.before, LogMark(5, 1))
    for last in [LogMark(8, 2), LogMark(2, 1), LogMark(30, 0), LogMark(1, 3)] {
      XCTAssertNil(gathering.rest(for: last, sizeMax: 1 << 20, countMax: 9), "\(last)")
    }
  }

  /// The leader that created what the damaged member holds was elected without this one, which has
  /// entries of an earlier term in the same places (seed 4937).
  func test_preCandidate_whenItsEndIsOfAnEarlierTerm_replacesIt() {
    var node = Self.whole()
    node.fireElectionTimer()
    _ = node.takeEffects()

    node.receive(.entriesEnding(Self.rest(after: LogMark(2, 1), term: 2)), from: .node(1))
    let effects = node.sync()

    XCTAssertEqual(node.log.last, LogMark(4, 2))
    XCTAssertTrue(effects.records.contains(.truncate(from: LogIndex(3))))
    XCTAssertEqual(node.currentTerm, Term(3), "what it acknowledged in the term before is void")
    XCTAssertEqual(node.votedFor, .node(3))
    let request = RaftMessage.requestPreVote(term: Term(4), last: LogMark(4, 2))
    XCTAssertEqual(effects.messages(to: 1), [request])
  }

  func test_member_whenEntriesMeetItsLogAndEndEarlier_keepsItsOwn() {
    var node = Self.whole()

    node.receive(.entriesEnding(Self.rest(after: LogMark(1, 0))), from: .node(1))

    XCTAssertEqual(node.log.last, LogMark(3, 1))
    XCTAssertEqual(node.currentTerm, Term(2))
  }

  // MARK: Helpers

  /// Everybody has told how far it reaches, and nobody leads.
  private func damaged(options: RaftOptions = .trusting) throws -> RaftCore {
    var node = RaftCore(
      identity: Identity(cluster: ClusterID(high: 1, low: 2), member: .node(1), boot: 2),
      options: options,
      recovering: Self.holed,
      seed: 1,
      now: .milliseconds(1_000)
    )
    let nonce = try XCTUnwrap(node.repair?.nonce)
    node.tick(.milliseconds(2_000))
    for peer in [2, 3] {
      let ends = RaftMessage.LogEnds(term: Term(2), nonce: nonce, mark: LogMark(2, 1))
      node.receive(.logEnds(ends), from: .node(peer))
    }
    node.tick(.milliseconds(2_100))
    node.sync()
    return node
  }

  private static func rest(
    for last: LogMark,
    from node: inout RaftCore
  ) -> RaftMessage.EntriesEnding? {
    node.receive(.requestPreVote(term: Term(3), last: last), from: .node(2))
    let sent = node.sync().messages.compactMap { envelope in
      if case .entriesEnding(let ending) = envelope.message { ending } else { nil }
    }
    return sent.last
  }

  private static func whole() -> RaftCore {
    RaftCore.restored(
      3,
      RaftCore.initialRecords(for: .fixture(of: 3)) + [
        .hardState(term: Term(2), votedFor: nil),
        .entry(LogIndex(2), .fixture(term: 1)), .entry(LogIndex(3), .fixture(term: 1)),
      ],
      after: nil
    )
  }

  private static func rest(after previous: LogMark, term: UInt64 = 1) -> RaftMessage.EntriesEnding {
    RaftMessage.EntriesEnding(
      term: Term(2),
      nonce: 0,
      mark: LogMark(previous.index.rawValue + 2, term),
      previous: previous,
      entries: [.fixture(term: term), .fixture(term: term)]
    )
  }
}
