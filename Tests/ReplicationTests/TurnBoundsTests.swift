import Consensus
import XCTest

@testable import Replication

/// What one turn does at most, and that the next follows at once.
final class TurnBoundsTests: XCTestCase {
  private typealias TestReplica = Replica<ScriptedCore, CountingMachine>

  func test_reads_whenTheirAnswersAreManyOrLarge_areSpreadOverTurns() throws {
    for (padding, sizeMax) in [(0, 200), (1_000, 1_300)] {
      var replica = try TestReplica.fixture(answerSizeMax: sizeMax)
      replica.machine.padding = padding
      replica.core.status.leaderContactMicroseconds = 0
      for number: UInt8 in 1...5 {
        replica.read(
          [number],
          level: .stale(maxLagMicroseconds: 1_000),
          atLeast: .zero,
          deadlineMicroseconds: 9_000,
          token: ReplyToken(UInt64(number))
        )
      }

      let turns = [replica.turn(), replica.turn(), replica.turn()]

      XCTAssertEqual(turns.map { $0.replies.map(\.token.rawValue) }, [[1, 2], [3, 4], [5]])
      XCTAssertEqual(turns.map(\.isUnfinished), [true, true, false])
    }
  }

  /// Ids of many decimals take long to be understood, and their answers may be small.
  func test_reads_whenTheirQuestionsAreLong_areSpreadOverTurns() throws {
    var replica = try TestReplica.fixture(answerSizeMax: 20_000)
    replica.core.status.leaderContactMicroseconds = 0
    for number: UInt8 in 1...5 {
      replica.read(
        [UInt8](repeating: number, count: 1_000),
        level: .stale(maxLagMicroseconds: 1_000),
        atLeast: .zero,
        deadlineMicroseconds: 9_000,
        token: ReplyToken(UInt64(number))
      )
    }

    let turns = [replica.turn(), replica.turn()]

    XCTAssertEqual(turns.map { $0.replies.map(\.token.rawValue) }, [[1, 2, 3], [4, 5]])
  }

  /// Else one client with thousands of large reads would hold up everybody for seconds.
  func test_reads_whenOneAsksForMuch_areSharedOutAmongAll() throws {
    var replica = try TestReplica.fixture(answerSizeMax: 200)
    replica.core.status.leaderContactMicroseconds = 0
    func ask(_ number: UInt8, as asker: UInt64) {
      replica.read(
        [number],
        level: .stale(maxLagMicroseconds: 1_000),
        atLeast: .zero,
        deadlineMicroseconds: 9_000,
        token: ReplyToken(UInt64(number), asker: asker)
      )
    }
    for number: UInt8 in 1...6 { ask(number, as: 1) }
    ask(7, as: 2)
    let first = replica.turn()
    ask(8, as: 3)
    ask(9, as: 2)

    let turns = [first] + (0..<4).map { _ in replica.turn() }

    let order = turns.map { $0.replies.map(\.token.rawValue) }
    XCTAssertEqual(order, [[1, 2], [3, 7], [8, 4], [9, 5], [6]])
    XCTAssertEqual(turns.map(\.isUnfinished), [true, true, true, true, false])
  }

  func test_turn_whenMoreIsCommittedThanItMayApply_isUnfinished() throws {
    var replica = try TestReplica.fixture()
    replica.core.effects.hasMoreCommitted = true

    let turns = [replica.turn(), replica.turn()]

    XCTAssertEqual(turns.map(\.isUnfinished), [true, false])
  }
}
