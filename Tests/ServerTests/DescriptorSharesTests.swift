import XCTest

@testable import Server

final class DescriptorSharesTests: XCTestCase {
  func test_shares_ofAnyLimit_leaveRoomForTheJournal() {
    let table: [(descriptors: Int, clients: Int, peers: Int)] = [
      (100, 1, 1), (194, 1, 1), (256, 48, 16), (1_024, 624, 208), (4_096, 2_928, 976),
      (11_215, 9_999, 1_024), (11_216, 10_000, 1_024), (1_048_576, 10_000, 1_024),
    ]

    for (descriptors, clients, peers) in table {
      let shares = DescriptorShares(of: descriptors, clientsMax: 10_000, peersMax: 1_024)

      XCTAssertEqual(shares.clients, clients, "\(descriptors)")
      XCTAssertEqual(shares.peers, peers, "\(descriptors)")
      if descriptors >= 194 {
        XCTAssertLessThanOrEqual(shares.clients + shares.peers + 192, descriptors)
      }
    }
  }
}
