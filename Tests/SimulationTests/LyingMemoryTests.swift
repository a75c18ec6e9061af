import ClientProtocol
import Consensus
import Wire
import XCTest

@testable import Simulation

/// Whole runs under all faults in which one node's memory is wrong: everything else must hold.
final class LyingMemoryTests: XCTestCase {
  func test_store_whenItsMemoryLies_comesToOtherResultsAndTellsClientsTheTruth() {
    for kind in PlantedLie.Kind.allCases {
      var sound = ObservedStore(cursorSeed: 1)
      var lying = ObservedStore(
        cursorSeed: 1,
        lie: PlantedLie(from: LogIndex(2), error: kind.rawValue)
      )

      let first = (put(1, in: &sound), put(1, in: &lying))
      let isSoundAtFirst = !lying.isLying && lying.resultDigest == sound.resultDigest
      let second = (put(2, in: &sound), put(2, in: &lying))

      XCTAssertTrue(isSoundAtFirst && first.0 == first.1, "\(kind)")
      XCTAssertTrue(lying.isLying, "\(kind)")
      XCTAssertEqual(second.0 == second.1, kind != .reply, "\(kind)")
      XCTAssertEqual(lying.resultDigest == sound.resultDigest, kind == .reply, "\(kind)")
      XCTAssertEqual(lying.stateDigest(), sound.stateDigest(), "\(kind)")
    }
  }

  func test_run_whenOneMemoryLies_keepsEveryPromiseAndFencesItAlone() throws {
    var found = 0
    for seed in 1...4 as ClosedRange<UInt64> {
      var options = RunOptions(nodes: 3)
      // Where members leave, one who lies may come to be the majority.
      options.withoutWeather = [.memberChange]
      let cluster = SimulatedCluster(seed: seed, options)
      cluster.nodes[Int(seed) % 3].lie = PlantedLie(from: LogIndex(60), error: seed)

      XCTAssertNoThrow(try cluster.run(), "seed \(seed)")

      found += cluster.faults.all.first { $0.kind == .lyingMemory }?.count ?? 0
    }
    XCTAssertGreaterThan(found, 0, "a lie that is never found tests nothing")
  }

  private func put(_ index: UInt64, in store: inout ObservedStore) -> CompactBytes {
    let operation = Command.Operation.kvPut(key: [0x6B], value: [0x31, UInt8(index)])
    let command = Command(place: Place(collection: "things"), operation: operation)
    return store.apply(
      Bytes(command.encoded()),
      at: LogPlace(index: LogIndex(index), logTimeMicroseconds: 0, wallMilliseconds: 0)
    )
  }
}
