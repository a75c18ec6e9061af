import Consensus
import XCTest

@testable import PBFT

/// Leaving views, beginning them, and helping others with both.
final class ViewChangeTests: XCTestCase {
  private let forge = LoneReplica.forge

  func test_prepare_whenItIsDurableAfterItsViewWasLeft_locksNothing() {
    var replica = LoneReplica()
    let block = forge.block(0)
    replica.hear(.prePrepare(forge.proposal(block)), from: 0)
    replica.hear(.vote(forge.vote(.prepare, block.header, by: 3, counter: 2)), from: 3)
    replica.core.suspect()

    replica.sync()

    XCTAssertEqual(replica.votes().map(\.kind), [.prepare])
    XCTAssertNil(replica.core.promises.high)
  }

  func test_votes_whenTheirViewIsLeft_areForgotten() {
    var replica = LoneReplica()
    replica.core.suspect()

    XCTAssertEqual(replica.core.votes.view, View(1))
  }

  func test_viewChange_whenBlocksAreLocked_showsTheNewestLock() {
    var replica = LoneReplica()
    for (place, block) in forge.chain(2).enumerated() {
      let counter = 2 * UInt64(place) + 1
      replica.hear(.prePrepare(forge.proposal(block, counter: counter)), from: 0)
      replica.sync()
      let vote = forge.vote(.prepare, block.header, by: 3, counter: counter + 1)
      replica.hear(.vote(vote), from: 3)
    }
    replica.core.suspect()

    let shown = replica.viewChanges().map { $0.high?.header.sequenceNumber }

    XCTAssertEqual(shown, [SequenceNumber(2)])
  }

  func test_readBarrier_whenABlockIsLockedAndItsViewLeft_includesIt() {
    var replica = LoneReplica()
    let block = forge.block(0)
    replica.hear(.prePrepare(forge.proposal(block)), from: 0)
    replica.sync()
    replica.hear(.vote(forge.vote(.prepare, block.header, by: 3, counter: 2)), from: 3)
    let locked = replica.core.readBarrier
    replica.core.suspect()

    XCTAssertEqual(replica.core.committed, .genesis)
    XCTAssertGreaterThan(block.header.lastIndex, .zero)
    XCTAssertEqual(locked, block.header.lastIndex)
    XCTAssertEqual(replica.core.readBarrier, block.header.lastIndex)
  }

  func test_replica_whenItIsInAView_doesNotEnterItAgain() {
    var replica = LoneReplica(2)
    replica.core.leave(for: View(1))
    replica.core.leave(for: View(1))

    let changes = replica.viewChanges()

    XCTAssertEqual(changes.map(\.newView), [View(1)])
    XCTAssertEqual(replica.core.promises.counter, changes.first?.counter)
  }

  func test_replica_whenOneHasLeft_staysAndWhenTwoHave_joinsTheSmallerView() {
    var replica = LoneReplica()
    replica.hear(.viewChange(forge.viewChange(to: 3, by: 3)), from: 3)
    let alone = replica.viewChanges()
    replica.hear(.viewChange(forge.viewChange(to: 2, by: 2)), from: 2)

    XCTAssertEqual(alone, [])
    XCTAssertEqual(replica.viewChanges().map(\.newView), [View(2)])
  }

  func test_newViewTimer_whenAThirdHasGoneFurther_runsAllTheSame() {
    var replica = LoneReplica(2)
    replica.core.suspect()
    replica.hear(.viewChange(forge.viewChange(to: 1, by: 3)), from: 3)
    replica.hear(.viewChange(forge.viewChange(to: 2, by: 0)), from: 0)
    let before = replica.core.promises.view

    replica.pass(microseconds: 500_000)

    XCTAssertEqual(before, View(1))
    XCTAssertEqual(replica.core.promises.view, View(2))
  }

  func test_newView_whenItsBaseIsNotHeld_waitsForTheBlock() {
    var replica = LoneReplica(2)
    let base = forge.block(0)
    let high = forge.prepared(base.header)
    let changes = [0, 1, 3].map { forge.viewChange(to: 1, by: $0, high: high) }
    replica.hear(.newView(forge.newView(1, of: changes)), from: 1)
    let hasBegun = replica.core.promises.newView != nil
    replica.hear(.blocks([base]), from: 0)

    XCTAssertFalse(hasBegun)
    XCTAssertTrue(replica.core.promises.isActive)
    XCTAssertEqual(replica.core.promises.view, View(1))
    XCTAssertEqual(replica.core.log.tip, base.header)
  }

