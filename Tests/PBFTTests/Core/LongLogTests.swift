import Consensus
import XCTest

@testable import PBFT

/// Logs of many blocks: what one step costs does not grow with them.
final class LongLogTests: XCTestCase {
  private let forge = LoneReplica.forge

  func test_orphans_whenTheOwnLockLiesBelowAStableState_areLetGoOf() {
    let chain = forge.chain(20)
    let (records, last) = locked(on: chain)
    var later = forge.block(0).header
    later.place = BlockPlace(.zero, SequenceNumber(200))
    var replica = LoneReplica(1, after: past(records))
    let blocksCount = replica.core.log.blocks.count
    _ = replica.core.takeEffects()

    replica.core.restart(at: forge.stable(later))

    let discarded = replica.core.takeEffects().discarded.first as? [Any]
    XCTAssertEqual(discarded?.count, blocksCount, "they are freed off the loop")
    XCTAssertGreaterThan(blocksCount, 0)
    XCTAssertEqual(replica.core.promises.high?.header, last)
    XCTAssertEqual(replica.core.log.base, later)
    XCTAssertEqual(replica.core.log.orphans.count, 0)
  }

  func test_snapshot_whenItIsTaken_handsOverWhatLiesAnIntervalBelowTheStableState() {
    let chain = forge.chain(12)
    let last = chain[11].header
    let records = chain.map { PBFTRecord.adopted($0) }
    let proofs = [.committed(forge.committed(last)), .stable(forge.stable(last))] as [PBFTRecord]
    var replica = LoneReplica(1, after: past(records + proofs))
    // It is applied up to a checkpoint at a time.
    while replica.core.takeEffects().stateRootDue != nil { replica.pass(microseconds: 1_000) }

    replica.core.snapshotTaken(
      SnapshotMark(
        index: last.lastIndex,
        term: Term(0),
        logTimeMicroseconds: 1,
        configuration: replica.core.options.configuration,
        configurationIndex: LogIndex(1)
      )
    )

    let effects = replica.core.takeEffects()
    let discarded = effects.discarded.first as? [LoggedBlock]
    XCTAssertEqual(discarded?.map(\.block), Array(chain[..<8]), "they are freed off the loop")
    XCTAssertEqual(replica.core.log.base, chain[7].header)
    XCTAssertEqual(replica.core.log.blocks.map(\.block), Array(chain[8...]))
    XCTAssertEqual(effects.forgetRecordsBelow, replica.core.promises.oldestBlockPosition)
  }

  func test_orphans_whenALockAboveTheStableStateStandsOnThem_areKeptDownToThatState() {
    var log = BlockLog(genesis: forge.authority.digest(of: .genesis))
    let chain = forge.chain(6)
    for (place, block) in chain.enumerated() { log.keep(logged(block, at: UInt64(place))) }
    let top = forge.authority.digest(of: chain[4].header)

    log.freeOrphans(through: chain[5].header.place, but: top, above: SequenceNumber(2))

    XCTAssertEqual(log.orphans.map(\.block), Array(chain[2...4]))
  }

  /// What the lock stands on at or below a stable state is let go of, and no promise is broken.
  func test_lock_whenARivalOfItsAncestorsBecomesStable_isKeptWithWhatLiesAbove() {
    let chain = forge.chain(6)
    let (records, last) = locked(on: chain)
    let rival = forge.block(1, after: chain[2].header)
    var replica = LoneReplica(1, after: past(records))
    replica.hear(.stable(forge.stable(rival.header)), from: 2)

    replica.hear(.blocks([rival]), from: 2)
    let known = [.adopted(rival), .stable(forge.stable(rival.header))] as [PBFTRecord]
    let restarted = LoneReplica(1, after: past(records + known))

    for core in [replica.core, restarted.core] {
      XCTAssertEqual(core.committed, rival.header)
      XCTAssertEqual(core.promises.high?.header, last)
      XCTAssertEqual(core.log.orphans.map(\.block), Array(chain[4...]))
    }
  }

  func test_path_whenTheChainMovesOverToIt_isTheChain() {
    var log = BlockLog(genesis: forge.authority.digest(of: .genesis))
    let chain = forge.chain(4)
    let rivals = [forge.block(0, body: [forge.envelope(client: 1)])]
    for block in rivals { log.append(logged(block)) }
    for block in chain.reversed() { log.keep(logged(block)) }
    let top = forge.authority.digest(of: chain[3].header)

    let isMoved = log.moveTip(to: top, at: SequenceNumber(4))
    log.trim(through: SequenceNumber(2))
    log.append(logged(forge.block(0, after: chain[3].header)))

    XCTAssertTrue(isMoved)
    XCTAssertEqual(log.blocks(above: SequenceNumber(2)).prefix(2).map(\.block), Array(chain[2...]))
    XCTAssertEqual(log.orphans.map(\.block), rivals)
    XCTAssertEqual(log.find(top)?.block, chain[3])
    XCTAssertEqual(log.find(log.tipDigest)?.sequenceNumber, SequenceNumber(5))
    XCTAssertNil(log.find(forge.authority.digest(of: chain[0].header)))
    XCTAssertNotNil(log.find(forge.authority.digest(of: rivals[0].header)))
  }

