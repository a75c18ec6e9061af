import Consensus
import PBFT
import Wire
import XCTest

@testable import Replication

final class ByzantineReplicaTests: XCTestCase {
  func test_entry_whenRequestsCanBeSigned_isNoLargerThanBefore() {
    XCTAssertEqual(MemoryLayout<Committed>.stride, 80)
  }

  func test_registration_whenOrdered_isAnsweredByAllNodesWithTheClientsOwnNumber() throws {
    var cluster = try ByzantineCluster()

    let answers = cluster.ask([ClientRequest(.register, session: 5)], of: 1)

    let id = cluster.number(1).owning(2)
    for answer in answers {
      XCTAssertEqual(answer.map(\.reply), [.registered(session: id)])
      XCTAssertEqual(answer.map(\.client), [cluster.number(1)])
      XCTAssertEqual(answer.map(\.key.session), [5])
    }
  }

  func test_registrations_whenTwoClientsChooseOneNonce_openTwoSessions() throws {
    var cluster = try ByzantineCluster()

    let first = try XCTUnwrap(cluster.session(of: 0))
    let second = try XCTUnwrap(cluster.session(of: 1))
    let again = try XCTUnwrap(cluster.session(of: 0))

    XCTAssertNotEqual(first, second)
    XCTAssertEqual(first, again)
  }

  func test_write_whenOrdered_isAppliedOnceByAllAndAnsweredAlike() throws {
    var cluster = try ByzantineCluster()
    let session = try XCTUnwrap(cluster.session())

    let answers = cluster.ask([write(1, in: session), write(2, in: session)], by: 2)

    for (place, answer) in answers.enumerated() {
      XCTAssertEqual(answer, answers[0])
      XCTAssertEqual(answer.map(\.index), [LogIndex(3), LogIndex(4)])
      XCTAssertEqual(cluster.nodes[place].machine.applied, [[1], [2]])
    }
  }

  func test_write_whenAskedForAgain_isAnsweredFromMemoryWithoutBeingOrdered() throws {
    var cluster = try ByzantineCluster()
    let session = try XCTUnwrap(cluster.session())
    _ = cluster.ask([write(1, in: session)])
    let before = cluster.nodes[3].lastApplied

    let again = cluster.ask([write(1, in: session)], by: 3)

    XCTAssertEqual(again[3].map(\.reply), [.applied(index: LogIndex(3), bytes: [1])])
    XCTAssertEqual(again[3].map(\.index), [LogIndex(3)])
    XCTAssertEqual(cluster.nodes[3].lastApplied, before)
  }

  func test_write_whenALiarPassesItOnAgain_isNotOrderedAgain() throws {
    var cluster = try ByzantineCluster()
    let session = try XCTUnwrap(cluster.session())
    _ = cluster.ask([write(1, in: session)])
    let before = cluster.nodes[0].lastApplied
    cluster.pass(milliseconds: 1_000)

    let old = cluster.envelope([write(1, in: session)])
    for place in [0, 1, 2] {
      cluster.nodes[place].receive(.consensus(.envelope(old)), from: cluster.members[3])
    }
    cluster.pass(milliseconds: 700)

    XCTAssertEqual(cluster.nodes[0].lastApplied, before)
    XCTAssertEqual(cluster.nodes[1].core.byzantineStatus.view, 0)
  }

  func test_write_whenOrderedAgainInAnotherEnvelope_isAnsweredAsTheFirstTime() throws {
    var cluster = try ByzantineCluster()
    let session = try XCTUnwrap(cluster.session())
    _ = cluster.ask([write(1, in: session)])

    let again = cluster.ask([write(1, in: session), write(2, in: session)])

    for answer in again {
      XCTAssertEqual(answer.map(\.index), [LogIndex(3), LogIndex(5)])
      XCTAssertEqual(answer.first?.reply, .applied(index: LogIndex(3), bytes: [1]))
    }
    XCTAssertEqual(cluster.nodes[0].machine.applied, [[1], [2]])
  }

  func test_session_whenItIsAnotherClients_isNeitherUsedNorSealedNorClosed() throws {
    var cluster = try ByzantineCluster()
    let session = try XCTUnwrap(cluster.session(of: 0))

    let answers = cluster.ask(
      [
        write(1, in: session), ClientRequest(.seal, session: session, sequence: 1),
        ClientRequest(.close, session: session),
      ],
      of: 1
    )
    let own = cluster.ask([write(1, in: session)], of: 0)

    XCTAssertEqual(
      answers[2].map(\.reply),
      Array(repeating: .refused(.sessionExpired), count: 3)
    )
    XCTAssertEqual(own[2].map(\.reply), [.applied(index: LogIndex(6), bytes: [1])])
  }

