import ClientProtocol
import Synchronization
import XCTest

@testable import LockstepClient

/// What the client does when a node redirects, breaks off, falls silent or forgets.
final class FailoverTests: XCTestCase {
  func test_write_whenTheNodeNamesTheLeader_goesThere() async throws {
    let leader = try FakeNode(id: 2) { request, _ in Samples.healthy(request, id: 2) }
    defer { leader.stop() }
    let address = leader.address
    let follower = try FakeNode(id: 1) { request, _ in
      .answerNaming(leader: 2, address: address, Samples.refused(.notLeader))
    }
    defer { follower.stop() }

    let written = try await Client.with("lockstep://\(follower.address)") { db in
      try await db.kv.put("k", [1])
    }

    XCTAssertEqual(written.revision, 10)
    XCTAssertEqual(written.servedBy, 2)
    XCTAssertEqual(leader.distinctWrites.count, 1)
  }

  func test_write_whenTheConnectionBreaks_isSentAgainUnderTheSameNumber() async throws {
    let second = try FakeNode(id: 2) { request, _ in Samples.healthy(request, id: 2) }
    defer { second.stop() }
    let first = try FakeNode(id: 1) { request, _ in
      if case .write = request { .disconnect } else { Samples.healthy(request) }
    }
    defer { first.stop() }

    let client = try await Client.connect("lockstep://\(first.address),\(second.address)")
    for _ in 0..<4 { try await client.kv.put("k", [1]) }
    await client.close()

    let all = first.writes + second.writes
    XCTAssertEqual(Set(second.writes.map(\.sequence)), [1, 2, 3, 4], "each arrives once at last")
    XCTAssertEqual(second.distinctWrites.count, 4)
    XCTAssertEqual(Set(all.map(\.session)), [41])
  }

  func test_calls_whenTheLeaderFreezes_goToAnotherNode() async throws {
    let second = try FakeNode(id: 2) { request, _ in
      if case .status = request { .silence } else { Samples.healthy(request, id: 2) }
    }
    defer { second.stop() }
    let first = try FakeNode(id: 1) { request, _ in
      if case .write = request { .freeze } else { Samples.healthy(request) }
    }
    defer { first.stop() }

    let client = try await Client.connect("lockstep://\(first.address),\(second.address)")
    let clock = ContinuousClock()
    let began = clock.now
    try await client.kv.put("k", [1])
    print("a frozen leader cost \(clock.now - began)")
    try await client.kv.put("k", [2])
    await client.close()

    XCTAssertEqual(second.distinctWrites.map(\.sequence), [1, 2])
  }

  func test_write_whenLeadershipIsLost_isSentAgainUnderTheSameNumber() async throws {
    let lost = Atomic<Int>(0)
    let node = try FakeNode { request, _ in
      guard case .write = request, lost.add(1, ordering: .relaxed).newValue <= 3 else {
        return Samples.healthy(request)
      }
      return .answer(Samples.refused(.leadershipLost))
    }
    defer { node.stop() }

    try await Client.with("lockstep://\(node.address)") { db in
      try await db.kv.put("k", [1])
    }

    XCTAssertGreaterThanOrEqual(node.writes.count, 4)
    XCTAssertEqual(node.distinctWrites.map(\.sequence), [1])
  }

  func test_write_whenTheSessionExpiredBeforeIt_opensAnotherUnseen() async throws {
    let opened = Atomic<UInt64>(40)
    let node = try FakeNode { request, _ in
      switch request {
      case .openSession:
        return .answer(.session(opened.add(1, ordering: .relaxed).newValue))
      case .write(let write) where write.session == 41 && write.sequence > 1:
        return .answer(Samples.refused(.sessionExpired))
      default: return Samples.healthy(request)
      }
    }
    defer { node.stop() }

    try await Client.with("lockstep://\(node.address)") { db in
      try await db.kv.put("k", [1])
      try await db.kv.put("k", [2])
    }

    XCTAssertEqual(node.distinctWrites.map(\.session), [41, 41, 42])
    XCTAssertEqual(node.distinctWrites.map(\.sequence), [1, 2, 1])
  }

  func test_write_whenTheSessionExpiredAfterAnUnansweredCopy_hasAnUnknownOutcome() async throws {
    let copies = Atomic<Int>(0)
    let node = try FakeNode { request, _ in
      guard case .write = request else { return Samples.healthy(request) }
      let isFirst = copies.add(1, ordering: .relaxed).newValue == 1
      return .answer(Samples.refused(isFirst ? .leadershipLost : .sessionExpired))
    }
    defer { node.stop() }

    let client = try await Client.connect("lockstep://\(node.address)")
    let error = await failure { try await client.kv.put("k", [1]) }
    await client.close()

    XCTAssertEqual(error?.code, .sessionExpired)
    XCTAssertEqual(error?.outcome, .unknown)
    XCTAssertGreaterThanOrEqual(copies.load(ordering: .relaxed), 2)
  }

