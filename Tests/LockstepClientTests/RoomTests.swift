import ClientProtocol
import Synchronization
import Transport
import XCTest

@testable import LockstepClient

/// More than a connection, or a node, takes at once; and ways to a node that are gone.
final class RoomTests: XCTestCase {
  func test_writes_whenMoreBytesAreDueThanAConnectionKeeps_goOneAfterTheOther() async throws {
    let node = try FakeNode { request, _ in Samples.healthy(request) }
    defer { node.stop() }
    let value = [UInt8](repeating: 7, count: 1_000_000)

    try await Client.with("lockstep://\(node.address)?timeout=30s") { db in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for key in 0..<80 { group.addTask { try await db.kv.put(Key("k\(key)"), value) } }
        try await group.waitForAll()
      }
    }

    XCTAssertEqual(Set(node.writes.map(\.sequence)), Set(1...80))
    XCTAssertEqual(node.connections, 1)
  }

  func test_reads_whenTheyAreMoreThanTheNodeTakes_followWhenOthersAreAnswered() async throws {
    let node = try FakeNode(window: 2) { request, _ in Samples.healthy(request) }
    defer { node.stop() }

    try await Client.with("lockstep://\(node.address)?timeout=30s") { db in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for key in 0..<9 { group.addTask { _ = try await db.kv.get(Key("k\(key)")) } }
        try await group.waitForAll()
      }
    }

    // Where the node is silent for a moment, some are sent again.
    let asked: [[UInt8]] = node.requests.compactMap { request in
      if case .read(let read) = request { read.query } else { nil }
    }
    XCTAssertEqual(Set(asked).count, 9)
  }

  func test_calls_whenTheNodeTheyWaitForRoomAtDies_goElsewhere() async throws {
    let clock = ContinuousClock()
    for (end, reaction) in [("dies", FakeNode.Reaction.silence), ("freezes", .freeze)] {
      let first = try FakeNode(id: 1, window: 2) { request, _ in
        if case .write = request { reaction } else { Samples.healthy(request) }
      }
      defer { if end == "freezes" { first.stop() } }
      let leader = first.address
      let second = try FakeNode(id: 2) { request, _ in
        let reaction = Samples.healthy(request, id: 2)
        guard case .answer(let body) = reaction else { return reaction }
        return .answerNaming(leader: 1, address: leader, body)
      }
      defer { second.stop() }
      let url = "lockstep://\(first.address),\(second.address)?timeout=60s"
      let client = try await Client.connect(url)
      _ = try await client.kv.get("k")
      let began = clock.now

      try await withThrowingTaskGroup(of: Void.self) { group in
        for key in 0..<6 { group.addTask { try await client.kv.put(Key("k\(key)"), [1]) } }
        if end == "dies" {
          while first.writes.count < 2, clock.now - began < .seconds(60) { await Task.yield() }
          first.stop()
        }
        try await group.waitForAll()
      }

      XCTAssertLessThan(clock.now - began, .seconds(30), end)
      XCTAssertEqual(Set(second.writes.map(\.sequence)), Set(1...6), end)
      await client.close()
    }
  }

  func test_node_whenTheNameOfItIsLost_isReachedByItsOtherAddress() async throws {
    let own = Mutex("")
    let node = try FakeNode { request, count in
      if case .status = request { return .answer(Samples.status(at: own.withLock { $0 })) }
      return count == 20 ? .disconnect : Samples.healthy(request)
    }
    defer { node.stop() }
    own.withLock { $0 = node.address }
    let name = SocketAddress(host: "node.test", port: node.port)
    let isKnown = Mutex(true)
    var options = DriverOptions(addresses: [name], name: "test", timeoutMicroseconds: 30_000_000)
    options.resolve = { (name) throws(TransportError) in
      guard name.host == "node.test" else { return name }
      guard isKnown.withLock({ $0 }) else {
        throw .hostNotFound(address: "node.test", reason: "gone")
      }
      return SocketAddress(host: "127.0.0.1", port: name.port)
    }

    let core = try ClientCore(options)
    _ = try await core.perform(.connect, timeout: nil)
    isKnown.withLock { $0 = false }
    for _ in 0..<30 { _ = try await core.perform(.read([], .linearizable), timeout: nil) }
    await core.close()

    XCTAssertGreaterThan(node.connections, 2, "by name, by number, and by number again")
  }
}

extension Samples {
  /// A leader's status that names itself as the only member, at this address.
  fileprivate static func status(at address: String) -> Reply.Body {
    var status = NodeStatus(id: 1, processID: 1, role: .leader, term: 1)
    status.members = [
      .init(id: 1, incarnation: 1, seat: .voter, clientAddress: address, peerAddress: address)
    ]
    return .status(status)
  }
}