  func test_command_whenOfALaterVersion_stopsNobody() throws {
    var cluster = try ByzantineCluster()
    let session = try XCTUnwrap(cluster.session())
    var unknown = write(1, in: session)
    unknown.command = [0xEE]

    let answers = cluster.ask([unknown])

    for answer in answers { XCTAssertEqual(answer.count, 1) }
    XCTAssertEqual(cluster.nodes.compactMap(\.unknownCommand), [])
  }

  func test_read_whenOrdered_isAnsweredFromTheStateAtItsPlace() throws {
    var cluster = try ByzantineCluster()
    let session = try XCTUnwrap(cluster.session())

    let answers = cluster.ask([
      write(1, in: session),
      ClientRequest(.read, session: session, sequence: 1, command: [9]),
      write(2, in: session),
    ])

    for answer in answers {
      XCTAssertEqual(answer[1].reply, .answer(index: LogIndex(4), bytes: [9, 1]))
      XCTAssertEqual(answer[1].key.kind, .read)
    }
  }

  func test_reads_whenTheirAnswersAreLarge_areSpreadOverTurns() throws {
    var cluster = try ByzantineCluster()
    let session = try XCTUnwrap(cluster.session())
    cluster.nodes[1].machine.padding = 1 << 20

    let reads = (1...64).map {
      ClientRequest(.read, session: session, sequence: UInt64($0), command: [9])
    }
    let answers = cluster.ask(reads + [write(1, in: session)])

    XCTAssertEqual(answers[1].map(\.key.sequence), (1...64).map { UInt64($0) } + [1])
    XCTAssertLessThanOrEqual(cluster.answerSizeSeen, 4 << 20)
    for node in cluster.nodes { XCTAssertEqual(node.machine.applied, [[1]]) }
  }

  func test_primary_whenItDropsWhatIsBelowTheClientsWindow_isNotSuspected() throws {
    var cluster = try ByzantineCluster()
    let session = try XCTUnwrap(cluster.session())
    cluster.deafToEnvelopes = 0
    for place in 1...3 {
      XCTAssertNil(cluster.nodes[place].submit(cluster.envelope([write(3, in: session)])))
    }
    cluster.settle()
    var later = write(20, in: session)
    later.answeredThrough = 19
    _ = cluster.ask([later])

    cluster.deafToEnvelopes = nil
    for _ in 0..<70 { cluster.pass(milliseconds: 10) }

    XCTAssertEqual(cluster.nodes.map(\.machine.applied), Array(repeating: [[20]], count: 4))
    XCTAssertEqual(cluster.nodes.map(\.core.byzantineStatus.view), [0, 0, 0, 0])
  }

  func test_fastRead_whenTheStateIncludesWhatTheNodeCommittedTo_isAnsweredAtOnce() throws {
    var cluster = try ByzantineCluster()
    let session = try XCTUnwrap(cluster.session())
    _ = cluster.ask([write(1, in: session)])

    cluster.nodes[1].readFast([9], token: ReplyToken(4))

    XCTAssertEqual(
      cluster.nodes[1].turn().replies,
      [AddressedReply(.answer(index: LogIndex(3), bytes: [9, 1]), to: ReplyToken(4))]
    )
  }

  func test_fastRead_whenTheNodeHasCommittedToMore_waitsForItAndThenIsTooStale() throws {
    var cluster = try ByzantineCluster()
    let session = try XCTUnwrap(cluster.session())
    cluster.deafToCommits = 1
    _ = cluster.ask([write(1, in: session)])

    cluster.nodes[1].readFast([9], token: ReplyToken(4))
    let early = cluster.nodes[1].turn().replies
    cluster.pass(milliseconds: 30)

    XCTAssertEqual(early, [])
    XCTAssertEqual(
      cluster.replies[1],
      [AddressedReply(.refused(.tooStale), to: ReplyToken(4))]
    )
  }

  /// It may have committed to what it does not know any more.
  func test_fastRead_whenTheNodesDiskWasPutBack_isRefused() throws {
    var cluster = try ByzantineCluster()
    let session = try XCTUnwrap(cluster.session())
    _ = cluster.ask([write(1, in: session)])
    try cluster.putBack(1, without: 3)
    for _ in 0..<50 { cluster.pass(milliseconds: 10) }

    cluster.nodes[1].readFast([9], token: ReplyToken(4))

    XCTAssertTrue(cluster.nodes[1].core.byzantineStatus.isFenced)
    XCTAssertEqual(
      cluster.nodes[1].turn().replies,
      [AddressedReply(.refused(.fenced), to: ReplyToken(4))]
    )
  }

