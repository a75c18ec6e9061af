import ClientProtocol
import Foundation
import Transport
import XCTest

@testable import Server

/// Crowds of clients: they are bounded, and they never cost an election (C3f, C4f).
final class LoadTests: ServerTestCase {
  func test_flood_ofValuesAtTheLimit_costsNoElection() throws {
    try withCluster(of: 3, segmentSizeBytes: 16 << 20, options: Self.keepLeader) { cluster in
      // A machine that stops for seconds elects by itself, but not each time.
      var elections: UInt64 = 0
      for round: UInt64 in 1...3 {
        elections = try flood(cluster, nonce: round * 1_000)
        if elections == 0 { break }
      }

      XCTAssertEqual(elections, 0, "the crowd cost an election")
    }
  }

  /// Sends 256 MiB from a crowd, and sees to it that everything is answered.
  ///
  /// - Returns: How many terms began meanwhile.
  private func flood(_ cluster: TestCluster, nonce: UInt64) throws -> UInt64 {
    let observer = try leaderClient(of: cluster)
    let session = try openSession(observer, nonce: nonce)
    let value = [UInt8](repeating: 7, count: 1 << 20)
    let nonces = nonce + 1...nonce + 64
    let sessions = try nonces.map { try openSession(observer, nonce: $0) }
    let termBefore = try status(of: observer).term
    let crowd = try Crowd(
      (0..<64).map { number in
        let address = cluster.configuration.seats[number % 3].clientAddress
        return (address, requests(sessions[number], key: [UInt8(number)], value))
      }
    )

    // A small write beside the crowd: it may be refused, but every one has an answer.
    var sequence: UInt64 = 0
    while !crowd.isDone {
      sequence += 1
      _ = try observer.ask(.write(request(session, sequence, .kvPut(key: [255], value: []))))
    }
    let answers = crowd.finish()

    XCTAssertEqual(answers.map(\.count), [Int](repeating: 8, count: 64), "all are answered")
    let refused = answers.joined().compactMap { $0 }
    XCTAssertTrue(refused.allSatisfy(\.isRetryable), "\(Set(refused))")
    return try status(of: observer).term - termBefore
  }

  func test_idleConnections_inThousands_costLittleMemory() throws {
    try withCluster(of: 1, options: { $0.connectionsMax = 6_000 }) { cluster in
      let observer = try leaderClient(of: cluster)
      try XCTSkipIf(DescriptorLimit.raised() < 11_000, "needs 11,000 descriptors")
      let address = cluster.configuration.seats[0].clientAddress
      let before = try residentBytes()

      var crowd: [BlockingClient] = []
      for _ in 0..<5_000 {
        let client = try BlockingClient(address)
        try client.say(Hello(speaker: .client(name: "idle")))
        crowd.append(client)
      }
      for client in crowd { try client.takeAck() }
      let written = try write(observer, openSession(observer), 1, .kvPut(key: [1], value: [1]))
      let grown = try residentBytes() - before

      guard case .written = written else { return XCTFail("\(written)") }
      XCTAssertEqual(try status(of: observer).connections, 5_001)
      XCTAssertLessThan(grown, 60 << 20, "12 KiB for both ends of each")
    }
  }

  /// Four large writes of a key, each followed by a read of it.
  private func requests(_ session: UInt64, key: [UInt8], _ value: [UInt8]) -> [Request] {
    (1...4).flatMap { sequence -> [Request] in
      let query = Query(.kvGet(Place(collection: "kv"), key: key)).encoded()
      return [
        .write(request(session, UInt64(sequence), .kvPut(key: key, value: value))),
        .read(ReadRequest(.linearizable, query: query)),
      ]
    }
  }

  private func residentBytes() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return try XCTUnwrap(pages) * 4_096
  }
}
