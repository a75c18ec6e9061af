import Consensus
import XCTest

@testable import Simulation

final class ReferenceSessionsTests: XCTestCase {
  private static let timeout: UInt64 = 1_000

  func test_sessions_whenUsedInTime_stayOpen() {
    var sessions = fixture()
    sessions.follow(entry(2, at: 0, ClientRequest(.register, session: 77)))

    sessions.follow(entry(3, at: 900, ClientRequest(.write, session: 2, sequence: 1)))
    sessions.follow(entry(4, at: 1_899, ClientRequest(.seal, session: 9, sequence: 1)))

    XCTAssertEqual(sessions.count(at: LogIndex(4)), 1)
  }

  func test_sessions_whenTheirTimeIsUp_end() {
    var sessions = fixture()
    sessions.follow(entry(2, at: 0, ClientRequest(.register, session: 77)))

    sessions.follow(entry(3, at: 1_000, ClientRequest(.write, session: 2, sequence: 1)))

    XCTAssertEqual(sessions.count(at: LogIndex(2)), 1)
    XCTAssertEqual(sessions.count(at: LogIndex(3)), 0)
  }

  func test_sessions_whenRegisteredAgainAndClosed_areOneAndGone() {
    var sessions = fixture()
    sessions.follow(entry(2, at: 0, ClientRequest(.register, session: 77)))
    sessions.follow(entry(3, at: 0, ClientRequest(.register, session: 77)))

    sessions.follow(entry(4, at: 0, ClientRequest(.close, session: 2)))

    XCTAssertEqual(sessions.count(at: LogIndex(3)), 1)
    XCTAssertEqual(sessions.count(at: LogIndex(4)), 0)
  }

  func test_sessions_whenThereIsNoRoom_onlyALongIdleOneGivesWay() {
    var sessions = fixture(timeout: .max, sessionsMax: 1)
    sessions.follow(entry(2, at: 0, ClientRequest(.register, session: 77)))

    sessions.follow(entry(3, at: 59_999_999, ClientRequest(.register, session: 78)))
    sessions.follow(entry(4, at: 59_999_999, ClientRequest(.close, session: 3)))
    sessions.follow(entry(5, at: 60_000_000, ClientRequest(.register, session: 79)))
    sessions.follow(entry(6, at: 60_000_000, ClientRequest(.close, session: 5)))

    XCTAssertEqual(sessions.count(at: LogIndex(4)), 1)
    XCTAssertEqual(sessions.count(at: LogIndex(5)), 1)
    XCTAssertEqual(sessions.count(at: LogIndex(6)), 0)
  }

  private func fixture(
    timeout: UInt64 = timeout,
    sessionsMax: UInt32 = 10_000
  ) -> ReferenceSessions {
    var sessions = ReferenceSessions()
    let configuration = ClusterConfiguration(
      seats: [],
      sessionTimeoutMicroseconds: timeout,
      sessionsMax: sessionsMax
    )
    sessions.follow(committed(1, at: 0, .configuration(configuration)))
    return sessions
  }

  private func entry(_ index: UInt64, at logTime: UInt64, _ request: ClientRequest) -> Committed {
    committed(index, at: logTime, .request(request))
  }

  private func committed(
    _ index: UInt64,
    at logTime: UInt64,
    _ payload: Committed.Payload
  ) -> Committed {
    Committed(
      index: LogIndex(index),
      term: Term(1),
      logTimeMicroseconds: logTime,
      wallMilliseconds: 0,
      payload: payload
    )
  }
}
