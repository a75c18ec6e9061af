import Consensus
import Wire
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

    pool.decided(forge.envelope(first: 2).keys, at: 3)
    let half = pool.envelopes
    pool.decided(forge.envelope(first: 1).keys, at: 4)

    XCTAssertEqual(half, [both, later])
    XCTAssertEqual(pool.envelopes, [later])
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

  func test_clients_whenOneSendsMuch_takeTurns() {
    var pool = EnvelopePool()
    for number in 1...5 { _ = pool.add(forge.envelope(client: 0, first: UInt64(number)), at: 1) }
    _ = pool.add(forge.envelope(client: 1), at: 2)
    _ = pool.add(forge.envelope(client: 2), at: 2)

    let taken = pool.take(requestsMax: 4, sizeMax: 1 << 20)

    XCTAssertEqual(taken.map(\.client), [0, 1, 2, 0].map { forge.envelope(client: $0).client })
    XCTAssertEqual(pool.proposableRequests, 3)
  }

  func test_client_whenItHasTooManyEnvelopes_isRefusedAndOthersAreNot() {
    var replica = LoneReplica(0)
    for number in 1...UInt64(EnvelopePool.envelopesPerClientMax) {
      XCTAssertNil(replica.core.submit(forge.envelope(first: number)))
    }

    let tooMuch = replica.core.submit(forge.envelope(first: 1_000_000))
    let again = replica.core.submit(forge.envelope(first: 1))
    let other = replica.core.submit(forge.envelope(client: 1))

    XCTAssertEqual(tooMuch, .overloaded)
    XCTAssertNil(again)
    XCTAssertNil(other)
  }

  func test_pool_whenAllIsDecided_holdsNothing() {
    var pool = EnvelopePool()
    let envelopes = (1...40).map { forge.envelope(client: $0 % 3, first: UInt64($0)) }
    for envelope in envelopes { _ = pool.add(envelope, at: 1) }
    let taken = pool.take(requestsMax: 10, sizeMax: 1 << 20)

    for envelope in envelopes { pool.decided(envelope.keys, at: 2) }

    XCTAssertEqual(taken.count, 10)
    XCTAssertEqual(pool.size, 0)
    XCTAssertEqual(pool.proposableRequests, 0)
    XCTAssertTrue(pool.envelopes.isEmpty)
  }

  func test_view_whenItBegins_hasEverythingProposedAgainThatItsChainDoesNotHold() {
    var pool = EnvelopePool()
    let envelopes = (1...4).map { forge.envelope(first: UInt64($0)) }
    for envelope in envelopes { _ = pool.add(envelope, at: 1) }
    _ = pool.take(requestsMax: 3, sizeMax: 1 << 20)

    pool.restart(without: [envelopes[1]])

    let taken = pool.take(requestsMax: 9, sizeMax: 1 << 20)
    XCTAssertEqual(taken, [envelopes[0], envelopes[2], envelopes[3]])
  }

  func test_envelope_whenMeasured_hasTheSizeOfItsBytes() {
    let envelope = forge.envelope(count: 3, text: "some text")

    XCTAssertEqual(envelope.encodedSize, envelope.encoded(expectedSize: 256).count)
  }

  func test_clientThatIsServed_whenItSendsMoreThanIsOrdered_accusesNobody() {
    var pool = EnvelopePool()
    for number in 1...100 { _ = pool.add(forge.envelope(first: UInt64(number)), at: 0) }
    let unserved = pool.longestWait(at: 1_000, since: 0)

    pool.decided(forge.envelope(first: 50).keys, at: 900)

    XCTAssertEqual(unserved, 1_000)
    XCTAssertEqual(pool.longestWait(at: 1_000, since: 0), 100)
  }
}
