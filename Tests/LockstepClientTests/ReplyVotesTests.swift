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

  func test_words_whenLargeAndManyOfOneNode_leaveOnlyDigests() {
    let large = [UInt8](repeating: 7, count: 10_000)
    let text = String(repeating: "x", count: 10_000)
    var status = NodeStatus(id: 1, processID: 1, role: .leader, term: 1)
    status.version = text
    let bodies: [Reply.Body] = [
      .result(large),
      .error(.init(.overloaded, text)),
      .outcome(.committed(large)),
      .status(status),
    ]
    for body in bodies {
      var votes = ReplyVotes()
      for index in UInt64(1)...4 { XCTAssertEqual(votes.note(word(index, body), from: 1), 1) }

      XCTAssertLessThan(size(of: votes), 1_000, "\(body)".prefix(40).description)
      XCTAssertEqual(votes.heardCount, 1)
    }
  }

  func test_words_whenAFateIsLarge_areToldApartFromResults() {
    var votes = ReplyVotes()
    let answer = [UInt8](repeating: 7, count: 2_000)

    XCTAssertEqual(votes.note(word(1, .outcome(.committed(answer))), from: 1), 1)
    XCTAssertEqual(votes.note(word(1, .result(answer)), from: 2), 1)
    XCTAssertEqual(votes.note(word(1, .outcome(.committed(answer + [1]))), from: 3), 1)
    XCTAssertEqual(votes.note(word(1, .outcome(.committed(answer))), from: 4), 2)
  }

  /// The bytes and characters that a value holds, however deep.
  private func size(of value: Any) -> Int {
    if let bytes = value as? [UInt8] { return bytes.count }
    if let text = value as? String { return text.utf8.count }
    return Mirror(reflecting: value).children.reduce(0) { $0 + size(of: $1.value) }
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