  func test_leadership_whenHandedOver_goesToTheNextAndOrderGoesOn() throws {
    var cluster = try ByzantineCluster()
    let session = try XCTUnwrap(cluster.session())
    cluster.pass(milliseconds: 250)

    cluster.nodes[0].transferLeadership(to: nil, token: ReplyToken(8))
    cluster.settle()
    let answers = cluster.ask([write(1, in: session)], by: 1)

    XCTAssertEqual(
      cluster.replies[0],
      [AddressedReply(.transferred(to: NodeID(2)), to: ReplyToken(8))]
    )
    for answer in answers { XCTAssertEqual(answer.map(\.index), [LogIndex(4)]) }
  }

  func test_client_whenUnknown_isRefusedByTheNodeItAsked() throws {
    var cluster = try ByzantineCluster()
    var stranger = cluster.envelope([ClientRequest(.register, session: 1)])
    stranger.client = PublicKey(bits: Bits256(1, 2, 3, 4))

    XCTAssertEqual(cluster.nodes[0].submit(stranger), .memberUnknown)
  }

  func test_root_whenDue_isOfTheStateThatIncludesExactlyThatIndex() throws {
    var cluster = try ByzantineCluster()
    let session = try XCTUnwrap(cluster.session())

    for sequence in 1...3 { _ = cluster.ask([write(UInt64(sequence), in: session)]) }

    for place in cluster.nodes.indices {
      XCTAssertEqual(cluster.roots[place], [LogIndex(5)])
      XCTAssertEqual(cluster.nodes[place].core.byzantineStatus.lowWatermark, 4)
      XCTAssertEqual(cluster.nodes[place].core.agreedIndex, LogIndex(5))
    }
  }

  func test_snapshot_whenItsStateIsStable_isWrittenAndNotBefore() throws {
    var cluster = try ByzantineCluster()
    let session = try XCTUnwrap(cluster.session())
    for sequence in 1...3 { _ = cluster.ask([write(UInt64(sequence), in: session)]) }
    XCTAssertTrue(cluster.orders[0].isEmpty)

    cluster.pass(milliseconds: 60)

    XCTAssertEqual(cluster.orders[0].compactMap(\.writtenIndex), [LogIndex(5)])
  }

  func test_snapshot_whenBlocksHoldLittle_isDueForWhatTheyTakeThemselves() throws {
    var cluster = try ByzantineCluster(snapshotLogSizeMin: 20_000)
    let session = try XCTUnwrap(cluster.session())

    for sequence in 1...10 { _ = cluster.ask([write(UInt64(sequence), in: session)]) }
    cluster.pass(milliseconds: 60)
    let early = cluster.orders.flatMap { $0 }.compactMap(\.writtenIndex)
    for sequence in 11...30 { _ = cluster.ask([write(UInt64(sequence), in: session)]) }
    cluster.pass(milliseconds: 60)

    XCTAssertEqual(early, [])
    XCTAssertTrue(cluster.orders.allSatisfy { !$0.compactMap(\.writtenIndex).isEmpty })
  }

  func test_node_whenRestarted_comesToTheSameStateAndRemembersTheSameAnswers() throws {
    var cluster = try ByzantineCluster()
    let session = try XCTUnwrap(cluster.session())
    _ = cluster.ask([write(1, in: session)])
    let digest = cluster.nodes[1].stateDigest()

    try cluster.restart(1)
    cluster.pass(milliseconds: 250)
    cluster.pass(milliseconds: 250)
    let again = cluster.ask([write(1, in: session)], by: 1)

    XCTAssertEqual(cluster.nodes[1].stateDigest(), digest)
    XCTAssertEqual(again[1].map(\.reply), [.applied(index: LogIndex(3), bytes: [1])])
  }

  func test_sessions_whenReadBackFromTheirBytes_areTheSame() throws {
    var cluster = try ByzantineCluster()
    let session = try XCTUnwrap(cluster.session())
    _ = cluster.ask([write(1, in: session)])
    _ = try XCTUnwrap(cluster.session(of: 1))
    let sessions = cluster.nodes[0].sessions

    let again = try ClientSessions(
      sessions.encoded(),
      configuration: cluster.nodes[0].core.configuration
    )

    XCTAssertEqual(again.encoded(), sessions.encoded())
    XCTAssertEqual(again.ids.first, session)
    XCTAssertThrowsError(
      try ClientSessions(
        sessions.encoded().reversed(),
        configuration: cluster.nodes[0].core.configuration
      )
    )
  }

  private func write(_ sequence: UInt64, in session: UInt64) -> ClientRequest {
    ClientRequest(
      .write,
      session: session,
      sequence: sequence,
      command: Bytes([UInt8(sequence)])
    )
  }
}

extension SnapshotOrder {
  /// What a state that is to be written includes.
  fileprivate var writtenIndex: LogIndex? {
    guard case .write(let state) = self else { return nil }
    return state.mark.index
  }
}
