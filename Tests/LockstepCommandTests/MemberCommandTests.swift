import LockstepClient
import XCTest

@testable import LockstepCommand

final class MemberCommandTests: XCTestCase {
  func test_hint_whenANodeWasNotAdded_isTheCommandThatDoesIt() async throws {
    var held = node(4)
    held.isHeld = true
    held.replaces = 3
    let table: [(NewNode, mayBeKnown: Bool, String)] = [
      (
        node(4), false,
        "the cluster does not know it yet: lockstep cluster member add 4 h:7301/7302 "
          + "--incarnation 000000000000000a --url lockstep://u"
      ),
      (
        held, true,
        "lockstep cluster member ls --url lockstep://u shows whether the cluster knows it; "
          + "if not: lockstep cluster member replace 3 4 h:7301/7302 "
          + "--incarnation 000000000000000a --held --url lockstep://u"
      ),
    ]

    for (node, mayBeKnown, expected) in table {
      let hint = await JoinCommand.hint(node, at: "lockstep://u", mayBeKnown: mayBeKnown)

      XCTAssertEqual(hint, expected)
      let words = hint.split(separator: ": ").last?.split(separator: " ").dropFirst() ?? []
      let surroundings = Surroundings(environment: [:], readFile: { _ in nil })
      let parser = CommandParser(table: .complete, surroundings: surroundings)
      XCTAssertNoThrow(try parser.parse(words.map(String.init)), hint)
    }
  }

  func test_hint_whenTheURLHasAnAmpersand_isQuotedForAShell() async {
    let url = "lockstep://u?timeout=1s&name=it's"

    let hint = await JoinCommand.hint(node(4), at: url, mayBeKnown: false)

    XCTAssertTrue(hint.hasSuffix(#"--url 'lockstep://u?timeout=1s&name=it'\''s'"#), hint)
  }

  private func node(_ id: UInt32) -> NewNode {
    NewNode(id: id, incarnation: 10, address: "h:7301", peerAddress: "h:7302")
  }
}
