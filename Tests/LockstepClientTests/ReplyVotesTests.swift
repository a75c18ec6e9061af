import ClientProtocol
import XCTest

@testable import LockstepClient

final class ReplyVotesTests: XCTestCase {
  private func word(_ index: UInt64, _ body: Reply.Body = .done) -> ReplyVotes.Word {
    ReplyVotes.Word(index: index, body: body)
  }

  func test_words_whenEqualInAll_proveEachOther() {
    var votes = ReplyVotes()

    XCTAssertEqual(votes.note(word(1), from: 1), 1)
    XCTAssertEqual(votes.note(word(2), from: 2), 1, "another index")
    XCTAssertEqual(votes.note(word(1, .session(1)), from: 3), 1, "another answer")
    XCTAssertEqual(votes.note(word(1), from: 4), 2)

    XCTAssertEqual(votes.dissenters(from: word(1)), [2, 3])
  }

  func test_words_whenOfOneNode_countOnceEach() {
    var votes = ReplyVotes()
    for _ in 0..<5 { XCTAssertEqual(votes.note(word(1), from: 1), 1) }
    XCTAssertEqual(votes.note(word(2), from: 1), 1)

    XCTAssertEqual(votes.note(word(1), from: 2), 2, "it was ordered twice and answered twice")
    XCTAssertEqual(votes.heardCount, 2)
    XCTAssertEqual(votes.dissenters(from: word(2)), [2])
  }

  func test_words_whenLarge_areToldApartByEachByte() {
    var votes = ReplyVotes()
    let answer = [UInt8](repeating: 7, count: 1 << 20)
    var other = answer
    other[1 << 19] = 8

    XCTAssertEqual(votes.note(word(1, .result(answer)), from: 1), 1)
    XCTAssertEqual(votes.note(word(1, .result(other)), from: 2), 1)
    XCTAssertEqual(votes.note(word(1, .result(answer)), from: 3), 2)
    XCTAssertEqual(votes.dissenters(from: word(1, .result(answer))), [2])
  }

  func test_words_whenOneNodeFloods_areForgottenForItAlone() {
    var votes = ReplyVotes()
    XCTAssertEqual(votes.note(word(1), from: 1), 1)
    for index in UInt64(2)..<100 { XCTAssertEqual(votes.note(word(index), from: 2), 1) }

    XCTAssertEqual(votes.note(word(1), from: 3), 2)
    XCTAssertEqual(votes.note(word(2), from: 4), 1, "only its last four are remembered")
  }

  func test_patience_whenAnswersAreSlow_grows() {
    var time = ResponseTime()
    XCTAssertEqual(time.patience(tries: 0), 100_000)
    XCTAssertEqual(time.patience(tries: 2), 400_000)
    XCTAssertEqual(time.patience(tries: 60), 2_000_000)

    for _ in 0..<50 { time.note(microseconds: 200_000) }

    XCTAssertGreaterThanOrEqual(time.patience(tries: 0), 400_000)
    XCTAssertLessThan(time.patience(tries: 0), 420_000)
  }

  /// One that lies cannot speak for those who are still silent.
  func test_fastRead_whenOneNodeSpeaksForAll_waitsForTheOthers() {
    let answer = Reply.Body.result([7])
    var tally = FastRead.Tally(silent: [1, 2, 3, 4])

    for _ in 0..<4 { XCTAssertFalse(tally.take(.done, from: 1, quorum: 3)) }
    XCTAssertEqual(tally.silent, [2, 3, 4])

    XCTAssertFalse(tally.take(answer, from: 1, quorum: 3), "it has spoken")
    XCTAssertFalse(tally.take(answer, from: 2, quorum: 3))
    XCTAssertFalse(tally.take(answer, from: 3, quorum: 3))
    XCTAssertTrue(tally.take(answer, from: 4, quorum: 3))
  }
}
