import Consensus
import XCTest

@testable import Raft

/// Every partial partition of five nodes, up to symmetry, with every node as the leader before it.
///
/// Where some node still reaches a quorum, a leader must be found, keep its office, and terms
/// must stand still (plain Raft changes leaders for ever in several of them).
final class PartialPartitionTests: XCTestCase {
  func test_partialPartitions_whenANodeReachesAQuorum_haveAStableLeader() {
    for graph in Graph.all(of: 5) {
      for leader in 1...5 {
        let cluster = TestCluster(5)
        cluster.call(leader) { $0.fireElectionTimer() }
        cluster.settle()
        cluster.cuts = Set(cluster.links.filter { !graph.hasEdge($0.from, $0.to) })

        cluster.run(milliseconds: 1_500)
        let leading = cluster.leading
        let term = cluster.termMax
        cluster.run(milliseconds: 1_500)

        let name = "graph \(graph.edges), leader \(leader)"
        XCTAssertEqual(cluster.violations, [], name)
        XCTAssertEqual(leading.isEmpty, !graph.hasNodeWithQuorum, name)
        XCTAssertEqual(cluster.leading, leading, name)
        XCTAssertEqual(cluster.termMax, term, name)
        XCTAssertLessThan(term, 8, name)
      }
    }
  }
}

/// An undirected graph of nodes 1, 2, …; bit k of `edges` is the k-th pair.
private struct Graph: Hashable {
  let count: Int
  let edges: Int

  static func place(_ first: Int, _ second: Int) -> Int {
    let high = max(first, second)
    return (high - 1) * (high - 2) / 2 + min(first, second) - 1
  }

  func hasEdge(_ first: Int, _ second: Int) -> Bool {
    edges >> Self.place(first, second) & 1 == 1
  }

  var hasNodeWithQuorum: Bool {
    (1...count).contains { node in
      (1...count).count { $0 == node || hasEdge(node, $0) } > count / 2
    }
  }

  /// One graph of each shape.
  static func all(of count: Int) -> [Graph] {
    let orders = permutations(Array(1...count))
    return (0..<(1 << (count * (count - 1) / 2))).map { Graph(count: count, edges: $0) }
      .filter { graph in orders.allSatisfy { graph.edges <= graph.renamed($0) } }
  }

  private func renamed(_ order: [Int]) -> Int {
    var result = 0
    for high in 2...count {
      for low in 1..<high where hasEdge(low, high) {
        result |= 1 << Self.place(order[low - 1], order[high - 1])
      }
    }
    return result
  }

  private static func permutations(_ items: [Int]) -> [[Int]] {
    guard let last = items.last else { return [[]] }
    return permutations(items.dropLast()).flatMap { shorter in
      (0...shorter.count).map { place in
        var longer = shorter
        longer.insert(last, at: place)
        return longer
      }
    }
  }
}
