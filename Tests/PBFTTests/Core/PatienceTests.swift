import Consensus
import XCTest

@testable import PBFT

/// Primaries that are slow, unfair, or asked to go.
final class PatienceTests: XCTestCase {
  private let forge = LoneReplica.forge

  func test_patience_whenManyViewsHavePassedInVain_isHalvedByTheFirstThatWorks() {
    var timing = ViewTiming(now: 0)
    for _ in 0..<40 { timing.suspected(base: 1, max: 100) }
    timing.viewChanged(at: 0)
    let before = timing.patience(base: 1, max: 100)

    timing.blockWasCommitted(through: SequenceNumber(1), at: 2_000_000)
    let first = timing.patience(base: 1, max: 100)
    timing.blockWasCommitted(through: SequenceNumber(2), at: 4_000_000)

    XCTAssertEqual(before, 100)
    XCTAssertEqual(first, 64)
    XCTAssertEqual(timing.patience(base: 1, max: 100), 32)
  }

  func test_replica_whenItStoodStill_doesNotBlameThePrimaryForThat() {
    var replica = LoneReplica(tickGapMax: nil)
    let block = forge.block(0)
    replica.hear(.prePrepare(forge.proposal(block)), from: 0)
    replica.core.submit(forge.envelope(first: 7))
    replica.sync()
    _ = replica.said()

    // As if by SIGSTOP and SIGCONT; then the loop ticks on.
    replica.pass(microseconds: 9_000_000)
    let stood = replica.viewChanges()
    for _ in 0..<20 { replica.pass(microseconds: 10_000) }

    XCTAssertEqual(stood, [])
    XCTAssertEqual(replica.viewChanges().map(\.newView), [View(1)], "waking it loses patience")
  }

  func test_replica_whenItStoodStill_doesNotTakeThePrimaryForSlowForThat() {
    var replica = LoneReplica(tickGapMax: nil)
    replica.core.submit(forge.envelope())
    replica.pass(microseconds: 10_000)

    replica.pass(microseconds: 9_000_000)
    let stood = replica.viewChanges()
    for _ in 0..<9 { replica.pass(microseconds: 10_000) }

    XCTAssertEqual(stood, [])
    XCTAssertEqual(replica.viewChanges().map(\.newView), [View(1)], "waking it loses patience")
  }

  func test_suspicion_whenTheReplicaStoodStillBefore_isOfNoLongerTimeThanItHasLasted() {
    var replica = LoneReplica(tickGapMax: nil)
    replica.pass(microseconds: 3_600_000_000)
    let before = replica.now
    replica.core.suspect()
    replica.pass(microseconds: 10_000)

    XCTAssertEqual(replica.core.byzantineStatus.suspectingSinceMicroseconds, before)
  }

  func test_replica_whenItHearsOfAViewAtTheMomentItGoesOn_givesThatViewItsTime() throws {
    var replica = LoneReplica(tickGapMax: nil)
    replica.core.submit(forge.envelope(first: 7))
    // What came in meanwhile is read before the clock.
    for number in [0, 2, 3] {
      replica.hear(.viewChange(forge.viewChange(to: 2, by: number)), from: number)
    }
    _ = replica.said()

    replica.pass(microseconds: 9_000_000)

    XCTAssertEqual(replica.viewChanges(), [])
    XCTAssertEqual(replica.core.view, View(2))
  }

  func test_primary_whenItWasIdleForLong_doesNotSuspectItselfByItsNextBlock() {
    var replica = LoneReplica(0)
    replica.pass(microseconds: 60_000_000)
    replica.core.submit(forge.envelope())
    _ = replica.said()

    replica.pass(microseconds: 10_000)

    XCTAssertEqual(replica.viewChanges().count, 0)
  }

  func test_primary_whenItLeavesARequestLyingWithRoom_isSuspectedLongBeforeItsTime() {
    var replica = LoneReplica()
    replica.core.submit(forge.envelope())
    replica.pass(microseconds: 99_000)
    let early = replica.viewChanges()

    replica.pass(microseconds: 10_000)

    XCTAssertEqual(early, [])
    XCTAssertEqual(replica.viewChanges().map(\.newView), [View(1)])
  }

  func test_primary_whenItsBlockLeavesOutWhatItHadRoomFor_isSuspected() {
    var replica = LoneReplica()
    replica.core.submit(forge.envelope(client: 0))
    replica.pass(microseconds: 60_000)
    let first = forge.block(0, body: [forge.envelope(client: 1)])
    replica.hear(.prePrepare(forge.proposal(first)), from: 0)
    replica.pass(microseconds: 50_000)
    let early = replica.viewChanges()
    let second = forge.block(0, after: first.header, body: [forge.envelope(client: 2)])
    replica.hear(.prePrepare(forge.proposal(second, counter: 2)), from: 0)

    replica.pass(microseconds: 10_000)

    XCTAssertEqual(early, [])
    XCTAssertEqual(replica.viewChanges().map(\.newView), [View(1)])
  }

