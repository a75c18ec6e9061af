import Consensus
import Wire
import XCTest

@testable import PBFT

/// One backup among four, told what the test likes.
final class VotingTests: XCTestCase {
  private let forge = LoneReplica.forge

  func test_backup_whenTheParentIsNotItsTip_doesNotPrepare() {
    var core = backup()
    let parent = forge.block(0)
    let orphan = forge.block(0, after: parent.header, body: [forge.envelope(first: 2)])

    hear(&core, .prePrepare(forge.proposal(orphan)), from: 0)
    let early = votes(&core)
    var rootless = forge.block(0)
    rootless.header.parent = .zero
    hear(&core, .prePrepare(forge.proposal(rootless)), from: 0)

    XCTAssertEqual(early, [])
    XCTAssertEqual(votes(&core), [])
  }

  func test_backup_whenItsChainIsAheadOfItsClock_preparesWhatGoesOnByTheLeast() {
    var replica = LoneReplica()
    var ahead = forge.block(0)
    ahead.header.timeMicroseconds = 3_600_000_000
    replica.hear(.committed(forge.committed(ahead.header)), from: 2)
    replica.hear(.blocks([ahead]), from: 2)
    var later = forge.block(0, after: ahead.header, body: [forge.envelope(first: 2)])
    let next = later
    later.header.timeMicroseconds += 1

    replica.hear(.prePrepare(forge.proposal(later, counter: 2)), from: 0)
    let early = replica.votes()
    replica.hear(.prePrepare(forge.proposal(next, counter: 3)), from: 0)

    XCTAssertEqual(early, [])
    XCTAssertEqual(replica.votes().map(\.kind), [.prepare])
  }

  func test_backup_whenThePrimaryProposesTwice_preparesTheFirstAndProvesIt() {
    var core = backup()
    let rival = forge.block(0, body: [forge.envelope(text: "b")])
    hear(&core, .prePrepare(forge.proposal(forge.block(0))), from: 0)
    hear(&core, .prePrepare(forge.proposal(rival, counter: 2)), from: 0)

    let effects = core.takeEffects()

    XCTAssertEqual(votes(of: effects).map(\.kind), [.prepare])
    XCTAssertEqual(culprits(of: effects), [.replica(ReplicaNumber(0))])
  }

  func test_replica_whenAClientSignsTwoCommandsForOneNumber_provesItOnce() {
    var replica = LoneReplica(0)
    replica.core.submit(forge.envelope())
    replica.core.submit(forge.envelope(text: "b"))
    replica.core.submit(forge.envelope(text: "c"))

    XCTAssertEqual(culprits(of: replica.core.takeEffects()), [.client(forge.envelope().client)])
  }

  func test_backup_whenAProposalHasAnotherCommandThanItsClientSentHere_provesIt() {
    var core = backup()
    core.submit(forge.envelope())
    let proposed = forge.block(0, body: [forge.envelope(text: "b")])
    hear(&core, .prePrepare(forge.proposal(proposed)), from: 0)

    let effects = core.takeEffects()

    XCTAssertEqual(votes(of: effects).map(\.kind), [.prepare])
    XCTAssertEqual(culprits(of: effects), [.client(forge.envelope().client)])
  }

  func test_replica_whenAClientPacksItsRequestsAnew_blamesNobody() {
    var replica = LoneReplica(0)
    replica.core.submit(forge.envelope(first: 1, count: 1))
    replica.hear(.envelope(forge.envelope(first: 1, count: 1)), from: 1)
    replica.hear(.envelope(repacked()), from: 2)

    XCTAssertEqual(culprits(of: replica.core.takeEffects()), [])
  }

  /// The first request, and another one beside it.
  private func repacked() -> SignedEnvelope {
    var envelope = forge.envelope(first: 1, count: 2)
    envelope.requests[0] = forge.envelope().requests[0]
    let bytes = forge.authority.signedBytes(of: envelope)
    envelope.signature = forge.keys.signer(of: 100).sign(bytes)
    return envelope
  }

  private func culprits(of effects: Effects<PBFTMessage, PBFTRecord>) -> [Culprit?] {
    effects.evidence.map { (try? Evidence(decoding: $0)).flatMap(forge.authority.culprit) }
  }

  func test_backup_whenItPrepares_promisesNothingBeforeTheDisk() {
    var core = backup()
    hear(&core, .prePrepare(forge.proposal(forge.block(0))), from: 0)

    let effects = core.takeEffects()

    XCTAssertEqual(effects.messages.count, 0)
    XCTAssertEqual(effects.messagesAfterSync.count, 3)
    XCTAssertEqual(effects.records.count, 1)
  }

