import Consensus
import XCTest

@testable import PBFT

/// Replicas that may have forgotten what they promised.
final class FenceTests: XCTestCase {
  private let forge = LoneReplica.forge

  // MARK: Starts over holes

  func test_start_whenTheLockedBlockIsLost_isFencedUntilACheckpointCoversIt() throws {
    var before = LoneReplica()
    let block = forge.block(0)
    before.hear(.prePrepare(forge.proposal(block)), from: 0)
    before.sync()
    before.hear(.vote(forge.vote(.prepare, block.header, by: 3, counter: 2)), from: 3)
    let records = before.core.takeEffects().records

    let replica = LoneReplica(1, after: past(records, without: [1]))

    let fence = try XCTUnwrap(replica.core.promises.fence)
    XCTAssertEqual(records.count, 2)
    XCTAssertEqual(replica.core.promises.high?.header, block.header)
    XCTAssertEqual(replica.core.log.tip, .genesis)
    XCTAssertEqual(fence.stable, block.header.sequenceNumber + 16, "two windows above the lock")
  }

  func test_start_whenTheBeginningOfTheViewIsLost_putsItsBlocksAside() {
    var before = LoneReplica(2)
    let newView = forge.newView(1, of: [0, 1, 3].map { forge.viewChange(to: 1, by: $0) })
    let anchor = forge.block(1, newView: newView)
    before.hear(.newView(newView), from: 1)
    before.hear(.prePrepare(forge.proposal(anchor, counter: 7)), from: 1)
    let records = before.core.takeEffects().records

    let replica = LoneReplica(2, after: past(records, without: [1]))

    XCTAssertEqual(records.count, 2)
    XCTAssertNotNil(replica.core.promises.fence)
    XCTAssertEqual(replica.core.log.tip, .genesis)
    XCTAssertEqual(replica.core.log.orphans.map(\.header), [anchor.header])
    XCTAssertEqual(replica.core.promises.votedPlace, anchor.header.place)
  }

  func test_start_whenTheJournalsBeginningIsGone_isFencedUnlessASummaryIsLeft() {
    let summary = Recovered(
      position: 41,
      record: PBFTRecord.summary(LoneReplica().core.promises.summary)
    )
    let vote = Recovered(
      position: 42,
      record: PBFTRecord.checkpoint(forge.checkpoint(forge.block(0).header, root: 1, by: 1))
    )

    XCTAssertNotNil(LoneReplica(1, after: Past([vote])).core.promises.fence)
    XCTAssertNil(LoneReplica(1, after: Past([summary, vote])).core.promises.fence)
  }

  func test_start_whenRecordsBehindAFenceAreLost_raisesAnother() {
    let fence = Fence(counter: 1 << 32, stable: .zero, view: .zero, isKnown: true)
    for (lost, counter) in [(2, 2), (0, 1)] as [(UInt64, UInt64)] {
      let record = Recovered(position: 1, record: PBFTRecord.fence(fence))
      let replica = LoneReplica(1, after: Past([record], without: lost > 0 ? [lost...5] : []))

      XCTAssertEqual(replica.core.promises.fence?.counter, counter << 32)
      XCTAssertEqual(replica.core.promises.fence?.isKnown, lost == 0)
    }
  }

  func test_start_whenAPassedFenceHasSettledAHole_isNotFencedAgain() {
    let fence = Fence(counter: 1 << 32, stable: .zero, view: .zero, isKnown: true)
    let passed = PBFTRecord.fencePassed(counter: 1 << 32)
    let cases: [(passedAt: UInt64, hole: ClosedRange<UInt64>?, isFenced: Bool)] = [
      (7, 1...5, false),
      (7, 3...3, false),
      // As a copy of the fence is kept even if its segment is not.
      (9, nil, true),
      (9, 7...8, true),
      (7, 8...8, true),
    ]
    for (passedAt, hole, isFenced) in cases {
      let records = [
        Recovered(position: 6, record: PBFTRecord.fence(fence)),
        Recovered(position: passedAt, record: passed),
      ]
      let past = Past(records, without: hole.map { [$0] } ?? [], isVoteCertain: false)

      let replica = LoneReplica(1, after: past)

      XCTAssertEqual(replica.core.promises.fence != nil, isFenced, "hole \(hole as Any)")
      XCTAssertEqual(replica.core.promises.fence?.counter ?? 2 << 32, 2 << 32)
    }
  }

  // MARK: What it signed itself

  func test_newView_whenItsPrimaryHasForgottenIt_isTakenAsItIs() {
    let newView = forge.newView(
      1,
      of: [0, 2, 3].map { forge.viewChange(to: 1, by: $0) },
      counter: 9
    )
    for holes in [[], [1...4]] as [[ClosedRange<UInt64>]] {
      var replica = LoneReplica(1, after: Past([], without: holes))
      _ = replica.said()
      replica.hear(.newView(newView), from: 2)

      let said = replica.said()

      XCTAssertEqual(replica.core.promises.newView, newView)
      XCTAssertNotNil(replica.core.promises.fence)
      XCTAssertFalse(said.contains { $0.isNewView && $0 != .newView(newView) })
      XCTAssertFalse(said.contains { if case .prePrepare = $0 { true } else { false } })
    }
  }