  func test_replica_whenAnotherHasMissedItsView_sendsTheNewView() {
    var replica = LoneReplica(2)
    let newView = forge.newView(1, of: [0, 1, 3].map { forge.viewChange(to: 1, by: $0) })
    replica.hear(.newView(newView), from: 1)
    _ = replica.said()
    replica.hear(.status(LoneReplica.idle), from: 3)

    XCTAssertTrue(replica.said().contains(.newView(newView)))
  }

  // MARK: A window full of views in vain

  func test_primary_whenTheWindowIsFull_proposesItsAnchorAboveIt() {
    var replica = LoneReplica(1)
    let chain = fillWindow(of: &replica)
    for change in changes(by: [0, 2, 3], over: chain) {
      replica.hear(.viewChange(change), from: change.replica.place)
    }

    let proposed = replica.proposals()

    XCTAssertEqual(proposed.map(\.kind), [.anchor])
    XCTAssertEqual(proposed.map(\.sequenceNumber), [replica.core.highWatermark.next])
  }

  func test_backup_whenTheWindowIsFull_preparesTheAnchorAboveIt() {
    var replica = LoneReplica(2)
    let chain = fillWindow(of: &replica)
    let newView = forge.newView(1, of: changes(by: [0, 1, 3], over: chain))
    let anchor = forge.block(1, after: chain[chain.count - 1].header, newView: newView)
    replica.hear(.newView(newView), from: 1)
    _ = replica.said()
    replica.hear(.prePrepare(forge.proposal(anchor, counter: 10)), from: 1)

    XCTAssertEqual(replica.votes().map(\.place), [anchor.header.place])
  }

  func test_backup_whenTheWindowIsFull_preparesNoOtherBlockAboveIt() {
    var replica = LoneReplica(2)
    let chain = fillWindow(of: &replica)
    let above = forge.chain(UInt64(chain.count) + 1)[chain.count]

    replica.hear(.prePrepare(forge.proposal(above, counter: 10)), from: 0)

    XCTAssertEqual(replica.votes(), [])
    XCTAssertEqual(replica.core.log.tip.sequenceNumber, replica.core.highWatermark)
  }

  func test_primary_whenTheWindowIsFull_proposesNoOtherBlockAboveIt() {
    var replica = LoneReplica(0)
    let windowSize = replica.core.options.windowSize
    var proposed: [SequenceNumber] = []
    for number in 1...windowSize + 2 {
      replica.hear(.envelope(forge.envelope(first: number)), from: 3)
      for header in replica.proposals() {
        proposed.append(header.sequenceNumber)
        replica.sync()
        replica.hear(.committed(forge.committed(header)), from: 1)
      }
    }

    XCTAssertEqual(proposed, (1...windowSize).map { SequenceNumber($0) })
  }

  func test_backup_whenAViewIsBegunTwice_hasProofOfIt() {
    var replica = LoneReplica(2)
    let changes = [0, 1, 3].map { forge.viewChange(to: 1, by: $0) }
    let newViews = [6, 7].map { forge.newView(1, of: changes, counter: $0) }

    for newView in newViews { replica.hear(.newView(newView), from: 1) }

    let evidence = replica.core.takeEffects().evidence.map { try? Evidence(decoding: $0) }
    XCTAssertEqual(evidence, [.conflictingNewViews(newViews[0], newViews[1])])
  }

  private func fillWindow(of replica: inout LoneReplica) -> [Block] {
    let chain = forge.chain(replica.core.options.windowSize)
    for (place, block) in chain.enumerated() {
      let proposal = forge.proposal(block, counter: UInt64(place) + 1)
      replica.hear(.prePrepare(proposal), from: 0)
    }
    _ = replica.said()
    return chain
  }

  private func changes(by replicas: [Int], over chain: [Block]) -> [ViewChange] {
    let high = forge.prepared(chain[chain.count - 1].header)
    return replicas.map { forge.viewChange(to: 1, by: $0, high: high, counter: 20) }
  }
}
