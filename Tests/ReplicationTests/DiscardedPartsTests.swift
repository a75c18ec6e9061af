import Consensus
import XCTest

@testable import Replication

/// What is large and let go of at once is freed by another thread than the loop's.
final class DiscardedPartsTests: XCTestCase {
  private typealias TestReplica = Replica<ScriptedCore, CountingMachine>

  func test_partsOfTheState_whenTheyAreLetGoOf_areFreedElsewhere() throws {
    var replica = try TestReplica.fixture()
    replica.machine.discarded = [[UInt8](repeating: 1, count: 9)]

    let orders = replica.takeSnapshotOrders()

    guard case .discardParts(let parts)? = orders.first else { return XCTFail("no order") }
    XCTAssertEqual(parts.count, 1)
    XCTAssertTrue(replica.takeSnapshotOrders().isEmpty)
  }

  func test_partsOfTheLog_whenTheyAreLetGoOf_areFreedElsewhere() throws {
    var replica = try TestReplica.fixture()
    replica.core.effects.discarded = [[UInt8](repeating: 1, count: 9)]

    _ = replica.turn()
    let orders = replica.takeSnapshotOrders()

    guard case .discardParts(let parts)? = orders.first else { return XCTFail("no order") }
    XCTAssertEqual(parts.count, 1)
    _ = replica.turn()
    XCTAssertTrue(replica.takeSnapshotOrders().isEmpty)
  }
}
