import Consensus
import XCTest

@testable import PBFT

/// Asking for blocks, and a disk that has no room for them.
final class RepairTests: XCTestCase {
  private let forge = LoneReplica.forge

  func test_blocks_whenTheDiskIsFull_areNeitherAskedForNorKept() {
    var replica = LoneReplica()
    let block = forge.block(0)
    replica.core.journalHasRoom(false)
    replica.hear(.committed(forge.committed(block.header)), from: 2)
    replica.hear(.blocks([block]), from: 2)
    replica.pass(microseconds: 60_000)
    let full = replica.core.takeEffects()

    replica.core.journalHasRoom(true)
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
    replica.core.journalHasRoom(false)
    replica.hear(.stable(forge.stable(last)), from: 2)
    replica.pass(microseconds: 1_000_000)
    let full = replica.core.takeEffects()

    replica.core.journalHasRoom(true)
    replica.pass(microseconds: 100_000)
    let early = replica.core.takeEffects()
    replica.pass(microseconds: 60_000)

    XCTAssertNil(full.stateWanted)
    XCTAssertEqual(full.records, [])
    XCTAssertTrue(early.messagesAfterSync.contains { $0.message.isFetch })
    XCTAssertNil(early.stateWanted)
    XCTAssertEqual(replica.core.takeEffects().stateWanted?.index, last.lastIndex)
  }
}

extension PBFTMessage {
  fileprivate var isFetch: Bool {
    if case .fetch = self { true } else { false }
  }
}
