import XCTest

@testable import ByzantineSchedules

/// The catalogue, one test for each name: four replicas, and four of which one more loses its
/// power.
///
/// With seven, too, where rooms are optimized; with the power failing at every record:
/// `lockstep sim liars --crashes`.
final class BehaviourTests: XCTestCase {
  func test_catalogue_whenListed_hasEachNameOnce() {
    let names = Behaviour.all.map(\.name)

    XCTAssertEqual(Set(names).count, names.count)
    XCTAssertEqual(names.count, 87)
  }

  /// Each eighth where rooms are not optimized: all would take minutes there.
  func test_seven_whenAnyMisbehaves_keepEveryPromise() {
    let step = ScheduleSettings.isFast ? 1 : 8
    for place in stride(from: 0, to: Behaviour.all.count, by: step) {
      var stage = BehaviourStage(Behaviour.all[place], replicas: 7, seed: 1)
      stage.run()
      XCTAssertNil(stage.judge.problem, "\(Behaviour.all[place].name): \(stage.standing)")
    }
  }

  /// No replica is told two things by the primary itself.
  func test_primary_whenItTellsEachOnlyOneThing_isConvicted() {
    for behaviour in Behaviour.primaries.prefix(2) {
      for (count, seed) in [(4, 1), (4, 2), (4, 3), (7, 1), (7, 2)] as [(Int, UInt64)] {
        var stage = BehaviourStage(behaviour, replicas: count, seed: seed)
        stage.run()
        XCTAssertNil(stage.judge.problem, "\(behaviour.name), \(count), seed \(seed)")
      }
    }
  }

  /// Whoever was asked once has forgotten it then, and its client asks again.
  func test_power_whenItFailsAtTheRecordsOfFewWhoWereAsked_keepsEveryPromise() throws {
    let behaviour = try XCTUnwrap(Behaviour.all.first { $0.name == "primary-mute-before-few" })
    let stride: UInt64 = ScheduleSettings.isFast ? 1 : 46

    let (cases, problem) = BehaviourCrashes(behaviour, replicas: 4).run(stride: stride)

    XCTAssertNil(problem)
    XCTAssertGreaterThan(cases, 3)
  }

  func test_cluster_whenPrimaryEquivocatesTwoWays_keepsEveryPromise() {
    play("primary-equivocates-two-ways")
  }

  func test_cluster_whenPrimaryEquivocatesThreeWays_keepsEveryPromise() {
    play("primary-equivocates-three-ways")
  }

  func test_cluster_whenPrimaryEquivocatesToAll_keepsEveryPromise() {
    play("primary-equivocates-to-all")
  }

  func test_cluster_whenPrimarySilent_keepsEveryPromise() {
    play("primary-silent")
  }

  func test_cluster_whenPrimarySilentToF_keepsEveryPromise() {
    play("primary-silent-to-f")
  }

  func test_cluster_whenPrimarySlow_keepsEveryPromise() {
    play("primary-slow")
  }

  func test_cluster_whenPrimaryStarvesAClient_keepsEveryPromise() {
    play("primary-starves-a-client")
  }

  func test_cluster_whenPrimariesAlternateDelays_keepsEveryPromise() {
    play("primaries-alternate-delays")
  }

  func test_cluster_whenPrimaryForksABackup_keepsEveryPromise() {
    play("primary-forks-a-backup")
  }

  func test_cluster_whenPrimaryMuteBeforeFew_keepsEveryPromise() {
    play("primary-mute-before-few")
  }

  func test_cluster_whenBlockBehindAHiddenOne_keepsEveryPromise() {
    play("block-behind-a-hidden-one")
  }

  func test_cluster_whenBlocksReordered_keepsEveryPromise() {
    play("blocks-reordered")
  }

  func test_cluster_whenBlocksDuplicated_keepsEveryPromise() {
    play("blocks-duplicated")
  }

  func test_cluster_whenBlockRepeatsARequest_keepsEveryPromise() {
    play("block-repeats-a-request")
  }

  func test_cluster_whenBlockWithWrongCounts_keepsEveryPromise() {
    play("block-with-wrong-counts")
  }

  func test_cluster_whenBlockOfNobodySRequests_keepsEveryPromise() {
    play("block-of-nobody's-requests")
  }

  func test_cluster_whenBlockOversized_keepsEveryPromise() {
    play("block-oversized")
  }

  func test_cluster_whenBlocksEmptyForEver_keepsEveryPromise() {
    play("blocks-empty-for-ever")
  }

