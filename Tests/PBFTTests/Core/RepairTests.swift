import Consensus
import XCTest

@testable import PBFT

/// Asking for blocks, and a disk that has no room for them.
final class RepairTests: XCTestCase {
  private let forge = LoneReplica.forge

  func test_blocks_whenTheDiskIsFull_areNeitherAskedForNorKept() {
    var replica = LoneReplica()
    let block = forge.block(0)
    replica.core.journalHasRoom(false, forRemovals: false)
    replica.hear(.committed(forge.committed(block.header)), from: 2)
    replica.hear(.blocks([block]), from: 2)
    replica.pass(microseconds: 60_000)
    let full = replica.core.takeEffects()

    replica.core.journalHasRoom(true, forRemovals: true)
    replica.pass(microseconds: 60_000)
    let asked = replica.core.takeEffects().messagesAfterSync
    replica.hear(.blocks([block]), from: 2)

    XCTAssertEqual(full.records, [])
    XCTAssertFalse(full.messagesAfterSync.contains { $0.message.isFetch })
    XCTAssertTrue(asked.contains { $0.message.isFetch })
    XCTAssertEqual(replica.core.committed, block.header)
  }

  func test_state_whenTheDiskIsFull_isNotWantedBeforeItsBlocksWereAskedForWithRoom() {
    var replica = LoneReplica()
    let last = forge.chain(4)[3].header
    replica.core.journalHasRoom(false, forRemovals: false)
    replica.hear(.stable(forge.stable(last)), from: 2)
    replica.pass(microseconds: 1_000_000)
    let full = replica.core.takeEffects()

    replica.core.journalHasRoom(true, forRemovals: true)
    replica.pass(microseconds: 100_000)
    let early = replica.core.takeEffects()
    replica.pass(microseconds: 60_000)

    XCTAssertNil(full.stateWanted)
    XCTAssertEqual(full.records, [])
    XCTAssertTrue(early.messagesAfterSync.contains { $0.message.isFetch })
    XCTAssertNil(early.stateWanted)
    XCTAssertEqual(replica.core.takeEffects().stateWanted?.index, last.lastIndex)
  }

  /// Else it would wait for blocks for ever, and suspect nobody meanwhile.
  func test_block_whenItComesAsAProposalBeforeItIsSent_isWaitedForNoLonger() {
    var replica = LoneReplica()
    let block = forge.block(0)
    replica.hear(.committed(forge.committed(block.header)), from: 2)
    replica.hear(.prePrepare(forge.proposal(block)), from: 0)
    for voter in [2, 3] {
      replica.hear(.vote(forge.vote(.prepare, block.header, by: voter, counter: 2)), from: voter)
    }
    replica.sync()
    for voter in [0, 2, 3] {
      replica.hear(.vote(forge.vote(.commit, block.header, by: voter, counter: 3)), from: voter)
    }
    replica.sync()

    replica.pass(microseconds: 60_000)

    XCTAssertEqual(replica.core.committed, block.header)
    XCTAssertNil(replica.core.target)
    XCTAssertNil(replica.core.transferWantedAt)
  }

  // MARK: Blocks that nobody asked for

  func test_blocks_whenTheyAreNotThoseAskedFor_causeNoOtherQuestion() {
    var replica = LoneReplica()
    let chain = forge.chain(20)
    replica.hear(.committed(forge.committed(chain[19].header)), from: 2)
    let first = fetches(replica.core.takeEffects())

    for _ in 0..<10 {
      replica.hear(.blocks([]), from: 3)
      replica.hear(.blocks([chain[3]]), from: 3)
    }
    let others = fetches(replica.core.takeEffects())
    replica.hear(.blocks(chain[12...].reversed()), from: 2)

    XCTAssertEqual(first.count, 1)
    XCTAssertEqual(others, [])
    XCTAssertEqual(fetches(replica.core.takeEffects()).count, 1)
  }