  /// A node of an earlier build speaks for itself alone.
  func test_write_whenANodeDoesNotKnowIt_isCertainUnlessACopyIsUnanswered() async throws {
    let unknown = CommandReply.failed(.init(.unknownCommand, "too new")).encoded()
    for copiesLost in 0...1 {
      let copies = Atomic<Int>(0)
      let node = try FakeNode { request, _ in
        guard case .write = request else { return Samples.healthy(request) }
        let isLost = copies.add(1, ordering: .relaxed).newValue <= copiesLost
        return .answer(isLost ? Samples.refused(.leadershipLost) : .result(unknown))
      }
      defer { node.stop() }

      let client = try await Client.connect("lockstep://\(node.address)")
      let error = await failure { try await client.kv.put("k", [1]) }
      await client.close()

      XCTAssertEqual(error?.code, .unknownCommand)
      XCTAssertEqual(error?.outcome, copiesLost == 0 ? .notApplied : .unknown)
    }
  }

  func test_write_whenTheNodeIsOverloaded_isTriedAgain() async throws {
    let tries = Atomic<Int>(0)
    let node = try FakeNode { request, _ in
      guard case .write = request, tries.add(1, ordering: .relaxed).newValue < 3 else {
        return Samples.healthy(request)
      }
      return .answer(.error(.init(.overloaded, "busy", retryAfterMilliseconds: 2)))
    }
    defer { node.stop() }

    try await Client.with("lockstep://\(node.address)") { db in
      try await db.kv.put("k", [1])
    }

    XCTAssertGreaterThanOrEqual(node.writes.count, 3)
    XCTAssertEqual(node.distinctWrites.map(\.sequence), [1])
  }

  func test_answer_whenItComesTwice_isTakenOnce() async throws {
    let node = try FakeNode { request, _ in
      if case .write = request {
        .answerTwice(Samples.written(10))
      } else {
        Samples.healthy(request)
      }
    }
    defer { node.stop() }

    try await Client.with("lockstep://\(node.address)") { db in
      for _ in 0..<3 { try await db.kv.put("k", [1]) }
    }

    XCTAssertEqual(node.distinctWrites.map(\.sequence), [1, 2, 3])
  }

  /// Whichever answered first, it may be the wrong one.
  func test_connect_whenTheURLNamesTwoClusters_isRefused() async throws {
    let first = try FakeNode(id: 1, of: (7, 0)) { request, _ in Samples.healthy(request) }
    defer { first.stop() }
    let other = try FakeNode(id: 2, of: (8, 0)) { request, _ in Samples.healthy(request, id: 2) }
    defer { other.stop() }

    for addresses in ["\(first.address),\(other.address)", "\(other.address),\(first.address)"] {
      // A node that is slow is not waited for; it is not slow each time.
      try await eventually("refusal of \(addresses)") {
        let error = await failure { try await Client.connect("lockstep://\(addresses)").close() }
        return error?.code == .wrongCluster
      }
    }
  }

  /// A node that a running client hears of late, or that has been made anew, ends nothing.
  func test_node_whenOfAnotherClusterAndLate_isNotUsed() async throws {
    let first = try FakeNode(id: 1, of: (7, 0)) { request, _ in Samples.healthy(request) }
    defer { first.stop() }
    let other = try FakeNode(id: 2, of: (7, 0)) { request, _ in Samples.healthy(request) }
    let port = other.port

    let client = try await Client.connect("lockstep://\(first.address),\(other.address)")
    other.stop()
    let stranger = try FakeNode(id: 2, of: (8, port)) { request, _ in
      Samples.healthy(request, id: 2)
    }
    defer { stranger.stop() }
    while stranger.connections == 0 { try await client.kv.put("k", [1]) }
    for _ in 0..<20 { try await client.kv.put("k", [1]) }
    await client.close()

    XCTAssertEqual(stranger.writes.count, 0)
  }

  func test_connect_whenTheNodeRefusesTheHello_saysWhy() async throws {
    for code in [ErrorCode.unsupportedVersion, .wrongCluster] {
      let node = try FakeNode(refusing: code) { _, _ in .silence }
      defer { node.stop() }

      let error = await failure { _ = try await Client.connect("lockstep://\(node.address)") }

      XCTAssertEqual(error?.code, LockstepError.Code(code))
      XCTAssertTrue(error?.message.contains(node.address) ?? false, error?.message ?? "")
    }
  }