  func test_newView_whenItsPrimaryIsFenced_isNotSignedAgain() {
    var replica = LoneReplica(1, after: Past([], without: [1...4]))
    let changes = [0, 2, 3].map { forge.viewChange(to: 1, by: $0) }
    replica.hear(.newView(forge.newView(1, of: changes, counter: 9)), from: 2)
    for other in [0, 2, 3] {
      replica.hear(.viewChange(forge.viewChange(to: 5, by: other)), from: other)
    }

    XCTAssertFalse(replica.said().contains { $0.isNewView })
  }

  func test_newView_whenItShowsAForgottenViewChange_fencesWhoSignedThat() {
    var replica = LoneReplica(2)
    let changes = [0, 1, 2].map { forge.viewChange(to: 1, by: $0) }

    replica.hear(.newView(forge.newView(1, of: changes)), from: 1)

    XCTAssertEqual(replica.core.promises.view, View(1))
    XCTAssertGreaterThan(replica.core.promises.fence?.counter ?? 0, changes[2].counter)
  }

  // MARK: Ends

  func test_primary_whenAMemberIsFencedAndLacksNothingElse_handsOverOnce() {
    for isFenced in [true, false] {
      var replica = LoneReplica(0)
      var status = LoneReplica.idle
      status.isFenced = isFenced
      var left: Set<View> = []
      for _ in 0..<40 {
        for other in [1, 2] { replica.hear(.status(LoneReplica.idle), from: other) }
        replica.hear(.status(status), from: 3)
        replica.pass(microseconds: 100_000)
        left.formUnion(replica.viewChanges().map(\.newView))
      }

      XCTAssertEqual(left, isFenced ? [View(1)] : [])
    }
  }

  func test_primary_whenTheFencedMemberIsNeeded_doesNotHandOver() {
    var replica = LoneReplica(0)
    var status = LoneReplica.idle
    status.isFenced = true
    for _ in 0..<40 {
      replica.hear(.status(LoneReplica.idle), from: 1)
      replica.hear(.status(status), from: 3)
      replica.pass(microseconds: 100_000)
    }

    XCTAssertEqual(replica.viewChanges(), [])
  }

  func test_fencedMember_whenAViewWasLeftForIt_movesNobodyForAnHour() {
    var watch = FenceWatch()
    watch.note(true, isCurrent: true, at: 0)
    let early = watch.wantsLaterView(at: 1_999_999)
    let due = watch.wantsLaterView(at: 2_000_000)
    watch.viewChanged(at: 2_000_000)
    watch.note(true, isCurrent: false, at: 2_100_000)
    watch.note(true, isCurrent: true, at: 2_200_000)

    XCTAssertFalse(early)
    XCTAssertTrue(due)
    XCTAssertFalse(watch.wantsLaterView(at: 3_000_000_000))
    XCTAssertTrue(watch.wantsLaterView(at: 3_603_000_000))
  }

  func test_fence_whenItsBoundsArePassed_ends() {
    var replica = LoneReplica(1, after: Past([], without: [1...1]))
    replica.pass(microseconds: 60_000)
    let nonce = replica.said().compactMap { if case .askFence(let it) = $0 { it } else { nil } }
    for other in [0, 2, 3] {
      let report = FenceReport(
        nonce: nonce.first ?? 0,
        view: .zero,
        stable: nil,
        newest: nil,
        viewChange: nil
      )
      replica.hear(.fenceReport(report), from: other)
    }
    let isKnown = replica.core.promises.fence?.isKnown
    let last = forge.chain(16)[15].header
    let changes = [0, 2, 3].map {
      forge.viewChange(to: 2, by: $0, stable: forge.stable(last))
    }
    replica.hear(.newView(forge.newView(2, of: changes)), from: 2)
    for _ in 0..<10 { replica.pass(microseconds: 60_000) }

    XCTAssertEqual(isKnown, true)
    XCTAssertEqual(replica.core.promises.view, View(2))
    XCTAssertNil(replica.core.promises.fence)
  }

  // MARK: Helpers

  /// A journal some of whose records are lost.
  private func past(_ records: [PBFTRecord], without lost: [UInt64]) -> Past<PBFTRecord> {
    let kept = records.enumerated().compactMap { place, record in
      let position = UInt64(place) + 1
      return lost.contains(position) ? nil : Recovered(position: position, record: record)
    }
    return Past(kept, without: lost.map { $0...$0 })
  }
}

extension PBFTMessage {
  fileprivate var isNewView: Bool {
    if case .newView = self { true } else { false }
  }
}
