import Consensus
import XCTest

@testable import PBFT

final class EvidenceTests: XCTestCase {
  private let forge = Forge()

  func test_evidence_whenAReplicaContradictsItself_namesIt() {
    let one = forge.block(0).header
    let other = forge.block(0, body: [forge.envelope(text: "b")]).header
    let change = forge.viewChange(to: 1, by: 1, counter: 5)
    let commit = forge.vote(.commit, one, by: 1, counter: 3)
    let changes = (0..<3).map { forge.viewChange(to: 1, by: $0) }
    let others = (1..<4).map { forge.viewChange(to: 1, by: $0) }
    let proofs: [(String, Evidence)] = [
      ("E1", .conflictingVotes(vote(.prePrepare, one), vote(.prePrepare, other))),
      ("E2", .conflictingVotes(vote(.prepare, one), vote(.prepare, other))),
      ("E3", .conflictingVotes(vote(.commit, one), vote(.commit, other))),
      (
        "E4",
        .conflictingCheckpoints(
          forge.checkpoint(one, root: 1, by: 1),
          forge.checkpoint(one, root: 2, by: 1)
        )
      ),
      ("E5", .sharedCounter(.vote(vote(.prepare, one, counter: 5)), .viewChange(change))),
      ("E6", .hiddenLock(commit, change)),
      ("E6b", .voteAfterViewChange(change, vote(.commit, one, counter: 6))),
      ("E7", .badNewView(forge.newView(1, of: Array(changes.prefix(2))))),
      ("E7b", .conflictingNewViews(forge.newView(1, of: changes), forge.newView(1, of: others))),
    ]

    for (name, evidence) in proofs {
      XCTAssertEqual(
        forge.authority.culprit(of: evidence),
        .replica(ReplicaNumber(1)),
        name
      )
    }
  }

  func test_evidence_whenNothingIsContradicted_namesNobody() {
    let one = forge.block(0).header
    let next = forge.block(0, after: one).header
    let shown = forge.viewChange(to: 1, by: 1, high: forge.prepared(one))
    let commit = forge.vote(.commit, one, by: 1, counter: 3)
    let changes = (0..<3).map { forge.viewChange(to: 1, by: $0) }
    let newView = forge.newView(1, of: changes)
    let claims: [(String, Evidence)] = [
      ("the same twice", .conflictingVotes(vote(.prepare, one), vote(.prepare, one))),
      ("two kinds", .conflictingVotes(vote(.prepare, one), vote(.commit, one))),
      ("two places", .conflictingVotes(vote(.prepare, one), vote(.prepare, next))),
      ("two replicas", .conflictingVotes(vote(.commit, one), forge.vote(.commit, next, by: 2))),
      ("shown lock", .hiddenLock(commit, shown)),
      (
        "stable lock",
        .hiddenLock(commit, forge.viewChange(to: 1, by: 1, stable: forge.stable(one)))
      ),
      ("earlier vote", .voteAfterViewChange(shown, commit)),
      ("good new view", .badNewView(newView)),
      ("one new view", .conflictingNewViews(newView, newView)),
      ("one statement", .sharedCounter(.vote(commit), .vote(commit))),
      ("good proposal", .badProposal(forge.proposal(forge.block(0)))),
      ("retry", .conflictingRequests(forge.envelope(), forge.envelope())),
    ]

    for (name, evidence) in claims {
      XCTAssertNil(forge.authority.culprit(of: evidence), name)
    }
  }

  func test_evidence_whenASignatureIsForged_namesNobody() {
    let one = forge.block(0).header
    let other = forge.block(0, body: [forge.envelope(text: "b")]).header
    var forged = vote(.prepare, other)
    forged.replica = ReplicaNumber(2)

    XCTAssertNil(
      forge.authority.culprit(of: .conflictingVotes(forge.vote(.prepare, one, by: 2), forged))
    )
  }

  func test_proposal_whenAnEnvelopeIsNobodys_namesThePrimary() {
    let stranger = forge.envelope(client: 3)
    let proposal = forge.proposal(forge.block(0, body: [stranger]))
    var passedOn = forge.proposal(forge.block(0))
    passedOn.block.body = [stranger]

    XCTAssertEqual(
      forge.authority.culprit(of: .badProposal(proposal)),
      .replica(ReplicaNumber(0))
    )
    XCTAssertNil(forge.authority.culprit(of: .badProposal(passedOn)))
  }

  func test_client_whenTwoCommandsShareASequence_isNamed() {
    let evidence = Evidence.conflictingRequests(forge.envelope(), forge.envelope(text: "b"))

    XCTAssertEqual(
      forge.authority.culprit(of: evidence),
      .client(forge.keys.publicKey(of: 100))
    )
  }

  private func vote(_ kind: Vote.Kind, _ header: BlockHeader, counter: UInt64 = 1) -> Vote {
    forge.vote(kind, header, by: 1, counter: counter)
  }
}
