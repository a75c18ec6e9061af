import Consensus
import XCTest

@testable import PBFT

/// A primary that lies, or whose key is used elsewhere, has had another chain of its view
/// committed: the replica's chain is replaced, what it has voted for is not forgotten.
final class RivalChainTests: XCTestCase {
  private let forge = LoneReplica.forge

  func test_backup_whenItsChainIsReplaced_votesAtNoPlaceTwice() {
    var replica = LoneReplica(1)
    for (place, block) in forge.chain(2).enumerated() {
      replica.hear(.prePrepare(forge.proposal(block, counter: UInt64(place) + 1)), from: 0)
    }
    let rival = replace(in: &replica)
    let first = replica.votes().filter { $0.kind == .prepare }.map(\.place.sequenceNumber)
    let second = forge.block(0, after: rival.header, body: [forge.envelope(client: 2)])
    let third = forge.block(0, after: second.header, body: [forge.envelope(client: 2, first: 2)])

    replica.hear(.prePrepare(forge.proposal(second, counter: 12)), from: 0)
    replica.hear(.prePrepare(forge.proposal(third, counter: 13)), from: 0)

    XCTAssertEqual(first, [SequenceNumber(1), SequenceNumber(2)])
    XCTAssertEqual(replica.core.log.tip, rival.header)
    XCTAssertEqual(replica.votes(), [])
  }

  func test_primary_whenItsChainIsReplaced_keepsSilent() {
    var replica = LoneReplica(0)
    for number in 1...2 as ClosedRange<UInt64> {
      replica.core.submit(forge.envelope(first: number))
      XCTAssertEqual(replica.proposals().map(\.sequenceNumber), [SequenceNumber(number)])
    }
    let rival = replace(in: &replica)

    replica.core.submit(forge.envelope(first: 3))

    XCTAssertEqual(replica.core.log.tip, rival.header)
    XCTAssertEqual(replica.proposals(), [])
  }

  private func replace(in replica: inout LoneReplica) -> Block {
    let rival = forge.block(0, body: [forge.envelope(client: 1)])
    replica.hear(.committed(forge.committed(rival.header)), from: 2)
    replica.hear(.blocks([rival]), from: 2)
    return rival
  }
}
