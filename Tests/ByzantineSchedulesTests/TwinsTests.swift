import XCTest

@testable import ByzantineSchedules

/// Small searches in seconds; the large ones go through `tools/twins`.
final class TwinsTests: XCTestCase {
  func test_partitions_whenFiveAreOnAtMostThreeSides_areFortyOne() {
    let partitions = TwinsRound.partitions(of: 5)

    XCTAssertEqual(partitions.count, 41)
    XCTAssertEqual(Set(partitions).count, 41)
  }

  func test_search_whenOneOfFourHasATwinForOneRound_findsNothingBroken() {
    var search = TwinsSearch(depth: 1, liars: [0])

    for round in search.rounds.indices { search.play(first: round) }

    XCTAssertNil(search.failure?.problem)
    XCTAssertEqual(search.tally.scenarios, search.rounds.count)
    XCTAssertGreaterThan(search.tally.worlds, 100)
    XCTAssertGreaterThan(search.tally.committedMax, 0)
  }

  func test_search_whenATwinHasSpokenToAnotherSide_isConvictedOnlyOfWhatItSigned() {
    var search = TwinsSearch(depth: 2, liars: [0])
    let split = search.rounds.firstIndex {
      $0.sides == [0, 0, 1, 1, 1] && $0.hops == 9 && $0.impatient == 0
    }

    search.play(first: split ?? 0)

    XCTAssertNil(search.failure?.problem)
    XCTAssertTrue(search.tally.evidence.contains("E1 of 0"))
    XCTAssertTrue(search.tally.evidence.allSatisfy { $0.hasSuffix(" of 0") })
  }

  func test_search_whenRunTwice_comesToTheSame() {
    var searches = [TwinsSearch(depth: 1, liars: [1]), TwinsSearch(depth: 1, liars: [1])]

    for round in searches[0].rounds.indices {
      searches[0].play(first: round)
      searches[1].play(first: round)
    }

    XCTAssertEqual(searches[0].tally.worlds, searches[1].tally.worlds)
  }

  func test_four_whenTwinsOfLongScenariosAreConnected_goOn() {
    for seed in ScheduleSettings.seeds(20) { play(seed, replicas: 4) }
  }

  func test_seven_whenTwinsOfLongScenariosAreConnected_goOn() {
    for seed in ScheduleSettings.seeds(4) { play(seed, replicas: 7) }
  }

  private func play(_ seed: UInt64, replicas: Int) {
    guard ScheduleSettings.sizes.contains(replicas) else { return }
    let sample = TwinsSample(seed: seed, replicas: replicas, depth: 12)

    let world = sample.play()

    XCTAssertNil(
      world.judge.problem,
      "seed \(seed), \(world.standing): \(sample.rounds.map(\.text))"
    )
  }
}
