import Consensus
import XCTest

@testable import PBFT

/// Words for states, and starts over snapshots.
final class CheckpointTests: XCTestCase {
  private let forge = LoneReplica.forge

  func test_state_whenTwoOfFourVouchForIt_isNotStableAndWhenThreeDo_isStable() {
    var replica = LoneReplica(1)
    let chain = commitInterval(at: &replica)
    let last = chain[chain.count - 1].header
    for other in [0, 2] {
      replica.hear(.checkpoint(forge.checkpoint(last, root: 9, by: other)), from: other)
    }
    let early = replica.core.stableSequence
    replica.hear(.checkpoint(forge.checkpoint(last, root: 9, by: 3)), from: 3)

    XCTAssertEqual(early, .zero)
    XCTAssertEqual(replica.core.stableSequence, last.sequenceNumber)
  }

  func test_state_whenTheOthersVouchForAnother_stopsTheReplica() {
    for isOwnFirst in [true, false] {
      var replica = LoneReplica(1)
      let chain = commitInterval(at: &replica)
      let last = chain[chain.count - 1].header
      let own = Digest(bits: Bits256(5, 0, 0, 0))
      if isOwnFirst { replica.core.stateRootIsKnown(own, at: last.lastIndex) }
      replica.sync()
      for other in [0, 2, 3] {
        replica.hear(.checkpoint(forge.checkpoint(last, root: 9, by: other)), from: other)
      }
      replica.sync()
      if !isOwnFirst { replica.core.stateRootIsKnown(own, at: last.lastIndex) }

      XCTAssertEqual(replica.core.halt, .stateDiffers(last.sequenceNumber), "\(isOwnFirst)")
    }
  }

  func test_statements_whenTheyFollowEachOther_countUp() {
    var replica = LoneReplica(1)
    let chain = forge.chain(2)
    for (place, block) in chain.enumerated() {
      replica.hear(.prePrepare(forge.proposal(block, counter: UInt64(place) + 1)), from: 0)
    }

    XCTAssertEqual(replica.votes().map(\.counter), [1, 2])
  }

  func test_root_whenPowerFailsBehindTheSnapshot_isAskedForAgain() {
    var replica = LoneReplica(1)
    let chain = commitInterval(at: &replica)
    let effects = replica.core.takeEffects()
    let last = chain[chain.count - 1].header
    let past = Past(recovered(effects.records), after: snapshot(at: last.lastIndex))

    var again = LoneReplica(1, after: past)

    XCTAssertEqual(effects.stateRootDue, last.lastIndex)
    XCTAssertEqual(again.core.takeEffects().stateRootDue, last.lastIndex)
  }

  func test_blocks_whenTheyAreHandedOut_countBesidesTheirRequestsUnlessASnapshotHasThem() {
    var replica = LoneReplica(1)
    let chain = commitInterval(at: &replica)
    let effects = replica.core.takeEffects()
    let mark = snapshot(at: chain[2].header.lastIndex)

    var again = LoneReplica(1, after: Past(recovered(effects.records), after: mark))

    XCTAssertEqual(effects.committedOverhead, 4 * 1_500)
    XCTAssertEqual(again.core.takeEffects().committedOverhead, 1_500)
  }

  func test_snapshot_whenItIsAheadOfTheJournal_provesNoBlock() {
    var before = LoneReplica(1)
    let held = forge.block(0)
    let rival = forge.block(0, body: [forge.envelope(client: 1)])
    before.hear(.prePrepare(forge.proposal(held)), from: 0)
    let records = recovered(before.core.takeEffects().records)

    var replica = LoneReplica(
      1,
      after: Past(records, after: snapshot(at: held.header.lastIndex))
    )
    let believed = replica.core.committed
    replica.hear(.committed(forge.committed(rival.header)), from: 2)
    replica.hear(.blocks([rival]), from: 2)

    XCTAssertEqual(believed, .genesis)
    XCTAssertNil(replica.core.halt)
    XCTAssertEqual(replica.core.committed, rival.header)
  }

  func test_state_whenANewerOneIsStableMeanwhile_isGoneOnFromAllTheSame() {
    let chain = forge.chain(8)
    var records: [PBFTRecord] = [.restart(forge.stable(chain[3].header))]
    records += chain[4...].map { .adopted($0) }
    records.append(.committed(forge.committed(chain[7].header)))
    var replica = LoneReplica(1, after: Past(recovered(records)))
    let first = replica.core.takeEffects().stateWanted?.index
    replica.hear(.stable(forge.stable(chain[7].header)), from: 0)
    let second = replica.core.takeEffects().stateWanted?.index

    replica.core.snapshotInstalled(snapshot(at: chain[3].header.lastIndex))
    let effects = replica.core.takeEffects()

    XCTAssertEqual(first, chain[3].header.lastIndex)
    XCTAssertEqual(second, chain[7].header.lastIndex)
    XCTAssertNil(replica.core.transfer)
    XCTAssertEqual(effects.committed.map(\.index), chain[4...].map(\.header.lastIndex))
    XCTAssertEqual(effects.stateRootDue, chain[7].header.lastIndex)
  }

  /// A snapshot can be durable before the journal that proves its block.
  func test_state_whenTheSnapshotOfTheStartIncludesIt_isNotWanted() {
    let chain = forge.chain(8)
    let mark = snapshot(at: chain[3].header.lastIndex)
    var replica = LoneReplica(1, after: Past([], after: mark))

    replica.hear(.stable(forge.stable(chain[3].header)), from: 0)
    for _ in 0..<20 { replica.pass(microseconds: 100_000) }

    XCTAssertEqual(replica.core.committed, chain[3].header)
    XCTAssertEqual(replica.core.executed, SequenceNumber(4))
    XCTAssertNil(replica.core.transfer)
    XCTAssertNil(replica.core.takeEffects().stateWanted)
  }

  func test_state_whenItsBlockIsNotInTheLog_isNotGoneOnFrom() {
    let chain = forge.chain(8)
    let records: [PBFTRecord] = [.restart(forge.stable(chain[7].header))]
    var replica = LoneReplica(1, after: Past(recovered(records)))

    replica.core.snapshotInstalled(snapshot(at: chain[3].header.lastIndex))
    let isAwaited = replica.core.transfer != nil
    replica.core.snapshotInstalled(snapshot(at: chain[7].header.lastIndex))

    XCTAssertTrue(isAwaited)
    XCTAssertNil(replica.core.transfer)
    XCTAssertEqual(replica.core.appliedIndex, chain[7].header.lastIndex)
  }

  // MARK: Helpers

  /// Commits blocks up to the first checkpoint.
  private func commitInterval(at replica: inout LoneReplica) -> [Block] {
    let chain = forge.chain(replica.core.options.checkpointInterval)
    for (place, block) in chain.enumerated() {
      replica.hear(.prePrepare(forge.proposal(block, counter: UInt64(place) + 1)), from: 0)
    }
    replica.hear(.committed(forge.committed(chain[chain.count - 1].header)), from: 0)
    return chain
  }

  private func recovered(_ records: [PBFTRecord]) -> [Recovered<PBFTRecord>] {
    records.enumerated().map { Recovered(position: UInt64($0.offset) + 1, record: $0.element) }
  }

  private func snapshot(at index: LogIndex) -> SnapshotMark {
    SnapshotMark(
      index: index,
      term: Term(0),
      logTimeMicroseconds: 1,
      configuration: forge.options(of: 1).configuration,
      configurationIndex: LogIndex(1)
    )
  }
}