  func test_replica_whenAVoteIsSignedByAnother_doesNotCountIt() {
    var core = backup()
    let block = forge.block(0)
    let own = forge.vote(.prepare, block.header, by: 3, counter: 2)
    var forged = own
    forged.signature = forge.vote(.prepare, block.header, by: 2, counter: 2).signature
    hear(&core, .prePrepare(forge.proposal(block)), from: 0)
    core.recordsAreDurable(through: 1)
    _ = core.takeEffects()

    hear(&core, .vote(forged), from: 3)
    let early = core.takeEffects()
    hear(&core, .vote(own), from: 3)

    XCTAssertEqual(votes(of: early), [])
    XCTAssertEqual(votes(&core).map(\.kind), [.commit])
  }

  func test_replica_whenABlockIsPrepared_locksAndCommitsBehindOneRecord() {
    var core = backup()
    let lock = prepare(forge.block(0), at: &core)

    XCTAssertEqual(lock.messages.count, 0)
    XCTAssertEqual(votes(of: lock).map(\.kind), [.prepare, .commit])
    XCTAssertEqual(core.promises.high?.header, forge.block(0).header)
    XCTAssertEqual(core.committed.sequenceNumber, .zero)
  }

  func test_commit_whenItsRecordIsNotDurable_doesNotCountHere() {
    var core = backup()
    let block = forge.block(0)
    _ = prepare(block, at: &core)
    for other in [0, 2] {
      hear(&core, .vote(forge.vote(.commit, block.header, by: other, counter: 9)), from: other)
    }
    let before = core.committed.sequenceNumber
    let written = core.lastPosition
    core.recordsAreDurable(through: written)

    XCTAssertEqual(before, .zero)
    XCTAssertEqual(core.committed, block.header)
  }

  func test_vote_whenOnlyTheDiskIsMissing_isNotLookedAt() {
    var core = backup()
    let block = forge.block(0)
    let rival = forge.block(0, body: [forge.envelope(text: "b")])
    hear(&core, .prePrepare(forge.proposal(block)), from: 0)
    let needed = core.isOfUse(.vote(forge.vote(.prepare, block.header, by: 2, counter: 2)))
    hear(&core, .vote(forge.vote(.prepare, block.header, by: 2, counter: 2)), from: 2)

    XCTAssertTrue(needed)
    XCTAssertFalse(core.isOfUse(.vote(forge.vote(.prepare, block.header, by: 3, counter: 2))))
    XCTAssertTrue(core.isOfUse(.vote(forge.vote(.prepare, rival.header, by: 3, counter: 2))))
    XCTAssertTrue(core.isOfUse(.vote(forge.vote(.commit, block.header, by: 3, counter: 2))))
    XCTAssertTrue(
      core.isOfUse(.vote(forge.vote(.prepare, block.header, by: 3, counter: 64))),
      "a replica is to be shown a vote that is not old"
    )
  }

  func test_vote_whenASurplusOneContradicts_bothAreProof() {
    let block = forge.block(0)
    let rival = forge.block(0, body: [forge.envelope(text: "b")])
    let right = forge.vote(.prepare, block.header, by: 3, counter: 2)
    let other = forge.vote(.prepare, rival.header, by: 3, counter: 3)
    for votes in [[right, other], [other, right]] {
      var core = backup()
      hear(&core, .prePrepare(forge.proposal(block)), from: 0)
      hear(&core, .vote(forge.vote(.prepare, block.header, by: 2, counter: 2)), from: 2)

      for vote in votes { hear(&core, .vote(vote), from: 3) }

      let evidence = core.takeEffects().evidence.compactMap { try? Evidence(decoding: $0) }
      XCTAssertEqual(
        evidence.map { forge.authority.culprit(of: $0) },
        [.replica(ReplicaNumber(3))]
      )
    }
  }

  func test_replica_whenABlockIsCommitted_noSyncIsForThatAlone() {
    var core = backup()
    let block = forge.block(0)
    _ = prepare(block, at: &core)
    hear(&core, .committed(forge.committed(block.header)), from: 0)

    let committed = core.takeEffects()
    let next = forge.block(0, after: block.header, body: [forge.envelope(first: 2)])
    hear(&core, .prePrepare(forge.proposal(next, counter: 3)), from: 0)
    let records = core.takeEffects().records

    XCTAssertEqual(committed.records, [])
    XCTAssertEqual(committed.committed.count, 1)
    XCTAssertEqual(records.count, 2)
    XCTAssertEqual(records.first, .committed(forge.committed(block.header)))
  }

  func test_replica_whenItHasLeftItsView_doesNotCommitInIt() {
    var core = backup()
    let block = forge.block(0)
    hear(&core, .prePrepare(forge.proposal(block)), from: 0)
    core.recordsAreDurable(through: 1)
    core.suspect()
    for other in [2, 3] {
      hear(&core, .vote(forge.vote(.prepare, block.header, by: other, counter: 2)), from: other)
    }

    XCTAssertEqual(votes(&core).map(\.kind), [.prepare])
    XCTAssertNil(core.promises.high)
  }

