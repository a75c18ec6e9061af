/// Which transaction must come before which, and why; its cycles contradict every order.
struct DependencyGraph {
  /// Why one comes before another (Adya, "Weak Consistency", 1999, §3.1).
  enum Reason: Int, Comparable {
    /// It appended what stands just before the other's append.
    case writeWrite
    /// The other found what it appended.
    case writeRead
    /// It found the list as it was before the other's append.
    case readWrite
    /// It had ended when the other began.
    case realTime

    static func < (left: Reason, right: Reason) -> Bool { left.rawValue < right.rawValue }
  }

  /// One reason for an order.
  struct Edge {
    let to: Int
    let reason: Reason
    /// The list concerned; nil for real time.
    let key: HistoryValue?
  }

  /// Nodes, each with the edge that leads to the next.
  typealias Cycle = [(node: Int, edge: Edge)]

  private(set) var edges: [[Edge]]
  private let isTimeOver: @Sendable () -> Bool

  init(count: Int, isTimeOver: @escaping @Sendable () -> Bool = { false }) {
    edges = [[Edge]](repeating: [], count: count)
    self.isTimeOver = isTimeOver
  }

  /// Notes that one comes before another; nothing comes before itself by its own doing.
  mutating func add(_ from: Int, _ edge: Edge) {
    guard from != edge.to else { return }
    edges[from].append(edge)
  }

  /// A node without a transaction, for the order of time.
  mutating func addNode() -> Int {
    edges.append([])
    return edges.count - 1
  }

  /// All nodes, each behind those that come before it; only if there are no cycles.
  func order() -> [Int] {
    var waitsFor = [Int](repeating: 0, count: edges.count)
    for edge in edges.joined() { waitsFor[edge.to] += 1 }
    var order = edges.indices.filter { waitsFor[$0] == 0 }
    var place = 0
    while place < order.count {
      for edge in edges[order[place]] {
        waitsFor[edge.to] -= 1
        if waitsFor[edge.to] == 0 { order.append(edge.to) }
      }
      place += 1
    }
    return order
  }

  /// The groups of nodes that can all reach each other by these reasons, of two or more (Tarjan
  /// 1972, without recursion), each in ascending order.
  func cyclicGroups(using reasons: Set<Reason>) -> [[Int]] {
    var search = ComponentSearch(edges.map { $0.filter { reasons.contains($0.reason) }.map(\.to) })
    return search.run()
  }

  /// Cycles are looked for from so many nodes of a group at most.
  private static let startsMax = 256
  /// Whether the time is over is asked once in so many nodes.
  private static let stride = 1_024

  /// A short cycle within a group that uses only these reasons, and `once` exactly once if given.
  ///
  /// Without `once` there is one in every group of these reasons, and it is found if there is time.
  /// With it there may be one that is not found, where it can begin in more nodes than are tried.
  func cycle(
    in group: [Int],
    using reasons: Set<Reason>,
    once: Reason? = nil
  ) -> Cycle? {
    let members = Set(group)
    var best: Cycle?
    var startsLeft = Self.startsMax
    for start in group where startsLeft > 0 {
      let firsts = edges[start].filter {
        members.contains($0.to) && (once == nil ? reasons.contains($0.reason) : $0.reason == once)
      }
      if !firsts.isEmpty { startsLeft -= 1 }
      for first in firsts {
        guard !isTimeOver() else { return best }
        guard let path = path(from: first.to, to: start, members, reasons) else { continue }
        if path.count + 1 < best?.count ?? .max { best = [(start, first)] + path }
        if best?.count == 2 { return best }
      }
    }
    return best
  }

  private func path(
    from start: Int,
    to goal: Int,
    _ members: Set<Int>,
    _ reasons: Set<Reason>
  ) -> [(node: Int, edge: Edge)]? {
    var arrivals: [Int: (node: Int, edge: Edge)] = [:]
    var queue = [start]
    var place = 0
    while place < queue.count {
      let node = queue[place]
      place += 1
      if node == goal { break }
      if place % Self.stride == 0, isTimeOver() { return nil }
      for edge in edges[node]
      where members.contains(edge.to) && reasons.contains(edge.reason) && edge.to != start
        && arrivals[edge.to] == nil
      {
        arrivals[edge.to] = (node, edge)
        queue.append(edge.to)
      }
    }
    guard start == goal || arrivals[goal] != nil else { return nil }
    var path: [(node: Int, edge: Edge)] = []
    var node = goal
    while node != start, let arrival = arrivals[node] {
      path.append(arrival)
      node = arrival.node
    }
    return path.reversed()
  }
}

/// Tarjan's search for strongly connected components.
private struct ComponentSearch {
  private let edges: [[Int]]
  private var number = 0
  private var numbers: [Int]
  private var lowest: [Int]
  private var isOnStack: [Bool]
  private var stack: [Int] = []
  private var groups: [[Int]] = []

  /// By node: where its edges lead.
  init(_ edges: [[Int]]) {
    self.edges = edges
    numbers = [Int](repeating: -1, count: edges.count)
    lowest = numbers
    isOnStack = [Bool](repeating: false, count: edges.count)
  }

  mutating func run() -> [[Int]] {
    for node in edges.indices where numbers[node] < 0 { visit(node) }
    return groups
  }

  private mutating func visit(_ root: Int) {
    var path: [(node: Int, next: Int)] = []
    open(root, &path)
    while let (node, next) = path.last {
      guard next < edges[node].count else {
        path.removeLast()
        close(node)
        if let parent = path.last?.node { lowest[parent] = min(lowest[parent], lowest[node]) }
        continue
      }
      path[path.count - 1].next += 1
      let target = edges[node][next]
      if numbers[target] < 0 {
        open(target, &path)
      } else if isOnStack[target] {
        lowest[node] = min(lowest[node], numbers[target])
      }
    }
  }

  private mutating func open(_ node: Int, _ path: inout [(node: Int, next: Int)]) {
    numbers[node] = number
    lowest[node] = number
    number += 1
    stack.append(node)
    isOnStack[node] = true
    path.append((node, 0))
  }

  private mutating func close(_ node: Int) {
    guard lowest[node] == numbers[node] else { return }
    var group: [Int] = []
    while let member = stack.popLast() {
      isOnStack[member] = false
      group.append(member)
      if member == node { break }
    }
    if group.count > 1 { groups.append(group.sorted()) }
  }
}
