import Consensus
import XCTest

@testable import Simulation

final class SimulatedNetworkTests: XCTestCase {
  private let bytes = [UInt8](0..<100)

  private var frame: PeerFrame {
    PeerFrame(
      from: 0,
      to: 1,
      sender: Member(id: NodeID(1), incarnation: Incarnation(1)),
      recipient: Member(id: NodeID(2), incarnation: Incarnation(2)),
      bytes: bytes,
      connection: nil
    )
  }

  func test_N2_network_whenFramesAreCorrupted_saysWhichAndKeepsTheOthers() {
    var network = SimulatedNetwork(nodeCount: 2, random: RandomSource(seed: 1))
    network.weather.corruptionPermille = 500
    var faults = FaultCounts()
    var changed = 0
    for time in 0..<200 {
      for delivery in network.carry(frame, at: UInt64(time), &faults) {
        XCTAssertEqual(delivery.frame.damage == .none, delivery.frame.bytes == bytes)
        changed += delivery.frame.damage == .changed ? 1 : 0
      }
    }

    XCTAssertGreaterThan(changed, 50)
  }

  func test_N3_network_whenAConnectionBreaks_cutsOneFrameAndLosesWhatIsOnItsWay() throws {
    var network = SimulatedNetwork(nodeCount: 2, random: RandomSource(seed: 1))
    var faults = FaultCounts()
    let early = try XCTUnwrap(network.carry(frame, at: 0, &faults).first).frame
    network.breakNext(from: 0, to: 1)

    let cut = try XCTUnwrap(network.carry(frame, at: 1, &faults).first).frame
    network.reset(0, 1)
    let late = try XCTUnwrap(network.carry(frame, at: 2, &faults).first).frame

    XCTAssertEqual(cut.damage, .cutOff)
    XCTAssertEqual(cut.bytes, Array(bytes.prefix(cut.bytes.count)))
    XCTAssertFalse(network.isConnected(early))
    XCTAssertTrue(network.isConnected(late))
    XCTAssertEqual(late.bytes, bytes)
  }
}
