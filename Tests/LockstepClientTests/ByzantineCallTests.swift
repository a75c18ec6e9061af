import ClientProtocol
import Consensus
import Synchronization
import Transport
import XCTest

@testable import LockstepClient

final class ByzantineCallTests: XCTestCase {
  func test_calls_whenAllAreHonest_areSignedAndAnswered() async throws {
    let expected: [ClientRequest.Kind] = [.register, .write, .read, .close]
    var (asked, others): ([ClientRequest.Kind], Int) = ([], 0)
    // Whoever is slow for a moment has the client ask all; in one round of many nobody is.
    for _ in 0..<20 where asked != expected || others > 0 {
      let cluster = try FakeReplicas()
      defer { cluster.stop() }

      let client = try await cluster.connect()
      let written = try await client.kv.put("colour", [1, 2, 3])
      let read = try await client.kv.get("colour")
      await client.close()

      XCTAssertEqual(read?.value, [1, 2, 3])
      XCTAssertEqual(read?.revision, written.revision)
      asked = cluster.primary.envelopes.flatMap(\.requests).map(\.kind)
      others = cluster.replicas.dropFirst().map(\.envelopes.count).reduce(0, +)
    }

    XCTAssertEqual(asked, expected)
    XCTAssertEqual(others, 0, "the primary alone is asked at first")
  }

  func test_write_whenNodesTellOthersInstead_attachesAgainAndIsAnswered() async throws {
    let cluster = try FakeReplicas()
    defer { cluster.stop() }
    let client = try await cluster.connect()
    _ = try await client.kv.put("colour", [1])
    let session = try XCTUnwrap(cluster.primary.words.last)

    for replica in cluster.replicas { replica.tell(.letGo) }
    _ = try await client.kv.put("colour", [2])
    // Some answer before the others have heard anything.
    let deadline = ContinuousClock.now + .seconds(60)
    func hasComeAgain(to replica: FakeReplica) -> Bool {
      replica.words.count { $0 == session } > 1
    }
    while !cluster.replicas.allSatisfy(hasComeAgain), ContinuousClock.now < deadline {
      try await Task.sleep(for: .milliseconds(1))
    }
    await client.close()

    XCTAssertEqual(cluster.replicas.map(hasComeAgain), [true, true, true, true])
  }

  func test_writes_whenManyWait_sharePackedEnvelopes() async throws {
    let cluster = try FakeReplicas()
    defer { cluster.stop() }

    let client = try await cluster.connect()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in UInt8(0)..<100 {
        group.addTask { _ = try await client.kv.put(Key("key-\(number)"), [number]) }
      }
      try await group.waitForAll()
    }
    await client.close()