  func test_outcome_whenAskedFor_isWhatTheClusterSays() async throws {
    let applied = CommandReply.written(revision: 12, existedBefore: false, id: []).encoded()
    let fates: [(Reply.Fate, WriteOutcome)] = [
      (.committed(applied), .applied(revision: 12)),
      (.neverApplied, .notApplied),
      (.sessionExpired, .sessionExpired),
    ]
    for (fate, expected) in fates {
      let node = try FakeNode { request, _ in
        if case .outcome = request { .answer(.outcome(fate)) } else { Samples.healthy(request) }
      }
      defer { node.stop() }

      let outcome = try await Client.with("lockstep://\(node.address)") { db in
        try await db.outcome(of: WriteID(session: 41, sequence: 3))
      }

      XCTAssertEqual(outcome, expected)
      XCTAssertTrue(node.requests.contains(.outcome(session: 41, sequence: 3)))
    }
  }

  func test_outcome_whenNobodyCanTell_neverSaysThatTheWriteWasNotApplied() async throws {
    // It asks again while there is time, which may be over before the last question is answered.
    let reactions: [(String, FakeNode.Reaction, [ErrorCode])] = [
      ("no answer", .silence, [.deadlineExceeded]),
      ("no leader", .answer(Samples.refused(.noLeader)), [.noLeader, .deadlineExceeded]),
      ("given up", .answer(Samples.refused(.sequenceAnswered)), [.sequenceAnswered]),
    ]
    for (name, reaction, codes) in reactions {
      let node = try FakeNode { request, _ in
        if case .outcome = request { reaction } else { Samples.healthy(request) }
      }
      defer { node.stop() }

      let client = try await Client.connect("lockstep://\(node.address)")
      let error = await failure {
        try await client.outcome(of: WriteID(session: 41, sequence: 3), timeout: .seconds(3))
      }
      await client.close()

      let code = try XCTUnwrap(error?.code, name)
      XCTAssertTrue(codes.map { LockstepError.Code($0) }.contains(code), "\(name): \(code)")
      XCTAssertEqual(error?.outcome, .unknown, name)
    }
  }

  func test_events_whenListenedTo_tellTheStory() async throws {
    let node = try FakeNode { request, _ in Samples.healthy(request) }
    defer { node.stop() }
    let events = EventList()

    let configuration = Client.Configuration { event in events.add(event) }
    let client = try await Client.connect(
      "lockstep://\(node.address)",
      configuration: configuration
    )
    try await client.kv.put("k", [1])
    await client.close()

    let names = events.names
    XCTAssertTrue(names.contains("connected"), "\(names)")
    XCTAssertTrue(names.contains("leader"), "\(names)")
    XCTAssertTrue(names.contains("finished write"), "\(names)")
  }

  func test_client_whenANodeJoinsAndTheLeaderStays_hearsOfIt() async throws {
    try await joins(after: 0)
  }

  /// Members that are gone do not fill a client's list for ever.
  func test_client_whenManyMembersHaveGone_hearsOfTheNext() async throws {
    try await joins(after: 60)
  }

  /// A node joins, after others that nobody is reached at any more.
  private func joins(after goneCount: Int) async throws {
    let newcomer = try FakeNode(id: 2) { request, _ in Samples.healthy(request) }
    let place = newcomer.address
    let statuses = Mutex(0)
    let events = EventList()
    let leader = try FakeNode { request, _ in
      // It joins only when the client has long found its leader.
      guard case .status = request, events.names.count > 100 else {
        return Samples.healthy(request)
      }
      var status = NodeStatus(id: 1, processID: 1, role: .leader, term: 1)
      let round = statuses.withLock { count in
        count += 1
        return count
      }
      status.members = (0..<goneCount).map {
        let gone = "127.0.\(round).\($0 + 2):1"
        return .init(id: 9, incarnation: 9, seat: .voter, clientAddress: gone, peerAddress: gone)
      }
      guard goneCount == 0 || round > 1 else { return .answer(.status(status)) }
      status.members.append(
        .init(id: 2, incarnation: 2, seat: .voter, clientAddress: place, peerAddress: place)
      )
      return .answer(.status(status))
    }
    defer {
      newcomer.stop()
      leader.stop()
    }
    let configuration = Client.Configuration { event in events.add(event) }

    try await Client.with("lockstep://\(leader.address)", configuration: configuration) { db in
      let end = ContinuousClock.now + .seconds(60)
      while events.names.count(where: { $0 == "connected" }) < 2, ContinuousClock.now < end {
        try await db.kv.put("key", [1])
      }
    }

    XCTAssertEqual(events.names.count { $0 == "connected" }, 2)
  }
}

private final class EventList: Sendable {
  private let list = Mutex<[String]>([])

  var names: [String] { list.withLock { $0 } }

  func add(_ event: ClientEvent) {
    let name =
      switch event {
      case .connected: "connected"
      case .contradicted: "contradicted"
      case .disconnected: "disconnected"
      case .leaderChanged: "leader"
      case .retrying: "retrying"
      case .finished(_, let operation, _, _): "finished \(operation)"
      }
    list.withLock { $0.append(name) }
  }
}
