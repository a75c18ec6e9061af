import Consensus
import Wire
import XCTest

@testable import PBFT

/// Receipts are given of the newest blocks, and memory for them is bounded.
final class RecentBlocksTests: XCTestCase {
  private let forge = LoneReplica.forge

  func test_recentBlocks_whenMany_holdTheNewest() {
    var recent = RecentBlocks()
    let chain = chain(600)

    for block in chain { recent.add(block) }

    XCTAssertNil(recent.block(with: chain[87].header.lastIndex))
    XCTAssertEqual(
      recent.block(with: chain[88].header.lastIndex)?.sequenceNumber,
      SequenceNumber(89)
    )
    XCTAssertEqual(
      recent.block(with: chain[599].header.lastIndex)?.sequenceNumber,
      SequenceNumber(600)
    )
    XCTAssertNil(recent.block(with: chain[599].header.lastIndex.next))
  }

  func test_recentBlocks_whenAStateWasTakenOver_beginAnew() {
    var recent = RecentBlocks()
    let chain = chain(20)

    for block in chain[..<5] + chain[15...] { recent.add(block) }

    XCTAssertNil(recent.block(with: chain[4].header.lastIndex))
    XCTAssertNil(recent.block(with: chain[10].header.lastIndex))
    XCTAssertNotNil(recent.block(with: chain[15].header.lastIndex))
  }

  private func chain(_ count: UInt64) -> [LoggedBlock] {
    forge.chain(count).map {
      LoggedBlock(block: $0, digest: .zero, position: 0, primary: nil, own: nil)
    }
  }
}
