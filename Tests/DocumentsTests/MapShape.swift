import XCTest

@testable import Documents

/// What every tree must look like.
enum MapShape {
  /// All leaves equally deep, all nodes but the root at least half full, counts and keys right.
  static func check(_ map: OrderedMap<Int>, _ name: String) {
    var leafDepth: Int?
    let keysMax = OrderedMapNode<Int>.keysMax
    var waiting = [(node: map.root, depth: 0)]
    while let (node, depth) = waiting.popLast() {
      waiting.append(contentsOf: node.children.map { ($0, depth + 1) })
      XCTAssertLessThanOrEqual(node.keys.count, keysMax, name)
      if depth > 0 { XCTAssertGreaterThanOrEqual(node.keys.count, keysMax / 2, name) }
      guard !node.isLeaf else {
        XCTAssertEqual(leafDepth ?? depth, depth, name)
        leafDepth = depth
        XCTAssertEqual(node.count, node.values.count, name)
        XCTAssertEqual(node.keys.count, node.values.count, name)
        continue
      }
      XCTAssertEqual(node.children.count, node.keys.count + 1, name)
      XCTAssertEqual(node.count, node.children.map(\.count).reduce(0, +), name)
      for (index, child) in node.children.enumerated() where child.keys.count > 0 {
        let (first, last) = (child.keys[0], child.keys[child.keys.count - 1])
        if index > 0 { XCTAssertFalse(first.lexicographicallyPrecedes(node.keys[index - 1]), name) }
        guard index < node.keys.count else { continue }
        XCTAssertTrue(last.lexicographicallyPrecedes(node.keys[index]), name)
      }
    }
  }
}
