import Consensus
import XCTest

@testable import PBFT

final class SignatureTests: XCTestCase {
  private let forge = Forge()

  func test_signature_whenAnyFieldChanges_isInvalid() {
    let header = forge.block(0).header
    let vote = forge.vote(.prepare, header, by: 1)
    var changed = Array(repeating: vote, count: 6)
    changed[0].kind = .commit
    changed[1].place = BlockPlace(View(1), vote.place.sequenceNumber)
    changed[2].digest = .zero
    changed[3].replica = ReplicaNumber(2)
    changed[4].counter += 1
    changed[5].replica = ReplicaNumber(6)

    XCTAssertTrue(forge.authority.isValid(vote))
    for (place, vote) in changed.enumerated() {
      XCTAssertFalse(forge.authority.isValid(vote), "change \(place)")
    }
  }

  func test_signature_whenOfAnotherCluster_isInvalid() {
    let other = Authority(
      cluster: ClusterID(high: 1, low: 3),
      replicas: forge.authority.replicas,
      clients: forge.authority.clients,
      verifier: forge.keys,
      digester: forge.keys
    )

    XCTAssertFalse(other.isValid(forge.vote(.prepare, forge.block(0).header, by: 1)))
    XCTAssertFalse(other.isValid(forge.envelope()))
    XCTAssertFalse(other.isValid(forge.committed(forge.block(0).header)))
  }

  func test_envelope_whenTheClientIsUnknownOrARequestChanges_isInvalid() {
    var changed = forge.envelope(count: 2)
    changed.requests[1].command = [1]

    XCTAssertTrue(forge.authority.isValid(forge.envelope(count: 2)))
    XCTAssertFalse(forge.authority.isValid(changed))
    XCTAssertFalse(forge.authority.isValid(forge.envelope(client: 3)))
  }

  func test_certificate_whenAQuorumIsMissingOrForged_isInvalid() {
    for size in [4, 7] {
      let forge = Forge(replicas: size)
      let header = forge.block(0).header
      var few = forge.committed(header)
      few.replicas.removeLast()
      var many = forge.committed(header)
      many.replicas.append(Endorsement(forge.vote(.commit, header, by: size - 1, counter: 3)))
      var forged = forge.committed(header)
      forged.replicas[0].counter += 1
      var withoutPrimary = forge.prepared(header)
      withoutPrimary.primary = Endorsement(forge.vote(.prepare, header, by: size - 1))

      XCTAssertTrue(forge.authority.isValid(forge.committed(header)))
      XCTAssertTrue(forge.authority.isValid(forge.prepared(header)))
      XCTAssertTrue(forge.authority.isValid(forge.stable(header)))
      XCTAssertFalse(forge.authority.isValid(few))
      XCTAssertFalse(forge.authority.isValid(many))
      XCTAssertFalse(forge.authority.isValid(forged))
      XCTAssertFalse(forge.authority.isValid(withoutPrimary))
      XCTAssertFalse(forge.authority.isValid(forge.prepared(header, by: [1])))
    }
  }

  func test_block_whenTheBodyIsNotTheHeaders_isNotWhole() {
    let block = forge.block(0, body: [forge.envelope(count: 2), forge.envelope(client: 1)])
    var other = block
    other.body.swapAt(0, 1)
    var counted = block
    counted.header.requestCount -= 1
    var sized = block
    sized.header.bodySize += 1

    XCTAssertTrue(forge.authority.isWhole(block))
    XCTAssertFalse(forge.authority.isWhole(other))
    XCTAssertFalse(forge.authority.isWhole(counted))
    XCTAssertFalse(forge.authority.isWhole(sized))
  }
}
