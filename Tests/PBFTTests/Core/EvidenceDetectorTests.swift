import Consensus
import Wire
import XCTest

@testable import PBFT

/// What the search for lies remembers.
final class EvidenceDetectorTests: XCTestCase {
  private let forge = LoneReplica.forge

  func test_detector_whenNothingBecomesStable_forgetsTheOldestPlaces() {
    var detector = EvidenceDetector(authority: forge.authority)
    for place in 1...10_000 as ClosedRange<UInt64> {
      XCTAssertEqual(detector.observe(.vote(vote(1, at: place, counter: place))).count, 0)
      XCTAssertLessThanOrEqual(detector.votesCount, 2_048)
    }
    XCTAssertGreaterThanOrEqual(detector.votesCount, 1_024)

    let remembered = detector.observe(.vote(vote(2, at: 9_500, counter: 10_001)))
    let old = detector.observe(.vote(vote(2, at: 5_000, counter: 10_002)))

    XCTAssertEqual(remembered.count, 1)
    XCTAssertEqual(old.count, 0)
  }

  private func vote(_ time: UInt64, at place: UInt64, counter: UInt64) -> Vote {
    var header = forge.block(0).header
    header.place = BlockPlace(View(0), SequenceNumber(place))
    header.timeMicroseconds = time
    return forge.vote(.prepare, header, by: 1, counter: counter)
  }
}