  func test_primary_whenItsBlocksAreFull_mayLetOthersWait() {
    var replica = LoneReplica()
    replica.core.submit(forge.envelope(client: 0))
    replica.pass(microseconds: 150_000, ticking: false)
    let block = forge.block(0, body: [forge.envelope(client: 1, count: 4)])
    replica.hear(.prePrepare(forge.proposal(block)), from: 0)

    replica.pass(microseconds: 10_000)

    XCTAssertEqual(replica.viewChanges(), [])
  }

  func test_primary_whenItTakesASecondEnvelopeOfOneBeforeTheFirstOfAnother_isSuspected() {
    for (clients, isFair) in [([1, 1], false), ([1, 2], true), ([0, 1, 1], true)] {
      var replica = LoneReplica()
      replica.core.submit(forge.envelope(client: 0, first: 9))
      replica.pass(microseconds: 150_000, ticking: false)
      let body = clients.enumerated().map { place, client in
        forge.envelope(client: client, first: 10 * UInt64(place) + 10, count: 2)
      }
      let block = forge.block(0, body: body)

      replica.hear(.prePrepare(forge.proposal(block)), from: 0)

      XCTAssertEqual(replica.core.timing.hasWithheld, !isFair, "\(clients)")
    }
  }

  func test_envelopes_whenOneReplicaPassesOnWithoutEnd_areNotAllTaken() {
    var replica = LoneReplica(0)
    for number in 1...600 as ClosedRange<UInt64> {
      replica.hear(.envelope(forge.envelope(first: number)), from: 3)
    }
    let taken = replica.core.pool.envelopes.count

    replica.hear(.envelope(forge.envelope(client: 1)), from: 2)

    XCTAssertEqual(taken, 512)
    XCTAssertEqual(replica.core.pool.envelopes.count, 513)
  }

  func test_envelope_whenThePrimaryDoesNotProposeIt_isPassedOnAgain() {
    var replica = LoneReplica()
    replica.core.submit(forge.envelope())
    let first = replica.said(to: 0)

    replica.pass(microseconds: 60_000)

    XCTAssertTrue(first.contains(.envelope(forge.envelope())))
    XCTAssertTrue(replica.said(to: 0).contains(.envelope(forge.envelope())))
  }

  func test_primary_whenAskedToGo_leavesForTheNextViewIfEnoughAreThere() {
    var replica = LoneReplica(0)
    replica.core.submit(.transfer(to: nil))
    let alone = replica.core.takeEffects().refused
    for other in [1, 2] { replica.hear(.status(LoneReplica.idle), from: other) }
    replica.core.submit(.transfer(to: NodeID(4)))
    let notNext = replica.core.takeEffects().refused

    replica.core.submit(.transfer(to: NodeID(2)))

    XCTAssertEqual(alone, [.transfer(.quorumWouldBeLost)])
    XCTAssertEqual(notNext, [.transfer(.transferFailed)])
    XCTAssertEqual(replica.viewChanges().map(\.newView), [View(1)])
  }

  func test_primary_whenItsViewHasComeToNothingYet_doesNotHandOver() {
    var replica = LoneReplica(1)
    for other in [0, 2, 3] {
      replica.hear(.viewChange(forge.viewChange(to: 1, by: other)), from: other)
    }
    let began = replica.core.isActive
    _ = replica.said()

    replica.core.submit(.transfer(to: nil))

    XCTAssertTrue(began)
    XCTAssertEqual(replica.core.takeEffects().refused, [.transfer(.transferInProgress)])
    XCTAssertEqual(replica.core.promises.view, View(1))
  }

  func test_primary_whenItHandedOverLately_doesNotDoSoAgain() throws {
    var replica = LoneReplica(0)
    for other in [1, 2] { replica.hear(.status(LoneReplica.idle), from: other) }
    replica.core.submit(.transfer(to: nil))
    for other in [1, 2, 3] {
      replica.hear(.viewChange(forge.viewChange(to: 4, by: other)), from: other)
    }
    let anchor = try XCTUnwrap(replica.proposals().first)
    replica.hear(.committed(forge.committed(anchor)), from: 2)
    replica.core.submit(.transfer(to: nil))
    let early = replica.core.takeEffects().refused

    replica.pass(microseconds: 10_000_000)
    for other in [1, 2] { replica.hear(.status(LoneReplica.idle), from: other) }
    replica.core.submit(.transfer(to: nil))

    XCTAssertEqual(replica.core.committed, anchor)
    XCTAssertEqual(early, [.transfer(.transferInProgress)])
    XCTAssertEqual(replica.core.takeEffects().refused.count, 0)
    XCTAssertEqual(replica.core.promises.view, View(5))
  }