  func test_replica_whenANewViewDoesNotShowItsLock_keepsItAndItsBody() {
    var core = backup(2)
    let block = forge.block(0)
    _ = prepare(block, at: &core)
    let changes = [0, 1, 3].map { forge.viewChange(to: 1, by: $0) }

    hear(&core, .newView(forge.newView(1, of: changes)), from: 1)

    XCTAssertEqual(core.promises.view, View(1))
    XCTAssertTrue(core.promises.isActive)
    XCTAssertEqual(core.log.tip, .genesis)
    XCTAssertEqual(core.promises.high?.header, block.header)
    XCTAssertNotNil(core.log.find(forge.authority.digest(of: block.header)))
  }

  func test_backup_whenAViewBegins_acceptsItsAnchorAlone() {
    var core = backup(2)
    let newView = forge.newView(1, of: [0, 1, 3].map { forge.viewChange(to: 1, by: $0) })
    let other = forge.newView(1, of: [0, 1, 2].map { forge.viewChange(to: 1, by: $0) }, counter: 8)
    hear(&core, .newView(newView), from: 1)
    hear(&core, .prePrepare(forge.proposal(forge.block(1))), from: 1)
    hear(&core, .prePrepare(forge.proposal(forge.block(1, newView: other), counter: 9)), from: 1)
    let refused = votes(&core)
    hear(&core, .prePrepare(forge.proposal(forge.block(1, newView: newView), counter: 10)), from: 1)

    XCTAssertEqual(refused, [])
    XCTAssertEqual(votes(&core).map(\.kind), [.prepare])
  }

  func test_newView_whenItHidesWhatIsCommittedHere_stopsTheReplica() {
    var core = backup(2)
    let block = forge.block(0)
    _ = prepare(block, at: &core)
    hear(&core, .committed(forge.committed(block.header)), from: 0)
    let changes = [0, 1, 3].map { forge.viewChange(to: 1, by: $0) }

    hear(&core, .newView(forge.newView(1, of: changes)), from: 1)

    XCTAssertEqual(core.halt, .chainsDiffer(SequenceNumber(1)))
  }

  func test_replica_whenItStopsWithinAViewChange_comesBackWithinItWithTheSameBytes() {
    var core = backup()
    core.suspect()
    let records = core.takeEffects().records
    let past = records.enumerated().map {
      Recovered(position: UInt64($0.offset) + 1, record: $0.element)
    }

    var again = backup(recovering: past)
    hear(&again, .status(LoneReplica.idle), from: 2)

    XCTAssertEqual(again.promises.view, View(1))
    XCTAssertFalse(again.promises.isActive)
    XCTAssertEqual(again.promises.viewChange, core.promises.viewChange)
    XCTAssertTrue(
      again.takeEffects().messagesAfterSync.contains {
        $0.message == core.promises.viewChange.map { .viewChange($0) }
      }
    )
  }

  func test_replica_whenItsJournalIsLost_votesForNothing() {
    var past = Past<PBFTRecord>([])
    past.holes = [1...4]
    var core = backup(past)
    hear(&core, .prePrepare(forge.proposal(forge.block(0))), from: 0)
    core.suspect()

    XCTAssertNotNil(core.promises.fence)
    XCTAssertEqual(votes(&core), [])
    XCTAssertEqual(core.promises.view, .zero)
  }

  func test_replica_whenOthersHaveSeenMoreOfIt_isFenced() {
    var core = backup()
    var shown = LoneReplica.idle
    shown.newest = forge.vote(.prepare, forge.block(0).header, by: 1, counter: 5)

    hear(&core, .status(shown), from: 2)

    XCTAssertEqual(core.promises.fence?.counter, 1 << 32)
  }

  // MARK: Helpers

  private func backup(
    _ number: Int = 1,
    recovering records: [Recovered<PBFTRecord>] = []
  ) -> PBFTCore {
    backup(Past(records), number)
  }

  private func backup(_ past: Past<PBFTRecord>, _ number: Int = 1) -> PBFTCore {
    LoneReplica(number, after: past).core
  }

  private func hear(_ core: inout PBFTCore, _ message: PBFTMessage, from number: Int) {
    core.receive(message, from: core.members[number])
  }

  /// Has a block prepared: the primary's vote, the own one and another backup's.
  private func prepare(_ block: Block, at core: inout PBFTCore) -> Effects<PBFTMessage, PBFTRecord>
  {
    hear(&core, .prePrepare(forge.proposal(block)), from: 0)
    core.recordsAreDurable(through: 1)
    hear(&core, .vote(forge.vote(.prepare, block.header, by: 3, counter: 2)), from: 3)
    return core.takeEffects()
  }

  private func votes(_ core: inout PBFTCore) -> [Vote] { votes(of: core.takeEffects()) }

  /// What was said to one other replica.
  private func votes(of effects: Effects<PBFTMessage, PBFTRecord>) -> [Vote] {
    (effects.messages + effects.messagesAfterSync).compactMap {
      guard $0.recipient.id == NodeID(4), case .vote(let vote) = $0.message else { return nil }
      return vote
    }
  }
}