  /// With a search through all blocks for each step, this would take many minutes.
  func test_repair_whenThousandsOfBlocksAreMissing_asksForEachOnceAndEndsWithoutAState() throws {
    let chain = forge.chain(16_000)
    var places: [Digest: Int] = [:]
    for (place, block) in chain.enumerated() {
      places[forge.authority.digest(of: block.header)] = place
    }
    var replica = LoneReplica()
    replica.hear(.committed(forge.committed(chain[chain.count - 1].header)), from: 2)
    var asked = 0
    var effects = replica.core.takeEffects()

    while let fetch = effects.messagesAfterSync.last(where: { $0.message.isFetch }) {
      guard case .fetch(let digest, _) = fetch.message else { break }
      let top = try XCTUnwrap(places[digest])
      asked += 1
      replica.hear(.blocks(chain[max(0, top - 7)...top].reversed()), from: 2)
      effects = replica.core.takeEffects()
      XCTAssertNil(effects.stateWanted)
    }

    XCTAssertEqual(asked, chain.count / 8)
    XCTAssertEqual(replica.core.committed, chain[chain.count - 1].header)
    XCTAssertEqual(replica.core.log.orphans.count, 0)
  }

  // MARK: Asking without end

  func test_fetches_whenTheyComeWithoutEnd_areAnsweredAsOftenAsTheAllowanceSays() {
    var replica = LoneReplica(0)
    let block = forge.block(0)
    replica.hear(.committed(forge.committed(block.header)), from: 2)
    replica.hear(.blocks([block]), from: 2)
    let digest = forge.authority.digest(of: block.header)
    _ = replica.said()

    let answers = (0..<10_000).map { _ in
      replica.hear(.fetch(digest, above: .zero), from: 3)
      return replica.said().count
    }

    XCTAssertGreaterThan(answers.prefix(1_000).reduce(0, +), 999)
    XCTAssertLessThan(answers.reduce(0, +), 5_000)
  }

  func test_fetches_whenNobodyHasTheBlock_areChargedToWhoAsks() {
    var replica = LoneReplica(0)
    let block = forge.block(0)
    replica.hear(.committed(forge.committed(block.header)), from: 2)
    replica.hear(.blocks([block]), from: 2)
    let digest = forge.authority.digest(of: block.header)
    for _ in 0..<10_000 { replica.hear(.fetch(.zero, above: .zero), from: 3) }
    _ = replica.said()

    replica.hear(.fetch(digest, above: .zero), from: 3)
    let refused = replica.said()
    replica.hear(.fetch(digest, above: .zero), from: 1)
    let other = replica.said(to: 1)
    replica.pass(microseconds: 1_000_000, ticking: false)
    replica.hear(.fetch(digest, above: .zero), from: 3)

    XCTAssertEqual(refused, [])
    XCTAssertEqual(other, [.blocks([block])])
    XCTAssertEqual(replica.said(), [.blocks([block])])
  }

  // MARK: Helpers

  /// What replica 1 has written that took part in all of these and has locked the last.
  private func locked(on chain: [Block]) -> (records: [PBFTRecord], last: BlockHeader) {
    let last = chain[chain.count - 1].header
    let accepted = chain.map { block in
      PBFTRecord.accepted(
        forge.proposal(block),
        prepare: forge.vote(.prepare, block.header, by: 1)
      )
    }
    let commit = forge.vote(.commit, last, by: 1, counter: 2)
    return (accepted + [.prepared(forge.prepared(last), commit: commit)], last)
  }

  private func logged(_ block: Block, at position: UInt64 = 1) -> LoggedBlock {
    LoggedBlock(
      block: block,
      digest: forge.authority.digest(of: block.header),
      position: position,
      primary: nil,
      own: nil
    )
  }

  private func past(_ records: [PBFTRecord]) -> Past<PBFTRecord> {
    Past(records.enumerated().map { Recovered(position: UInt64($0) + 1, record: $1) })
  }
}

extension PBFTMessage {
  fileprivate var isFetch: Bool {
    if case .fetch = self { true } else { false }
  }
}