  func test_blocks_whenSomeAreHeldAlready_areWrittenOnce() {
    var replica = LoneReplica()
    let chain = forge.chain(20)
    replica.hear(.committed(forge.committed(chain[15].header)), from: 2)
    replica.hear(.blocks(chain[8...15].reversed()), from: 2)
    replica.hear(.committed(forge.committed(chain[19].header)), from: 2)

    replica.hear(.blocks(chain[12...].reversed()), from: 2)
    let asked = fetches(replica.core.takeEffects()).last
    replica.hear(.blocks(chain[..<8].reversed()), from: 2)

    XCTAssertEqual(asked, .fetch(forge.authority.digest(of: chain[7].header), above: .zero))
    XCTAssertEqual(replica.core.committed, chain[19].header)
    XCTAssertEqual(replica.core.lastPosition, 21, "20 blocks, and that they are committed")
  }

  func test_blocks_whenAViewAndACommitLackDifferentOnes_causeOneQuestionEach() {
    var replica = LoneReplica()
    let chain = forge.chain(20)
    let lock = forge.prepared(chain[19].header)
    let changes = [0, 2, 3].map { forge.viewChange(to: 2, by: $0, high: lock) }
    replica.hear(.committed(forge.committed(chain[9].header)), from: 2)
    replica.hear(.newView(forge.newView(2, of: changes)), from: 2)
    _ = replica.core.takeEffects()

    replica.hear(.blocks([chain[19]]), from: 2)
    let asked = fetches(replica.core.takeEffects())
    replica.hear(.blocks(chain[11...18].reversed()), from: 2)
    replica.hear(.blocks(chain[3...10].reversed()), from: 2)
    replica.hear(.blocks(chain[...2].reversed()), from: 2)

    XCTAssertEqual(asked.count, 1)
    XCTAssertEqual(replica.core.committed, chain[9].header)
    XCTAssertEqual(replica.core.log.tip, chain[19].header)
    XCTAssertEqual(replica.core.view, View(2))
  }

  // MARK: Helping whoever is behind

  func test_proposals_whenSomebodyIsFarBehind_areSentForTwoWindows() {
    var replica = leader(of: 100)
    _ = replica.said()

    replica.hear(.status(LoneReplica.idle), from: 3)

    XCTAssertEqual(replica.proposals().map(\.sequenceNumber.rawValue), Array(1...16))
  }

  func test_proposals_whenTheyAreTiny_areChargedAsMessagesAndLeaveTheCommit() throws {
    var replica = leader(of: 100)
    let commit = try XCTUnwrap(replica.core.promises.commit)
    _ = replica.said()
    _ = replica.core.budgets[3].spend((16 << 20) - 1_024, at: replica.core.microseconds)

    replica.hear(.status(LoneReplica.idle), from: 3)
    let said = replica.said()

    XCTAssertEqual(said.count { if case .prePrepare = $0 { true } else { false } }, 2)
    XCTAssertTrue(said.contains(.vote(commit)))
  }

  // MARK: Helpers

  private func fetches(_ effects: Effects<PBFTMessage, PBFTRecord>) -> [PBFTMessage] {
    effects.messagesAfterSync.map(\.message).filter(\.isFetch)
  }

  /// The primary of a chain that is committed, after a start.
  private func leader(of count: UInt64) -> LoneReplica {
    let chain = forge.chain(count)
    let last = chain[chain.count - 1].header
    var records = chain.map { PBFTRecord.accepted(forge.proposal($0), prepare: nil) }
    records.append(
      .prepared(forge.prepared(last), commit: forge.vote(.commit, last, by: 0, counter: 2))
    )
    records.append(.committed(forge.committed(last)))
    let recovered = records.enumerated().map { Recovered(position: UInt64($0) + 1, record: $1) }
    return LoneReplica(0, after: Past(recovered))
  }
}

extension PBFTMessage {
  fileprivate var isFetch: Bool {
    if case .fetch = self { true } else { false }
  }
}