  func test_backup_whenAskedToGo_namesThePrimary() {
    var replica = LoneReplica(2)

    replica.core.submit(.transfer(to: nil))

    XCTAssertEqual(
      replica.core.takeEffects().refused,
      [.transfer(.notLeader(leader: NodeID(1)))]
    )
  }

  func test_primary_whenItLeavesItsOwnView_isFollowedToTheNextAndToNoOther() {
    for (view, follows) in [(1, true), (2, false), (5, false)] as [(UInt64, Bool)] {
      var replica = LoneReplica(2)

      replica.hear(.viewChange(forge.viewChange(to: view, by: 0)), from: 0)

      XCTAssertEqual(replica.viewChanges().map(\.newView), follows ? [View(1)] : [], "\(view)")
    }
  }

  func test_block_whenItOrdersNothing_isNotPrepared() {
    var replica = LoneReplica()

    replica.hear(.prePrepare(forge.proposal(forge.block(0, body: []))), from: 0)

    XCTAssertEqual(replica.votes(), [])
  }

  func test_status_whenItComesAgainAtOnce_isNotAnsweredAgain() {
    var replica = LoneReplica()
    replica.hear(.prePrepare(forge.proposal(forge.block(0))), from: 0)
    _ = replica.said()
    replica.hear(.status(LoneReplica.idle), from: 3)
    let first = replica.said()

    replica.hear(.status(LoneReplica.idle), from: 3)
    let atOnce = replica.said()
    replica.pass(microseconds: 30_000)
    replica.hear(.status(LoneReplica.idle), from: 3)

    XCTAssertEqual(first.count, 1)
    XCTAssertEqual(atOnce, [])
    XCTAssertTrue(replica.said().contains { if case .vote = $0 { true } else { false } })
  }

  func test_budget_whenItIsSpent_fillsAgainWithTime() {
    var budget = PeerBudget()
    var sent = 0
    while budget.spend(1 << 20, at: 1_000) { sent += 1 }

    XCTAssertEqual(sent, 16)
    XCTAssertFalse(budget.spend(1, at: 1_000))
    XCTAssertTrue(budget.spend(1 << 20, at: 40_000))
  }

  func test_allowance_whenItIsOverdrawn_owesWhatWasTaken() {
    var one = Allowance(max: 10, perSecond: 1)
    var large = Allowance(max: 10, perSecond: 10)

    let all = one.spend(10, at: 0)
    let soon = (1...1_000 as ClosedRange<UInt64>).count { one.spend(1, at: $0) }
    let much = large.spend(20, at: 0)

    XCTAssertTrue(all)
    XCTAssertEqual(soon, 0)
    XCTAssertTrue(one.spend(1, at: 1_000_000))
    XCTAssertTrue(much)
    XCTAssertFalse(large.spend(1, at: 1_000_000), "what was owed is paid first")
    XCTAssertTrue(large.spend(1, at: 1_100_000))
  }

  func test_patience_whenViewsCommitButDoNotLast_growsAllTheSame() {
    var timing = ViewTiming(now: 0)
    for view in 1...4 as ClosedRange<UInt64> {
      timing.suspected(base: 1, max: 100)
      timing.viewChanged(at: view * 1_900_000)
      timing.blockWasCommitted(through: SequenceNumber(view), at: view * 1_900_000 + 1_800_000)
    }
    let impatient = timing.patience(base: 1, max: 1_000)

    for second in 12...15 as ClosedRange<UInt64> {
      timing.blockWasCommitted(through: SequenceNumber(second), at: second * 1_000_000)
    }

    XCTAssertEqual(impatient, 16)
    XCTAssertEqual(timing.patience(base: 1, max: 1_000), 4)
  }

  func test_patience_whenOthersLoseTheirs_growsHereToo() {
    var replica = LoneReplica()
    for other in [2, 3] {
      replica.hear(.viewChange(forge.viewChange(to: 1, by: other)), from: other)
    }

    XCTAssertEqual(replica.core.timing.patience(base: 1, max: 8), 2)
  }

  func test_latencies_whenOneIsLong_haveTheSameMedian() {
    var latencies = RecentLatencies()
    for _ in 0..<40 { latencies.add(3_000) }
    latencies.add(900_000)

    XCTAssertEqual(latencies.median, 3_000)
  }
}