    let batches = cluster.world.order.envelopes.map(\.requests)
    let sizes = batches.map(\.count)
    XCTAssertEqual(Set(batches.joined().map(\.key)).count, 102)
    XCTAssertEqual(sizes.max(), 16)
    XCTAssertLessThan(sizes.count, 40)
  }

  func test_read_whenOneLies_isNeverBelieved() async throws {
    let lie: @Sendable (OrderedReply) -> [OrderedReply] = { reply in
      // It says it three times, and once for each index near by: still one node's word.
      (0..<3).map { step in
        var reply = reply
        reply.index += UInt64(step)
        if case .result = reply.body { reply.body = Samples.item([6, 6, 6], revision: 9) }
        return reply
      }
    }
    for liar in UInt32(1)...4 {
      let cluster = try FakeReplicas([liar: .lying(lie)])
      let events = Mutexed<[UInt32]>([])
      let client = try await cluster.connect { event in
        guard case .contradicted(let node, _) = event else { return }
        events.value.withLock { $0.append(node) }
      }

      try await client.kv.put("colour", [1, 2, 3])
      for _ in 0..<5 {
        let read = try await client.kv.get("colour")
        XCTAssertEqual(read?.value, [1, 2, 3])
      }
      await client.close()
      cluster.stop()

      let named = events.value.withLock(\.self)
      XCTAssertTrue(named.allSatisfy { $0 == liar }, "\(named), not \(liar)")
    }
  }

  func test_write_whenThePrimaryIsSilent_goesToAllAndIsAppliedOnce() async throws {
    let cluster = try FakeReplicas([1: .silent])
    defer { cluster.stop() }

    let client = try await cluster.connect()
    for number in UInt8(0)..<4 { try await client.kv.put("k", [number]) }
    let read = try await client.kv.get("k")
    // The others have answered by now; the primary's thread may not have read what it got.
    try await eventually("primary, asked again") { cluster.primary.envelopes.count >= 2 }
    await client.close()

    XCTAssertEqual(read?.value, [3])
    XCTAssertEqual(Set(cluster.world.order.applied.values), [1])
    XCTAssertEqual(cluster.world.order.applied.count, 4)
  }

  func test_calls_whenOneBabbles_areAnsweredByTheOthers() async throws {
    let cluster = try FakeReplicas([1: .babbling])
    defer { cluster.stop() }

    let client = try await cluster.connect()
    try await client.kv.put("k", [1])
    let read = try await client.kv.get("k")
    await client.close()

    XCTAssertEqual(read?.value, [1])
  }

  func test_write_whenMoreLieThanMay_saysThatTheyDisagree() async throws {
    let cluster = try FakeReplicas()
    defer { cluster.stop() }
    let client = try await cluster.connect()
    try await client.kv.put("k", [1])

    for (place, replica) in cluster.replicas.enumerated() {
      replica.tell(
        .behave(
          place == 0
            ? .honest
            : .lying { reply in
              var reply = reply
              reply.index += UInt64(place)
              return [reply]
            }
        )
      )
    }
    let error = await failure { try await client.kv.put("k", [2], timeout: .seconds(3)) }
    await client.close()

    XCTAssertEqual(error?.code, .nodesDisagree)
    XCTAssertEqual(error?.outcome, .unknown)
    XCTAssertEqual(error?.message, "4 of 4 nodes answered, and no 2 of them alike")
  }

  func test_write_whenALiarAndOneOtherAnswer_provesNoDisagreement() async throws {
    let cluster = try FakeReplicas()
    defer { cluster.stop() }
    let client = try await cluster.connect()
    try await client.kv.put("k", [1])

    let lie: @Sendable (OrderedReply) -> [OrderedReply] = { reply in
      var reply = reply
      reply.index += 1
      return [reply]
    }
    cluster.replicas[1].tell(.behave(.lying(lie)))
    for replica in cluster.replicas.dropFirst(2) { replica.tell(.behave(.silent)) }
    let error = await failure { try await client.kv.put("k", [2], timeout: .seconds(3)) }
    await client.close()

    XCTAssertEqual(error?.code, .tooFewAnswers)
    XCTAssertTrue(error?.message.hasPrefix("2 of 4 nodes answered within 3000 ms") ?? false)
  }

  func test_write_whenTooFewAnswer_isUnknownAndCanBeAskedFor() async throws {
    let cluster = try FakeReplicas()
    defer { cluster.stop() }
    let client = try await cluster.connect()
    try await client.kv.put("k", [1])
    for replica in cluster.replicas.dropFirst() { replica.tell(.behave(.silent)) }

    let error = await failure { try await client.kv.put("k", [2], timeout: .seconds(3)) }
    for replica in cluster.replicas { replica.tell(.behave(.honest)) }
    let write = try XCTUnwrap(error?.write)
    let outcome = try await client.outcome(of: write)
    await client.close()

    XCTAssertEqual(error?.code, .tooFewAnswers)
    XCTAssertEqual(error?.outcome, .unknown)
    XCTAssertTrue(error?.message.hasPrefix("1 of 4 nodes answered within 3000 ms") ?? false)
    guard case .applied = outcome else { return XCTFail("\(outcome)") }
  }

  func test_calls_whenMadeRightAfterNoSessionCouldBeOpened_areSentAllTheSame() async throws {
    let calls: [@Sendable (Client, Duration?) async throws -> Void] = [
      { try await $0.kv.put("k", [1], timeout: $1) },
      { _ = try await $0.kv.get("k", timeout: $1) },
    ]
    for call in calls {
      let cluster = try FakeReplicas([2: .silent, 3: .silent, 4: .silent])
      defer { cluster.stop() }
      let client = try await cluster.connect("timeout=2s")

      let first = await failure { try await call(client, nil) }
      for replica in cluster.replicas { replica.tell(.behave(.honest)) }
      let second = await failure { try await call(client, .seconds(30)) }
      await client.close()

      XCTAssertEqual(first?.code, .tooFewAnswers)
      XCTAssertNil(second)
    }
  }

  func test_writes_whenTheSessionEndsUnderUncertainOnes_goOnInTheNext() async throws {
    let cluster = try FakeReplicas([
      1: .registering, 2: .registering, 3: .registering, 4: .registering,
    ])
    defer { cluster.stop() }
    let client = try await cluster.connect("timeout=60s")

    let writes = Task {
      await withTaskGroup(of: LockstepError?.self) { group in
        for number in 0..<300 {
          group.addTask { await failure { try await client.kv.put(Key("k\(number)"), [1]) } }
        }
        return await group.reduce(into: []) { $0.append($1) }.compactMap(\.self)
      }
    }
    // The primary alone has what was sent once.
    var once = Set<RequestKey>()
    try await eventually("second sending") {
      let twice = cluster.replicas[1].writes
      once = cluster.primary.writes
      return !twice.isEmpty && once == twice
    }
    let first = try XCTUnwrap(once.first?.session)
    for replica in cluster.replicas { replica.tell(.behave(.forgetting(session: first))) }
    let errors = await writes.value
    await client.close()

    XCTAssertEqual(Set(errors.map(\.code)), [.sessionExpired])
    XCTAssertLessThanOrEqual(errors.count, 256)
    let others = cluster.world.order.applied.keys.filter { $0.session != first }
    XCTAssertEqual(others.count + errors.count, 300)
  }

  /// Nodes keep a listener for each session that somebody asks about.
  func test_outcome_whenItIsKnown_isNotListenedForAgain() async throws {
    let cluster = try FakeReplicas()
    defer { cluster.stop() }
    let client = try await cluster.connect("timeout=30s")
    try await client.kv.put("k", [1])
    let replica = cluster.primary
    let own = try XCTUnwrap(replica.words.last)

    _ = try await client.outcome(of: WriteID(session: 77, sequence: 1))
    replica.tell(.behave(.babbling))
    try await client.kv.put("k", [2])
    for _ in 0..<500 where replica.words.count(where: { $0 == own }) < 2 {
      try await Task.sleep(for: .milliseconds(20))
    }
    await client.close()

    XCTAssertGreaterThanOrEqual(replica.words.count { $0 == own }, 2)
    XCTAssertEqual(replica.words.count { $0 == 77 }, 1)
  }

  func test_write_whenLargerThanADocument_isRefusedUnsent() async throws {
    let cluster = try FakeReplicas()
    defer { cluster.stop() }
    let client = try await cluster.connect()

    let error = await failure {
      try await client.kv.put("k", [UInt8](repeating: 0, count: (1 << 20) + 8_192))
    }
    await client.close()

    XCTAssertEqual(error?.code, .documentTooLarge)
    XCTAssertEqual(error?.outcome, .notApplied)
    XCTAssertTrue(cluster.world.order.envelopes.isEmpty)
  }

  func test_write_whenEnoughRefuseItForGood_failsAtOnce() async throws {
    let cluster = try FakeReplicas()
    defer { cluster.stop() }
    let client = try await cluster.connect("timeout=30s")
    try await client.kv.put("k", [1])
    for replica in cluster.replicas { replica.tell(.behave(.refusing(.badRequest))) }

    let error = await failure { try await client.kv.put("k", [2]) }
    await client.close()

    XCTAssertEqual(error?.code, .badRequest)
  }

  func test_write_whenNodesAreOverloaded_isTriedAgain() async throws {
    let cluster = try FakeReplicas([1: .refusing(.overloaded)])
    defer { cluster.stop() }

    let client = try await cluster.connect()
    try await client.kv.put("k", [1])
    await client.close()

    XCTAssertEqual(Set(cluster.world.order.applied.values), [1])
  }

  func test_read_whenOneNodeRefusesAllTheTime_andOrderIsSlow_isAnsweredByTheOthers() async throws {
    let cluster = try FakeReplicas([1: .refusing(.overloaded)])
    defer { cluster.stop() }
    let client = try await cluster.connect()
    try await client.kv.put("k", [1])
    cluster.world.delay.withLock { $0 = 250 }

    // Where the answer is later still, it is asked anew; not in each of five rounds.
    var asked = Int.max
    for _ in 0..<5 where asked > 2 {
      let before = cluster.world.order.readsCount
      let found = try await client.kv.get("k")
      XCTAssertEqual(found?.value, [1])
      asked = cluster.world.order.readsCount - before
    }
    await client.close()

    XCTAssertLessThanOrEqual(asked, 2, "asked under one number")
  }

  func test_scan_whenItHasManyPages_readsEachThroughTheOrder() async throws {
    let cluster = try FakeReplicas([3: .lying { [$0, $0] }])
    defer { cluster.stop() }
    let client = try await cluster.connect()
    for number in UInt8(0)..<10 { try await client.kv.put(Key("key-\(number)"), [number]) }

    var values: [[UInt8]] = []
    // A page that is asked for twice, as its answer is late, has taken its cursor with it.
    try await eventually("whole scan") {
      let error = await failure { values = try await client.kv.range().collect().map(\.value) }
      if let error, error.code != .cursorExpired { throw error }
      return error == nil
    }
    await client.close()

    XCTAssertEqual(values, (0..<10).map { [$0] })
    let reads = cluster.world.order.envelopes.flatMap(\.requests).filter { $0.kind == .read }
    let first = try Query(decoding: try XCTUnwrap(reads.first).command.array)
    guard case .kvRange(_, _, let window) = first.question else { return XCTFail("\(first)") }
    XCTAssertEqual(window.pageItems, 1_000, "each page costs an agreement")
  }

  func test_status_whenAsked_isEachNodesOwn() async throws {
    let cluster = try FakeReplicas([2: .silent])
    defer { cluster.stop() }
    let client = try await cluster.connect()

    let status = try await client.cluster.status()
    try await client.cluster.transferLeadership()
    let error = await failure { try await client.cluster.remove(3) }
    await client.close()

    XCTAssertEqual(status.nodes.map(\.id), [1, 2, 3, 4])
    XCTAssertTrue(cluster.primary.requests.contains(.transferLeader(target: 0)))
    XCTAssertEqual(error?.code, .wrongMode)
  }

  func test_transfer_whenAnotherNodeLeads_isAskedOfThatOne() async throws {
    let later: @Sendable (OrderedReply) -> [OrderedReply] = { reply in
      var reply = reply
      reply.view = 1
      return [reply]
    }
    let cluster = try FakeReplicas([2: .lying(later), 3: .lying(later), 4: .lying(later)])
    defer { cluster.stop() }
    let leader = Mutexed<UInt32>(1)
    let client = try await cluster.connect { event in
      guard case .leaderChanged(let node, _) = event else { return }
      leader.value.withLock { $0 = node }
    }
    // Each put ends with two answers; two of these three must have been heard.
    try await eventually("word of view 1") {
      try await client.kv.put("k", [1])
      return leader.value.withLock(\.self) == 2
    }

    try await client.cluster.transferLeadership(to: 3)
    await client.close()

    XCTAssertEqual(cluster.replicas[1].requests, [.transferLeader(target: 3)], "view 1 is its own")
    XCTAssertEqual(cluster.primary.requests, [.transferLeader(target: 3)])
  }

  func test_fastRead_whenThreeAgree_isNotOrdered() async throws {
    let cluster = try FakeReplicas([2: .lying { [$0] }])
    defer { cluster.stop() }
    let client = try await cluster.connect("reads=fast&timeout=30s")
    try await client.kv.put("k", [1])

    // Where one of the three is slow for a moment, a read is ordered after all.
    try await eventually("read without the order") {
      let before = cluster.world.order.readsCount
      let read = try await client.kv.get("k")
      XCTAssertEqual(read?.value, [1])
      return cluster.world.order.readsCount == before
    }
    await client.close()
  }

  func test_fastRead_whenTooFewAgree_isOrdered() async throws {
    let cluster = try FakeReplicas([2: .lying { [$0] }, 3: .silent])
    defer { cluster.stop() }
    let client = try await cluster.connect("reads=fast&timeout=30s")
    try await client.kv.put("k", [1])

    let read = try await client.kv.get("k")
    await client.close()

    XCTAssertEqual(read?.value, [1])
    XCTAssertGreaterThan(cluster.world.order.readsCount, 0)
  }

  func test_connect_whenTheClusterIsAnother_saysSo() async throws {
    let cluster = try FakeReplicas()
    defer { cluster.stop() }

    let error = await failure {
      try await cluster.connect(cluster: ClusterID(high: 1, low: 1))
    }

    XCTAssertEqual(error?.code, .wrongCluster)
  }

  func test_plainClient_whenTheClusterIsOfModeBFT_namesTheMode() async throws {
    let cluster = try FakeReplicas([1: .securing])
    defer { cluster.stop() }

    let error = await failure {
      try await Client.connect("lockstep://127.0.0.1:\(cluster.primary.port)")
    }

    XCTAssertEqual(error?.code, .wrongMode)
    XCTAssertTrue(error?.description.contains("genesis=PATH&key=PATH") ?? false)
  }

  func test_receipt_whenAskedForOften_keepsOneUsefulPartOfEachNode() async throws {
    let (rounds, error) = try await receiptParts([2: .lying { [$0] }])

    XCTAssertEqual(error?.code, .tooFewAnswers)
    XCTAssertGreaterThan(rounds.count, 1)
    for parts in rounds { XCTAssertEqual(Set(parts.map(\.count)).union([1]), [1]) }
    XCTAssertLessThanOrEqual(rounds.map(\.count).max() ?? 0, 3)
    XCTAssertEqual(rounds.last.map(Set.init), [[1], [3], [4]])
  }

  func test_receipt_whenANodeSaysThatTheClientIsClosed_asksTheOthers() async throws {
    for code in [ErrorCode.clientClosed, .cancelled] {
      let (rounds, error) = try await receiptParts([2: .refusing(code)])

      XCTAssertEqual(error?.code, .tooFewAnswers)
      XCTAssertEqual(rounds.last.map(Set.init), [[1], [3], [4]])
    }
  }

  func test_status_whenANodeSaysThatTheClientIsClosed_listsTheOthers() async throws {
    for code in [ErrorCode.clientClosed, .cancelled] {
      let cluster = try FakeReplicas([2: .refusing(code)])
      defer { cluster.stop() }
      let client = try await cluster.connect()

      let status = try await client.cluster.status()
      await client.close()
      let error = await failure { try await client.cluster.status() }

      XCTAssertEqual(status.nodes.count { $0.figures != nil }, 3)
      XCTAssertEqual(error?.code, .clientClosed, "its own word counts")
    }
  }

  /// The parts of which a receipt was to be made, each time that some had come.
  private func receiptParts(
    _ manners: [UInt32: FakeReplica.Manner]
  ) async throws -> (rounds: [[[UInt8]]], error: LockstepError?) {
    let cluster = try FakeReplicas(manners)
    defer { cluster.stop() }
    let rounds = Mutexed<[[[UInt8]]]>([])
    let client = try await cluster.connect(assembleReceipt: { _, parts in
      rounds.value.withLock { $0.append(parts) }
      return nil
    })
    let error = await failure {
      try await client.receipt(of: WriteID(session: 1, sequence: 1), timeout: .seconds(2))
    }
    await client.close()
    return (rounds.value.withLock(\.self), error)
  }

  func test_receipt_whenTheClientIsClosed_saysSoAtOnce() async throws {
    let cluster = try FakeReplicas()
    defer { cluster.stop() }
    let client = try await cluster.connect(assembleReceipt: { _, _ in nil })
    await client.close()
    let began = ContinuousClock.now

    let error = await failure {
      try await client.receipt(of: WriteID(session: 1, sequence: 1), timeout: .seconds(60))
    }

    XCTAssertEqual(error?.code, .clientClosed)
    XCTAssertLessThan(ContinuousClock.now - began, .seconds(30))
  }

  func test_receipt_whenTheTaskIsCancelled_saysSo() async throws {
    let cluster = try FakeReplicas()
    defer { cluster.stop() }
    let client = try await cluster.connect(assembleReceipt: { _, _ in nil })
    let asking = Task {
      await failure {
        try await client.receipt(of: WriteID(session: 1, sequence: 1), timeout: .seconds(60))
      }
    }

    asking.cancel()
    let error = await asking.value
    await client.close()

    XCTAssertEqual(error?.code, .cancelled)
  }

  func test_outcome_whenTheSessionIsUnknown_isThatItExpired() async throws {
    let cluster = try FakeReplicas()
    defer { cluster.stop() }
    let client = try await cluster.connect()

    let outcome = try await client.outcome(of: WriteID(session: 0, sequence: 1))
    await client.close()

    guard case .sessionExpired = outcome else { return XCTFail("\(outcome)") }
  }

  func test_connect_whenTooFewNodesAreUp_saysHowMany() async throws {
    let cluster = try FakeReplicas()
    for replica in cluster.replicas.dropFirst() { replica.stop() }

    let few = await failure { try await cluster.connect() }
    cluster.primary.stop()
    let none = await failure { try await cluster.connect() }

    XCTAssertEqual(few?.code, .tooFewAnswers)
    XCTAssertTrue(few?.message.hasPrefix("1 of 4 nodes can be reached") ?? false)
    XCTAssertEqual(none?.code, .cannotConnect)
  }
}
