import Synchronization
import XCTest

@testable import Transport

final class MailboxTests: XCTestCase {
  func test_mailbox_whenTwoPostsCome_wakesTheLoopOnce() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let mailbox = Mailbox<Int>(waking: fixture.waker)
    let thread = try WorkerThread.start(name: "poster") {
      mailbox.post(1)
      mailbox.post(2)
    }
    thread.join()

    var mail: [Int] = []
    fixture.onMail = { mailbox.take(into: &mail) }
    try fixture.run(until: { !mail.isEmpty })

    XCTAssertEqual(mail, [1, 2])
    XCTAssertEqual(fixture.mailCalls, 1)
    XCTAssertEqual(fixture.loop.turnsCount, 1)
  }

  func test_mailbox_whenManyThreadsPost_losesNothingAndKeepsEachOrder() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let mailbox = Mailbox<(thread: Int, number: Int)>(waking: fixture.waker)
    let threads = try (0..<4).map { thread in
      try WorkerThread.start(name: "poster-\(thread)") {
        for number in 0..<10_000 { mailbox.post((thread, number)) }
      }
    }

    var next = [0, 0, 0, 0]
    var mail: [(thread: Int, number: Int)] = []
    fixture.onMail = {
      mailbox.take(into: &mail)
      for item in mail {
        XCTAssertEqual(item.number, next[item.thread])
        next[item.thread] += 1
      }
    }
    try fixture.run(until: { next == [10_000, 10_000, 10_000, 10_000] })
    for thread in threads { thread.join() }

    mailbox.take(into: &mail)
    XCTAssertTrue(mail.isEmpty)
  }

  func test_mailbox_whenTheLoopSleeps_wakesIt() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let toLoop = Mailbox<Int>(waking: fixture.waker)
    let echo = try Waker()
    let answers = Mailbox<Int>(waking: echo)
    let thread = try WorkerThread.start(name: "ping") {
      guard let other = try? LoopFixture(waker: echo) else { return }
      defer { other.loop.close() }
      var mail: [Int] = []
      other.onMail = {
        answers.take(into: &mail)
        for number in mail { toLoop.post(number + 1) }
        if mail.contains(where: { $0 >= 1_000 }) { other.loop.stop() }
      }
      toLoop.post(0)
      try? other.loop.run(other)
    }

    var mail: [Int] = []
    var last = 0
    fixture.onMail = {
      toLoop.take(into: &mail)
      for number in mail {
        last = number
        answers.post(number + 1)
      }
    }
    try fixture.run(until: { last >= 1_000 })
    thread.join()

    XCTAssertGreaterThanOrEqual(last, 1_000)
  }

  func test_workerThread_whenJoined_hasRun() throws {
    let result = ResultBox()

    let thread = try WorkerThread.start(name: "a name longer than fifteen") { result.set(7) }
    thread.join()
    thread.join()

    XCTAssertEqual(result.value, 7)
  }
}

private final class ResultBox: Sendable {
  private let stored = Mutex(0)

  var value: Int { stored.withLock { $0 } }

  func set(_ value: Int) { stored.withLock { $0 = value } }
}