  func test_cluster_whenBodyWithheldFromF_keepsEveryPromise() {
    play("body-withheld-from-f")
  }

  func test_cluster_whenRightDigestWrongBody_keepsEveryPromise() {
    play("right-digest-wrong-body")
  }

  func test_cluster_whenTimeInThePast_keepsEveryPromise() {
    play("time-in-the-past")
  }

  func test_cluster_whenTimeInTheFuture_keepsEveryPromise() {
    play("time-in-the-future")
  }

  func test_cluster_whenTimeDrifts_keepsEveryPromise() {
    play("time-drifts")
  }

  func test_cluster_whenSignaturesForged_keepsEveryPromise() {
    play("signatures-forged")
  }

  func test_cluster_whenInAnotherSName_keepsEveryPromise() {
    play("in-another's-name")
  }

  func test_cluster_whenOfAnotherCluster_keepsEveryPromise() {
    play("of-another-cluster")
  }

  func test_cluster_whenOfAnotherKind_keepsEveryPromise() {
    play("of-another-kind")
  }

  func test_cluster_whenOldViewsReplayed_keepsEveryPromise() {
    play("old-views-replayed")
  }

  func test_cluster_whenVotesForWhatNobodyProposed_keepsEveryPromise() {
    play("votes-for-what-nobody-proposed")
  }

  func test_cluster_whenPreparesTwice_keepsEveryPromise() {
    play("prepares-twice")
  }

  func test_cluster_whenCommitsTwice_keepsEveryPromise() {
    play("commits-twice")
  }

  func test_cluster_whenCommitsUnprepared_keepsEveryPromise() {
    play("commits-unprepared")
  }

  func test_cluster_whenCheckpointOfAnotherState_keepsEveryPromise() {
    play("checkpoint-of-another-state")
  }

  func test_cluster_whenCheckpointOfAnotherPlace_keepsEveryPromise() {
    play("checkpoint-of-another-place")
  }

  func test_cluster_whenCheckpointFarAhead_keepsEveryPromise() {
    play("checkpoint-far-ahead")
  }

  func test_cluster_whenCheckpointOfAnotherHistory_keepsEveryPromise() {
    play("checkpoint-of-another-history")
  }

  func test_cluster_whenCheckpointSplit_keepsEveryPromise() {
    play("checkpoint-split")
  }

  func test_cluster_whenCheckpointsContradict_keepsEveryPromise() {
    play("checkpoints-contradict")
  }

  func test_cluster_whenLockHidden_keepsEveryPromise() {
    play("lock-hidden")
  }

  func test_cluster_whenLockHiddenByTheSlowest_keepsEveryPromise() {
    play("lock-hidden-by-the-slowest")
  }

  func test_cluster_whenCertificateStale_keepsEveryPromise() {
    play("certificate-stale")
  }

  func test_cluster_whenCertificateForged_keepsEveryPromise() {
    play("certificate-forged")
  }

  func test_cluster_whenCertificateForeign_keepsEveryPromise() {
    play("certificate-foreign")
  }

  func test_cluster_whenCertificateMadeUp_keepsEveryPromise() {
    play("certificate-made-up")
  }

  func test_cluster_whenViewHuge_keepsEveryPromise() {
    play("view-huge")
  }

  func test_cluster_whenViewChangesOutOfTheBlue_keepsEveryPromise() {
    play("view-changes-out-of-the-blue")
  }

  func test_cluster_whenViewChangeStorm_keepsEveryPromise() {
    play("view-change-storm")
  }

  func test_cluster_whenVotesAfterLeaving_keepsEveryPromise() {
    play("votes-after-leaving")
  }

  func test_cluster_whenViewChangeAtEveryCheckpoint_keepsEveryPromise() {
    play("view-change-at-every-checkpoint")
  }

  func test_cluster_whenStableWhileChangingViews_keepsEveryPromise() {
    play("stable-while-changing-views")
  }

  func test_cluster_whenNewViewsLostAtFirst_keepsEveryPromise() {
    play("new-views-lost-at-first")
  }

  func test_cluster_whenOneViewAhead_keepsEveryPromise() {
    play("one-view-ahead")
  }

  func test_cluster_whenBlocksMadeUpForWhoeverAsks_keepsEveryPromise() {
    play("blocks-made-up-for-whoever-asks")
  }

  func test_cluster_whenNewViewsTwo_keepsEveryPromise() {
    play("new-views-two")
  }

  func test_cluster_whenNewViewOf2f_keepsEveryPromise() {
    play("new-view-of-2f")
  }

