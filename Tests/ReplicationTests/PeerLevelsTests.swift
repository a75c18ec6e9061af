import Consensus
import Replication
import XCTest

/// What all members understand, as their handshakes say (decision 0034).
final class PeerLevelsTests: XCTestCase {
  private static let members = (2...4).map {
    Member(id: NodeID(UInt32($0)), incarnation: Incarnation(UInt64($0)))
  }

  /// All members have shown themselves.
  private func known() -> PeerLevels {
    var levels = PeerLevels()
    levels.keep(Self.members)
    for member in Self.members { levels.note(.own, of: member) }
    return levels
  }

  func test_common_whenTheNodeIsAlone_isItsOwn() {
    var levels = PeerLevels()

    levels.keep([])

    XCTAssertEqual(levels.common, .own)
  }

  func test_common_untilAllHaveShownThemselves_isTheBase() {
    var levels = PeerLevels()
    levels.keep(Self.members)

    for member in Self.members {
      XCTAssertEqual(levels.common, .base)
      levels.note(.own, of: member)
    }

    XCTAssertEqual(levels.common, .own)
  }

  func test_common_whenAMemberComesBackWithAnEarlierBuild_goesDown() {
    var levels = known()

    levels.note(.base, of: Self.members[1])

    XCTAssertEqual(levels.common, .base)
    XCTAssertEqual(levels.level(of: Self.members[1]), .base)
    XCTAssertEqual(levels.level(of: Self.members[0]), .own)
  }

  func test_common_whenAllAreOfLaterBuilds_isStillOurs() {
    var levels = PeerLevels()
    levels.keep([Self.members[0]])

    levels.note(FeatureLevel(900), of: Self.members[0])

    XCTAssertEqual(levels.common, .own)
  }

  func test_common_whenTheLastEarlierBuildLeaves_goesUp() {
    var levels = known()
    levels.note(.base, of: Self.members[2])

    levels.keep(Array(Self.members.prefix(2)))

    XCTAssertEqual(levels.common, .own)
  }

  func test_levels_ofStrangersWithoutEnd_areForgottenBeforeAMembers() {
    var levels = known()

    for number in 1...10_000 as ClosedRange<UInt64> {
      levels.note(.own, of: Member(id: NodeID(9), incarnation: Incarnation(number)))
    }

    XCTAssertEqual(levels.count, Self.members.count + PeerLevels.strangersMax)
    XCTAssertEqual(levels.common, .own)
    let last = Member(id: NodeID(9), incarnation: Incarnation(10_000))
    XCTAssertEqual(levels.level(of: last), .own)
  }
}
