import Consensus
import XCTest

@testable import PBFT

/// Clients that repeat themselves do not make a primary look silent.
final class EnvelopePoolTests: XCTestCase {
  private let forge = LoneReplica.forge

  func test_envelope_whenItsRequestsAreDecidedInOthers_isNotWaitedFor() {
    var pool = EnvelopePool()
    let both = forge.envelope(first: 1, count: 2)
    let later = forge.envelope(first: 3, count: 2)
    XCTAssertEqual(pool.add(both, at: 1), .added)
    XCTAssertEqual(pool.add(later, at: 2), .added)

    pool.decided(forge.envelope(first: 2).keys)
    let half = pool.oldestArrival
    pool.decided(forge.envelope(first: 1).keys)

    XCTAssertEqual(half, 1)
    XCTAssertEqual(pool.oldestArrival, 2)
  }

  func test_envelopes_whenTheyOverlap_areProposedOneAfterTheOther() {
    var replica = LoneReplica(0)
    replica.core.submit(forge.envelope(first: 1, count: 2))
    replica.core.submit(forge.envelope(first: 2, count: 2))

    XCTAssertEqual(replica.proposals().map(\.requestCount), [2, 2])
  }

  func test_envelope_whenItRepeatsARequest_isNotValid() {
    var envelope = forge.envelope(count: 2)
    envelope.requests[1] = envelope.requests[0]
    let bytes = forge.authority.signedBytes(of: envelope)
    envelope.signature = forge.keys.signer(of: 100).sign(bytes)

    XCTAssertFalse(forge.authority.isValid(envelope))
  }
}
