import ClientProtocol
import Transport
import XCTest

@testable import LockstepClient

final class CallTests: XCTestCase {
  func test_write_whenTheNodeIsHealthy_returnsItsRevision() async throws {
    let node = try FakeNode { request, _ in Samples.healthy(request) }
    defer { node.stop() }

    let written = try await Client.with("lockstep://\(node.address)") { db in
      try await db.kv.put("colour", Array("blue".utf8))
    }

    XCTAssertEqual(written.revision, 10)
    XCTAssertEqual(written.servedBy, 1)
    XCTAssertEqual(node.distinctWrites.map(\.session), [41])
    XCTAssertEqual(node.distinctWrites.map(\.sequence), [1])
    XCTAssertEqual(node.requests.last, .closeSession(session: 41), "the session is given back")
  }

  func test_change_whenConditionalOnRevisionZero_isRefusedAndNeverSent() async throws {
    struct Note: Codable, Sendable { var text: String }
    let node = try FakeNode { request, _ in Samples.healthy(request) }
    defer { node.stop() }
    let client = try await Client.connect("lockstep://\(node.address)")
    let notes = client.collection("notes", of: Note.self)

    let errors = [
      await failure { try await client.kv.delete("k", ifRevision: 0) },
      await failure { try await notes.delete("n", ifRevision: 0) },
      await failure { try await notes.replace(Note(text: "t"), id: "n", ifRevision: 0) },
    ]
    await client.close()

    XCTAssertEqual(errors.map { $0?.code }, Array(repeating: .invalidArgument, count: 3))
    XCTAssertEqual(errors.map { $0?.outcome }, Array(repeating: .notApplied, count: 3))
    XCTAssertEqual(node.writes.count, 0)
  }

  func test_writes_whenAnswered_raiseAnsweredThrough() async throws {
    let node = try FakeNode { request, _ in Samples.healthy(request) }
    defer { node.stop() }

    try await Client.with("lockstep://\(node.address)") { db in
      for _ in 0..<3 { try await db.kv.put("k", [1]) }
    }

    XCTAssertEqual(node.distinctWrites.map(\.sequence), [1, 2, 3])
    XCTAssertEqual(node.distinctWrites.map(\.answeredThrough), [0, 1, 2])
  }

  func test_read_whenAnotherAnswerWasNewer_asksForAtLeastThatRevision() async throws {
    let node = try FakeNode { request, _ in Samples.healthy(request) }
    defer { node.stop() }

    try await Client.with("lockstep://\(node.address)") { db in
      try await db.kv.put("k", [1])
      _ = try await db.kv.get("k", consistency: .stale(maxLag: .milliseconds(300)))
    }

    guard case .read(let read)? = node.requests.first(where: \.isRead) else {
      return XCTFail("no read")
    }
    XCTAssertEqual(read.atLeastRevision, 50)
    XCTAssertEqual(read.consistency, .stale(lagMaxMilliseconds: 300))
  }

  func test_call_whenTheDeadlinePasses_saysThatTheOutcomeIsUnknown() async throws {
    let node = try FakeNode { request, _ in
      if case .write(let write) = request, write.sequence > 1 {
        .silence
      } else {
        Samples.healthy(request)
      }
    }
    defer { node.stop() }

    let client = try await Client.connect("lockstep://\(node.address)")
    // Opens the session, so that the deadline is of the call alone.
    try await client.kv.put("k", [1])
    let error = await failure { try await client.kv.put("k", [2], timeout: .milliseconds(100)) }
    await client.close()

    XCTAssertEqual(error?.code, .deadlineExceeded)
    XCTAssertEqual(error?.outcome, .unknown)
    XCTAssertEqual(error?.write, WriteID(session: 41, sequence: 2))
    let closing = Request.closeSession(session: 41)
    XCTAssertFalse(node.requests.contains(closing), "its outcome can still be asked for")
  }

  func test_write_whenThereIsNoSession_isNotApplied() async throws {
    let node = try FakeNode { request, _ in
      switch request {
      case .openSession: .answer(Samples.refused(.noLeader))
      default: Samples.healthy(request)
      }
    }
    defer { node.stop() }

    let client = try await Client.connect("lockstep://\(node.address)")
    let error = await failure { try await client.kv.put("k", [1], timeout: .seconds(3)) }
    await client.close()

    XCTAssertEqual(error?.code, .noLeader)
    XCTAssertEqual(error?.outcome, .notApplied)
  }

  func test_writes_whenTheSessionEndsUnderUncertainOnes_goOnInTheNext() async throws {
    let sessions = Mutexed<UInt64>(40)
    let isBroken = Mutexed(false)
    let node = try FakeNode { request, _ in
      switch request {
      case .openSession:
        return .answer(
          .session(
            sessions.value.withLock { last in
              last += 1
              return last
            }
          )
        )
      case .write(let write) where write.session == 41:
        return isBroken.value.withLock { isBroken in
          if isBroken { return .answer(Samples.refused(.sessionExpired, outcome: .unknown)) }
          isBroken = write.sequence == Limits.sessionWindow
          return isBroken ? .disconnect : .silence
        }
      default: return Samples.healthy(request)
      }
    }
    defer { node.stop() }

    let client = try await Client.connect("lockstep://\(node.address)?timeout=30s")
    let errors = await withTaskGroup(of: LockstepError?.self) { group in
      for number in 0..<300 {
        group.addTask { await failure { try await client.kv.put(Key("k\(number)"), [1]) } }
      }
      return await group.reduce(into: []) { $0.append($1) }.compactMap(\.self)
    }
    await client.close()

    XCTAssertEqual(errors.map(\.code), Array(repeating: .sessionExpired, count: 256))
    XCTAssertEqual(node.distinctWrites.count { $0.session == 42 }, 44)
  }

