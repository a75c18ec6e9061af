import Consensus
import Wire
import XCTest

@testable import StateTree

final class StateMessageTests: XCTestCase {
  private static let digest = SampleState.digester.digest(of: [1], domain: .leaf)

  private static let messages: [StateMessage] = [
    .ask(number: 0, wants: []),
    .ask(
      number: 7,
      wants: [
        StateWant(digest: digest, place: .head),
        StateWant(digest: digest, place: .node(table: nil, path: [])),
        StateWant(digest: digest, place: .node(table: nil, path: [1, 15])),
        StateWant(digest: digest, place: .node(table: [1, 2], path: [0])),
        StateWant(digest: digest, place: .value(table: [], key: [9])),
      ]
    ),
    .answer(number: .max, pieces: []),
    .answer(number: 3, pieces: [nil, StatePiece(.leaf, [1, 2]), StatePiece(.value, [])]),
  ]

  func test_message_whenWrittenAndRead_isTheSame() throws {
    for message in Self.messages {
      XCTAssertEqual(try StateMessage(decoding: message.encoded()), message)
    }
  }

  func test_message_whenCutAnywhere_isRefused() {
    for message in Self.messages {
      let bytes = message.encoded()
      for count in 0..<bytes.count {
        XCTAssertThrowsError(try StateMessage(decoding: Array(bytes[..<count])))
      }
    }
  }

  func test_message_whenAnyBitIsFlipped_isRefusedOrAnother() {
    for message in Self.messages {
      let bytes = message.encoded()
      for bit in 0..<bytes.count * 8 {
        var flipped = bytes
        flipped[bit / 8] ^= 1 << UInt8(bit % 8)
        guard let read = try? StateMessage(decoding: flipped) else { continue }
        XCTAssertNotEqual(read, message)
        XCTAssertEqual(read.encoded(), flipped)
      }
    }
  }

  func test_message_whenItAsksForTooMuch_isRefused() {
    let want = StateWant(digest: Self.digest, place: .head)
    let wants = Array(repeating: want, count: StateMessage.wantsMax + 1)

    XCTAssertThrowsError(
      try StateMessage(decoding: StateMessage.ask(number: 1, wants: wants).encoded())
    )
  }

  func test_page_whenAnyBitIsFlipped_isRefusedOrAnother() throws {
    var state = SampleState(seed: 4)
    for number in 0..<5 { state.put("key \(number)", size: number * 90, in: "t") }
    let tree = state.tree()
    let root = try XCTUnwrap(tree.table(SampleState.bytes("t"), SampleState.digester)?.root)
    let page = StatePiece(root.content).bytes

    for bit in 0..<page.count * 8 {
      var flipped = page
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      guard let entries = try? PageEntry.entries(in: flipped) else { continue }
      XCTAssertLessThanOrEqual(entries.count, TrieNode.leafMax)
    }
    for count in 0..<page.count {
      XCTAssertThrowsError(try PageEntry.entries(in: Array(page[..<count])))
    }
  }
}
