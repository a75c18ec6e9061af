import Consensus
import SymbolicCrypto
import Wire
import XCTest

@testable import StateTree

final class StateTreeTests: XCTestCase {
  private let digester = SampleState.digester

  func test_root_whenTheSameStateCameAboutInAnyOrder_isTheSame() {
    var state = SampleState(seed: 7)
    state.changeAtRandom(times: 2_000)

    let roots = (1...8).map { state.tree(shuffledBy: $0).root }

    XCTAssertEqual(Set(roots).count, 1)
  }

  func test_root_whenChangedBatchByBatch_isTheRootFromScratch() {
    for seed in 1...4 as ClosedRange<UInt64> {
      var state = SampleState(seed: seed)
      var tree = state.tree()
      for batch in 0..<20 {
        state.changeAtRandom(times: batch * 7 % 90, keys: seed % 2 == 0 ? 60 : 2_000)

        tree = tree.changed(by: state.takeChanges(), head: [1, 2, 3], using: digester)

        XCTAssertEqual(tree.root, state.tree().root, "seed \(seed), batch \(batch)")
      }
      XCTAssertEqual(tree.tables, state.tree().tables)
    }
  }

  func test_root_whenEverythingWasUndone_isWhatItWas() {
    var state = SampleState(seed: 3)
    for number in 0..<200 { state.put("key \(number)", size: 20, in: "t") }
    let before = state.tree()
    let undone = state.stateTables(shuffledBy: 5)

    state.changeAtRandom(times: 500)
    var after = before.changed(by: state.takeChanges(), head: [9], using: digester)
    let back =
      after.tables.map { StateChange.dropTable(name: $0.name) }
      + undone.flatMap { table in
        [StateChange.makeTable(name: table.name, head: table.head)]
          + table.entries.map { .put($0, table: table.name) }
      }
    after = after.changed(by: back, head: [1, 2, 3], using: digester)

    XCTAssertEqual(after.root, before.root)
  }

  func test_root_whenAnythingDiffers_differs() {
    var state = SampleState(seed: 1)
    state.put("a", size: 10, in: "t")
    state.put("b", size: 500, in: "t")
    let tree = state.tree()
    let entry = StateEntry(key: SampleState.bytes("a"), stamp: 2, value: [1])
    let name = SampleState.bytes("t")
    let changes: [[StateChange]] = [
      [.put(entry, table: name)],
      [.put(StateEntry(key: entry.key, stamp: 3, value: [1]), table: name)],
      [.put(StateEntry(key: entry.key, stamp: 2, value: [2]), table: name)],
      [.put(StateEntry(key: SampleState.bytes("c"), stamp: 2, value: [1]), table: name)],
      [.remove(key: entry.key, table: name)],
      [.remove(key: SampleState.bytes("b"), table: name)],
      [.dropTable(name: name)],
      [.makeTable(name: SampleState.bytes("u"), head: [])],
      [.makeTable(name: SampleState.bytes("u"), head: [1])],
    ]

    var roots = changes.map { tree.changed(by: $0, head: [1, 2, 3], using: digester).root }
    roots += [tree.root, tree.changed(by: [], head: [1, 2], using: digester).root]

    XCTAssertEqual(Set(roots).count, changes.count + 2)
  }

  func test_tree_whenChanged_leavesTheOneBeforeAsItWas() {
    var state = SampleState(seed: 11)
    state.changeAtRandom(times: 1_000)
    let before = state.tree()
    let (root, tables) = (before.root, before.tables)

    state.changeAtRandom(times: 1_000)
    let after = before.changed(by: state.takeChanges(), head: [1, 2, 3], using: digester)

    XCTAssertNotEqual(after.root, root)
    XCTAssertEqual(before.tables, tables)
  }

  func test_node_whenItsEntriesAreFewOrMany_isALeafOrNot() {
    var state = SampleState(seed: 2)
    for number in 0..<1_000 { state.put("key \(number)", size: 3, in: "t") }
    var tree = state.tree()
    check(tree)

    for number in 0..<1_000 where number % 9 != 0 { state.remove("key \(number)", from: "t") }
    _ = state.takeChanges()
    tree = tree.changed(
      by: (0..<1_000).filter { $0 % 9 != 0 }.map {
        .remove(key: SampleState.bytes("key \($0)"), table: SampleState.bytes("t"))
      },
      head: [1, 2, 3],
      using: digester
    )

    check(tree)
    XCTAssertEqual(tree.root, state.tree().root)
    XCTAssertEqual(tree.tables.reduce(0) { $0 + $1.entries.count }, 112)
  }

  func test_root_whenTheStateIsEmpty_isTheOneOfTheFormat() {
    let tree = StateTree(head: [], tables: [], using: digester)

    // SHA-256 of 07, the version 01, 32 zeros and the head's length.
    XCTAssertEqual(
      tree.root,
      digester.digest(of: [1] + [UInt8](repeating: 0, count: 36), domain: .stateHead)
    )
    XCTAssertEqual(tree.tables, [])
  }

  private func check(_ tree: StateTree, line: UInt = #line) {
    let table = tree.table(SampleState.bytes("t"), digester)
    var nodes = [tree.catalog, table?.root].compactMap(\.self)
    while let node = nodes.popLast() {
      switch node.content {
      case .leaf(let entries):
        XCTAssertTrue((1...TrieNode.leafMax).contains(entries.count), line: line)
      case .inner(let children):
        XCTAssertGreaterThan(node.count, TrieNode.leafMax, line: line)
        nodes += children.compactMap(\.self)
      }
    }
  }
}
