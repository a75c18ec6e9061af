import ClientProtocol
import Consensus
import SymbolicCrypto
import Transport
import XCTest

@testable import LockstepClient

final class ByzantineStatusTests: XCTestCase {
  private let credentials = ClusterCredentials(
    cluster: ClusterID(high: 1, low: 2),
    nodes: (1...4).map {
      .init(id: UInt32($0), address: SocketAddress(host: "a", port: UInt16($0)))
    },
    signer: SymbolicKeys(count: 1, seed: 1).signers[0],
    digester: PureSHA256(),
    prepare: { { _ in nil } }
  )

  private func status(_ id: UInt32, view: UInt64) -> Result<NodeStatus, LockstepError> {
    var status = NodeStatus(id: id, processID: 1, role: .leader, term: view)
    status.byzantine = .init(view: view, primary: 1, isActive: true)
    return .success(status)
  }

  func test_status_whenOneLies_believesNeitherItsViewNorItsName() {
    let results = [
      ("a:1", status(1, view: 6)), ("a:2", status(2, view: 5)), ("a:3", status(4, view: 1_000)),
      ("a:4", status(4, view: 6)),
    ]

    let whole = ClusterStatus(results, of: credentials)
    let loud = ClusterStatus(
      [("a:1", status(1, view: 6)), ("a:4", status(4, view: 1_003))],
      of: credentials
    )

    XCTAssertEqual(whole.leader, 3, "view 6 of nodes 1 to 4")
    XCTAssertEqual(whole.nodes.map { $0.figures?.byzantine?.view }, [6, 5, nil, 6])
    XCTAssertEqual(loud.leader, 3, "the second highest of two")
    XCTAssertEqual(whole.cluster, "00000000000000010000000000000002")
  }

  func test_status_whenTooFewAnswer_namesNoLeader() {
    let alone = ClusterStatus([("a:1", status(1, view: 6))], of: credentials)

    XCTAssertNil(alone.leader)
    XCTAssertEqual(alone.nodes.count, 4)
  }
}
