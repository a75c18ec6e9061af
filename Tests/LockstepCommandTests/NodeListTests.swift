import Consensus
import XCTest

@testable import LockstepCommand

final class NodeListTests: XCTestCase {
  func test_nodes_whenListed_becomeSeats() throws {
    let cases: [(text: String, client: [String], peer: [String])] = [
      ("1=a:7301", ["a:7301"], ["a:7302"]),
      ("1=a:7301,2=b:7301", ["a:7301", "b:7301"], ["a:7302", "b:7302"]),
      ("1=a:7301/9000", ["a:7301"], ["a:9000"]),
      ("7=[::1]:1/2", ["[::1]:1"], ["[::1]:2"]),
      ("1=a:65534", ["a:65534"], ["a:65535"]),
    ]

    for (text, client, peer) in cases {
      let seats = try NodeList.parse(text)

      XCTAssertEqual(seats.map(\.clientAddress.description), client, text)
      XCTAssertEqual(seats.map(\.peerAddress.description), peer, text)
    }
  }

  func test_nodes_whenWrong_areRefused() {
    let cases: [(text: String, part: String)] = [
      ("", "'' is no ID=HOST:PORT"), ("a:1", "'a:1' is no ID=HOST:PORT"),
      ("0=a:1", "'0=a:1' is no ID"), ("-1=a:1", "'-1=a:1' is no ID"),
      ("1=a", "port is missing"), ("1=a:x", "the port is a number"), ("1=:1", "host is missing"),
      ("1=a:0", "two different ports"), ("1=a:65535", "two different ports"),
      ("1=a:5/5", "two different ports"), ("1=a:5/0", "two different ports"),
      ("1=a:5/x", "two different ports"), ("1=::1:5", "brackets"),
      ("1=a:1,1=b:1", "the node id n1 appears twice"),
      ("1=a:1,2=a:1", "the address a:1 appears twice"),
      ("1=a:1,2=a:2", "the address a:2 appears twice"),
      ("1=a:1,", "'' is no ID=HOST:PORT"),
      ((1...8).map { "\($0)=a\($0):1" }.joined(separator: ","), "8 nodes, at most 7"),
    ]

    for (text, part) in cases {
      XCTAssertThrowsError(try NodeList.parse(text), text) { error in
        let message = (error as? CommandFailure)?.message ?? ""
        XCTAssertTrue(message.contains(part), "\(text): \(message)")
      }
    }
  }

  func test_peerAddresses_whenListed_areKeptByNode_andWrongOnesRefused() throws {
    let right = try NodeList.parseAddresses("2=a:1,3=[::1]:65535")

    XCTAssertEqual(right, [NodeID(2): "a:1", NodeID(3): "[::1]:65535"])
    let cases: [(text: String, part: String)] = [
      ("", "'' is no ID=HOST:PORT"), ("0=a:1", "'0=a:1' is no ID"), ("1=a", "port is missing"),
      ("1=a:1/2", "the port is a number"), ("1=a:1,1=b:2", "the node id 1 appears twice"),
    ]
    for (text, part) in cases {
      XCTAssertThrowsError(try NodeList.parseAddresses(text), text) { error in
        let message = (error as? CommandFailure)?.message ?? ""
        XCTAssertTrue(message.contains(part), "\(text): \(message)")
      }
    }
  }
}