  func test_cluster_whenNewViewRepeatsAViewChange_keepsEveryPromise() {
    play("new-view-repeats-a-view-change")
  }

  func test_cluster_whenNewViewOfOneVoice_keepsEveryPromise() {
    play("new-view-of-one-voice")
  }

  func test_cluster_whenNewViewOverAForgedCertificate_keepsEveryPromise() {
    play("new-view-over-a-forged-certificate")
  }

  func test_cluster_whenNewViewWithoutACertificate_keepsEveryPromise() {
    play("new-view-without-a-certificate")
  }

  func test_cluster_whenNewViewForHalf_keepsEveryPromise() {
    play("new-view-for-half")
  }

  func test_cluster_whenAnchorEquivocates_keepsEveryPromise() {
    play("anchor-equivocates")
  }

  func test_cluster_whenAnchorOnAnotherBase_keepsEveryPromise() {
    play("anchor-on-another-base")
  }

  func test_cluster_whenAnchorNamesAnotherNewView_keepsEveryPromise() {
    play("anchor-names-another-new-view")
  }

  func test_cluster_whenAnchorMissing_keepsEveryPromise() {
    play("anchor-missing")
  }

  func test_cluster_whenClientTwoBodies_keepsEveryPromise() {
    play("client-two-bodies")
  }

  func test_cluster_whenClientAsksOneBackup_keepsEveryPromise() {
    play("client-asks-one-backup")
  }

  func test_cluster_whenClientFloodsBadSignatures_keepsEveryPromise() {
    play("client-floods-bad-signatures")
  }

  func test_cluster_whenClientRepeatsARequest_keepsEveryPromise() {
    play("client-repeats-a-request")
  }

  func test_cluster_whenClientOverlaps_keepsEveryPromise() {
    play("client-overlaps")
  }

  func test_cluster_whenClientNumbersHugely_keepsEveryPromise() {
    play("client-numbers-hugely")
  }

  func test_cluster_whenPowerFailsEverywhere_keepsEveryPromise() {
    play("power-fails-everywhere")
  }

  func test_cluster_whenDiskForgetsEverything_keepsEveryPromise() {
    play("disk-forgets-everything")
  }

  func test_cluster_whenDiskLosesARecord_keepsEveryPromise() {
    play("disk-loses-a-record")
  }

  func test_cluster_whenDiskPutBack_keepsEveryPromise() {
    play("disk-put-back")
  }

  func test_cluster_whenDiskFullAtThePrimary_keepsEveryPromise() {
    play("disk-full-at-the-primary")
  }

  func test_cluster_whenClockJumpsAnHourAhead_keepsEveryPromise() {
    play("clock-jumps-an-hour-ahead")
  }

  func test_cluster_whenClockJumpsAnHourBack_keepsEveryPromise() {
    play("clock-jumps-an-hour-back")
  }

  func test_cluster_whenPrimaryCutOff_keepsEveryPromise() {
    play("primary-cut-off")
  }

  func test_cluster_whenLinkOneWay_keepsEveryPromise() {
    play("link-one-way")
  }

  func test_cluster_whenLinkFlaps_keepsEveryPromise() {
    play("link-flaps")
  }

  func test_cluster_whenCommitsLostForSevenViews_keepsEveryPromise() {
    play("commits-lost-for-seven-views")
  }

  func test_cluster_whenEverybodyAlone_keepsEveryPromise() {
    play("everybody-alone")
  }

  func test_cluster_whenFloodsVotes_keepsEveryPromise() {
    play("floods-votes")
  }

  func test_cluster_whenFloodsCheckpoints_keepsEveryPromise() {
    play("floods-checkpoints")
  }

  func test_cluster_whenFloodsViewChanges_keepsEveryPromise() {
    play("floods-view-changes")
  }

  func test_cluster_whenFloodsProposals_keepsEveryPromise() {
    play("floods-proposals")
  }

  func test_cluster_whenLongerChainOfAnOlderView_keepsEveryPromise() {
    play("longer-chain-of-an-older-view")
  }

  private func play(_ name: String) {
    guard let behaviour = Behaviour.all.first(where: { $0.name == name }) else {
      return XCTFail("nothing is called \(name)")
    }
    var stage = BehaviourStage(behaviour, replicas: 4, seed: 1)
    stage.run()
    XCTAssertNil(stage.judge.problem, "\(stage.standing)")
    var struck = BehaviourStage(behaviour, replicas: 4, seed: 2)
    struck.fail(3, atRecord: 20)
    struck.run()
    XCTAssertNil(struck.judge.problem, "the power failed: \(struck.standing)")
  }
}
