import Consensus
import Wire
import XCTest

@testable import PBFT

/// A primary that tells each replica only one thing: whoever was told something else shows it.
final class EquivocationTests: XCTestCase {
  private let forge = LoneReplica.forge

  func test_backup_whenAnotherPreparesAnotherBlock_showsItThePrimarysWordOnce() {
    var replica = LoneReplica()
    replica.hear(.prePrepare(own), from: 0)
    _ = replica.said()
    replica.hear(.vote(forge.vote(.prepare, rival.header, by: 3, counter: 2)), from: 3)
    replica.hear(.vote(forge.vote(.prepare, other.header, by: 3, counter: 3)), from: 3)

    XCTAssertEqual(replica.said(), [.vote(own.vote)])
  }

  func test_backup_whenAnotherPreparesTheSameBlock_showsNothing() {
    var replica = LoneReplica()
    replica.hear(.prePrepare(own), from: 0)
    _ = replica.said()
    replica.hear(.vote(forge.vote(.prepare, own.block.header, by: 3, counter: 2)), from: 3)

    XCTAssertEqual(replica.said(), [])
  }

  func test_backup_whenItHasRestarted_stillShowsThePrimarysWord() {
    var replica = LoneReplica()
    replica.hear(.prePrepare(own), from: 0)
    let records = replica.core.takeEffects().records
    var again = LoneReplica(
      after: Past(
        records.enumerated().map { number, record in
          Recovered(position: UInt64(number) + 1, record: record)
        }
      )
    )

    again.hear(.vote(forge.vote(.prepare, rival.header, by: 3, counter: 2)), from: 3)

    XCTAssertEqual(again.said(), [.vote(own.vote)])
  }

  func test_backup_whenAnotherBlockOfItsPlaceIsCommitted_showsAllThePrimarysWord() {
    var replica = LoneReplica()
    replica.hear(.prePrepare(own), from: 0)
    replica.hear(.committed(forge.committed(rival.header)), from: 2)
    _ = replica.said()

    replica.hear(.blocks([rival]), from: 2)

    XCTAssertEqual(replica.said(), [.vote(own.vote)])
  }

  func test_replica_whenItIsShownAnotherWordOfThePrimary_convictsItOnceAndVotesForNothing() {
    var replica = LoneReplica()
    replica.hear(.prePrepare(own), from: 0)
    _ = replica.core.takeEffects()
    for header in [rival.header, rival.header, other.header] {
      replica.hear(.vote(forge.vote(.prePrepare, header, by: 0, counter: 9)), from: 3)
    }

    let effects = replica.core.takeEffects()

    XCTAssertEqual(proofs(effects), ["E1 of 0"])
    XCTAssertEqual(effects.records, [])
    XCTAssertEqual(effects.messagesAfterSync.count, 0)
  }

  func test_replica_whenItIsShownAForgedWord_convictsNobody() {
    var replica = LoneReplica()
    var forged = forge.vote(.prePrepare, rival.header, by: 3, counter: 9)
    forged.replica = ReplicaNumber(0)
    replica.hear(.prePrepare(own), from: 0)
    replica.hear(.vote(forged), from: 3)

    XCTAssertEqual(proofs(replica.core.takeEffects()), [])
  }

  func test_word_whenItContradictsNothing_isNotLookedAt() {
    var replica = LoneReplica()
    let word = forge.vote(.prePrepare, rival.header, by: 0, counter: 9)
    let early = replica.core.isOfUse(.vote(word))
    replica.hear(.prePrepare(own), from: 0)
    let known = replica.core.isOfUse(.vote(own.vote))
    let contradicting = replica.core.isOfUse(.vote(word))
    replica.hear(.vote(word), from: 3)

    XCTAssertFalse(early)
    XCTAssertFalse(known)
    XCTAssertTrue(contradicting)
    XCTAssertFalse(replica.core.isOfUse(.vote(word)), "it is proved")
  }

  func test_replica_whenAViewChangeShowsAnotherBlockPrepared_convictsThePrimary() {
    var replica = LoneReplica()
    replica.hear(.prePrepare(own), from: 0)
    let change = forge.viewChange(to: 1, by: 3, high: forge.prepared(rival.header))
    replica.hear(.viewChange(change), from: 3)

    XCTAssertEqual(proofs(replica.core.takeEffects()), ["E1 of 0"])
  }

  func test_replica_whenACertificateShowsCommitsOfAnotherBlock_convictsWhoeverGaveBoth() {
    var replica = LoneReplica()
    let block = forge.block(0)
    replica.hear(.prePrepare(own), from: 0)
    replica.hear(.vote(forge.vote(.commit, block.header, by: 2, counter: 8)), from: 2)
    replica.hear(.committed(forge.committed(rival.header)), from: 3)

    XCTAssertEqual(proofs(replica.core.takeEffects()), ["E3 of 2"])
  }

  func test_viewChange_whenItHidesACommitThatNobodyNeeded_isProof() {
    var replica = LoneReplica()
    let header = own.block.header
    replica.hear(.prePrepare(own), from: 0)
    replica.sync()
    replica.hear(.vote(forge.vote(.prepare, header, by: 2, counter: 2)), from: 2)
    replica.sync()
    for other in [0, 2] {
      replica.hear(.vote(forge.vote(.commit, header, by: other, counter: 3)), from: other)
    }
    let late = PBFTMessage.vote(forge.vote(.commit, header, by: 3, counter: 3))
    let isLooked = replica.core.isOfUse(late)
    replica.hear(late, from: 3)

    replica.hear(.viewChange(forge.viewChange(to: 1, by: 3)), from: 3)

    XCTAssertFalse(isLooked)
    XCTAssertEqual(proofs(replica.core.takeEffects()), ["E6 of 3"])
  }

  // MARK: Helpers

  private var own: PrePrepare { forge.proposal(forge.block(0), counter: 7) }
  private var rival: Block { forge.block(0, body: [forge.envelope(text: "b")]) }
  private var other: Block { forge.block(0, body: [forge.envelope(text: "c")]) }

  private func proofs(_ effects: Effects<PBFTMessage, PBFTRecord>) -> [String] {
    effects.evidence.compactMap { bytes in
      guard let proof = try? Evidence(decoding: bytes),
        case .replica(let number) = forge.authority.culprit(of: proof)
      else { return nil }
      return "\(proof.code) of \(number.rawValue)"
    }
  }
}
