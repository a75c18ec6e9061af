import ClientProtocol
import Foundation
import Transport
import XCTest

@testable import Server

/// Crowds of clients: they are bounded, and they never cost an election (C3f, C4f).
final class LoadTests: ServerTestCase {
  func test_flood_ofValuesAtTheLimit_costsNoElection() throws {
    try withCluster(of: 3, segmentSizeBytes: 16 << 20) { cluster in
      let observer = try leaderClient(of: cluster)
      let session = try openSession(observer)
      let termBefore = try status(of: observer).term
      let value = [UInt8](repeating: 7, count: 1 << 20)
      let sessions = try (0..<64).map { try openSession(observer, nonce: 1_000 + UInt64($0)) }
      let crowd = try (0..<64).map { number -> Flood in
        let client = try client(of: cluster, UInt32(number % 3 + 1))
        let own = sessions[number]
        let requests = (1...4).flatMap { sequence -> [Request] in
          let put = Command.Operation.kvPut(key: [UInt8(number)], value: value)
          let read = Query(.kvGet(Place(collection: "kv"), key: [UInt8(number)])).encoded()
          return [
            .write(request(own, UInt64(sequence), put)),
            .read(ReadRequest(.linearizable, query: read)),
          ]
        }
        return try Flood(client, requests)
      }

      // A small write beside the crowd: it may be refused, but every one has an answer.
      var sequence: UInt64 = 0
      while !crowd.allSatisfy(\.isDone) {
        sequence += 1
        _ = try observer.ask(.write(request(session, sequence, .kvPut(key: [255], value: []))))
      }
      let answers = crowd.map { $0.finish() }
      let status = try status(of: observer)

      XCTAssertEqual(status.term, termBefore, "the crowd cost an election")
      XCTAssertEqual(answers.map(\.count), [Int](repeating: 8, count: 64), "all are answered")
      let refused = answers.joined().compactMap { $0 }
      XCTAssertTrue(refused.allSatisfy(\.isRetryable), "\(Set(refused))")
    }
  }

  func test_idleConnections_inThousands_costLittleMemory() throws {
    try withCluster(of: 1, options: { $0.connectionsMax = 6_000 }) { cluster in
      let observer = try leaderClient(of: cluster)
      try XCTSkipIf(DescriptorLimit.raised() < 11_000, "needs 11,000 descriptors")
      let address = cluster.configuration.seats[0].clientAddress
      let before = try residentBytes()

      var crowd: [BlockingClient] = []
      for _ in 0..<5_000 { crowd.append(try BlockingClient(address)) }
      for client in crowd { try client.say(Hello(speaker: .client(name: "idle"))) }
      for client in crowd { try client.takeAck() }
      let written = try write(observer, openSession(observer), 1, .kvPut(key: [1], value: [1]))
      let grown = try residentBytes() - before

      guard case .written = written else { return XCTFail("\(written)") }
      XCTAssertEqual(try status(of: observer).connections, 5_001)
      XCTAssertLessThan(grown, 60 << 20, "12 KiB for both ends of each")
    }
  }

  private func residentBytes() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return try XCTUnwrap(pages) * 4_096
  }
}

/// Sends everything in one go and takes the answers on a thread of its own.
private final class Flood: @unchecked Sendable {
  private let client: BlockingClient
  private let taking: Taking
  private var sender: WorkerThread?

  init(_ client: BlockingClient, _ requests: [Request]) throws {
    self.client = client
    taking = try Taking(client, count: requests.count)
    sender = try WorkerThread.start(name: "flood") { [self] in
      do { try self.client.post(requests, flags: .mayForward, deadlineMilliseconds: 30_000) } catch
      { return }
    }
  }

  var isDone: Bool { taking.isDone }

  /// For each answer the code, if it was a refusal.
  func finish() -> [ErrorCode?] {
    sender?.join()
    let count = taking.finish()
    let refusals: [ErrorCode?] = taking.refusals
    return refusals + [ErrorCode?](repeating: nil, count: count - refusals.count)
  }
}