  func test_call_whenTheTaskIsCancelled_endsWithoutHarmToTheConnection() async throws {
    let node = try FakeNode { request, _ in
      if case .read = request { .silence } else { Samples.healthy(request) }
    }
    defer { node.stop() }

    let client = try await Client.connect("lockstep://\(node.address)")
    let task = Task { await failure { _ = try await client.kv.get("k") } }
    try await eventually("read") { !node.requests.isEmpty }
    let clock = ContinuousClock()
    let began = clock.now
    task.cancel()
    let error = await task.value
    let took = clock.now - began
    try await client.kv.put("k", [1])
    await client.close()

    XCTAssertEqual(error?.code, .cancelled)
    XCTAssertEqual(error?.outcome, .notApplied, "a read changes nothing")
    print("cancellation took \(took)")
    XCTAssertEqual(node.distinctWrites.count, 1)
  }

  func test_calls_whenManyAreInFlight_shareOneConnectionAndAWindow() async throws {
    let node = try FakeNode { request, _ in Samples.healthy(request) }
    defer { node.stop() }

    let client = try await Client.connect("lockstep://\(node.address)")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<1_000 {
        group.addTask { try await client.kv.put(Key("k\(number)"), [1]) }
      }
      try await group.waitForAll()
    }
    await client.close()

    let writes = node.distinctWrites
    XCTAssertEqual(writes.map(\.sequence).sorted(), Array(1...1_000))
    for write in writes {
      XCTAssertLessThanOrEqual(write.sequence - write.answeredThrough, Limits.sessionWindow)
    }
    XCTAssertEqual(Set(node.requests.compactMap(\.nonce)).count, 1)
  }

  func test_client_whenClosed_refusesFurtherCalls() async throws {
    let node = try FakeNode { request, _ in Samples.healthy(request) }
    defer { node.stop() }

    let client = try await Client.connect("lockstep://\(node.address)")
    await client.close()
    await client.close()
    let error = await failure { try await client.kv.put("k", [1]) }

    XCTAssertEqual(error?.code, .clientClosed)
    XCTAssertEqual(error?.outcome, .notApplied)
  }

  func test_connect_whenNobodyListens_failsAtOnceAndNamesTheAddress() async throws {
    let node = try FakeNode { request, _ in Samples.healthy(request) }
    let address = node.address
    node.stop()

    let error = await failure { _ = try await Client.connect("lockstep://\(address)") }

    XCTAssertEqual(error?.code, .cannotConnect)
    XCTAssertTrue(error?.message.contains(address) ?? false, "\(error?.message ?? "")")
  }

  func test_refusal_whenNotRetryable_arrivesAsItIs() async throws {
    let failed = CommandReply.failed(.init(.revisionConflict, "k is at 9", currentRevision: 9))
    let node = try FakeNode { request, _ in
      if case .write = request {
        .answer(.result(failed.encoded()))
      } else {
        Samples.healthy(request)
      }
    }
    defer { node.stop() }

    let client = try await Client.connect("lockstep://\(node.address)")
    let error = await failure { try await client.kv.put("k", [1], ifRevision: 7) }
    await client.close()

    XCTAssertEqual(error?.code, .revisionConflict)
    XCTAssertEqual(error?.outcome, .notApplied)
    XCTAssertEqual(error?.currentRevision, 9)
    XCTAssertEqual(error?.isRetryable, false)
  }

  /// Somebody else comes in between each time; the deadline finds it reading, so that the outcome
  /// is known.
  func test_modify_whenOthersNeverRest_endsAtItsDeadline() async throws {
    let document: [UInt8] = [12, 0, 0, 0, 0x10, 0x6E, 0, 1, 0, 0, 0, 0]
    let failed = CommandReply.failed(.init(.revisionConflict, "it is at 9", currentRevision: 9))
    let node = try FakeNode { request, count in
      switch request {
      case .read: count > 6 ? .silence : .answer(Samples.item(document))
      case .write: .answer(.result(failed.encoded()))
      default: Samples.healthy(request)
      }
    }
    defer { node.stop() }

    let client = try await Client.connect("lockstep://\(node.address)")
    let error = await failure {
      try await client.collection("c").modify("a", timeout: .seconds(3)) { _ in }
    }
    await client.close()

    XCTAssertGreaterThan(node.writes.count, 1)
    XCTAssertEqual(error?.code, .deadlineExceeded)
    XCTAssertEqual(error?.outcome, .notApplied)
  }
}

/// Waits until something is so, for a minute at most.
func eventually(
  _ what: String,
  file: StaticString = #filePath,
  line: UInt = #line,
  _ isSo: () async throws -> Bool
) async throws {
  let end = ContinuousClock.now + .seconds(60)
  while try await !isSo() {
    guard ContinuousClock.now < end else {
      return XCTFail("no \(what) within a minute", file: file, line: line)
    }
    try await Task.sleep(for: .milliseconds(1))
  }
}

/// The error of a call that should fail.
func failure(_ call: () async throws -> some Any) async -> LockstepError? {
  do {
    _ = try await call()
    return nil
  } catch {
    return error as? LockstepError
  }
}

extension Request {
  var isRead: Bool { if case .read = self { true } else { false } }
  /// What a session is opened under, however often it is asked for.
  var nonce: UInt64? { if case .openSession(let nonce) = self { nonce } else { nil } }
}
