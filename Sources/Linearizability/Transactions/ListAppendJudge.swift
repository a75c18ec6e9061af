/// Judges transactions over lists for strict serializability by their dependencies, in the manner
/// of Elle (Kingsbury and Alvaro, VLDB 2020) with the names of Adya's phenomena.
///
/// Every found list shows the order of appends before it. An append that nobody found comes behind
/// everything that was found. If the transactions can be sorted by all dependencies and by time,
/// that order is carried out to see that it gives every answer; so neither verdict is a guess.
struct ListAppendJudge {
  /// What dependencies say.
  enum Outcome {
    case decided(HistoryVerdict)
    /// They do not say, and why, in a sentence: it is to be searched for.
    case undecided(String)
  }

  private let operations: [HistoryOperation]
  private let options: HistoryOptions
  private var transactions: [ListTransaction] = []
  /// By transaction: whether it certainly took effect.
  private var happened: [Bool] = []
  /// By list: those who appended to it, though nobody found it.
  private var unfound: [HistoryValue: [Int]] = [:]

  init(_ operations: [HistoryOperation], options: HistoryOptions) {
    self.operations = operations
    self.options = options
  }

  mutating func judge() -> Outcome {
    for (place, operation) in operations.enumerated() {
      guard let transaction = transaction(operation, place) else {
        let form = "[[\"append\", key, value], [\"r\", key, list], …]"
        return .decided(.unknown("\(operation.summary) is not \(form)"))
      }
      transactions.append(transaction)
    }
    var order = ListOrder(transactions, of: operations)
    if let repetition = order.readAppends() { return .undecided(repetition) }
    if let finding = order.build() { return .decided(.notLinearizable(finding)) }
    noteUnfound(order)
    let graph = graph(of: order)
    let all: Set<DependencyGraph.Reason> = [.writeWrite, .writeRead, .readWrite, .realTime]
    guard !graph.cyclicGroups(using: all).isEmpty else { return replay(graph) }
    // There is a cycle, and only time can keep it from being found.
    let verdict = anomaly(in: graph).map { HistoryVerdict.notLinearizable($0) }
    return .decided(verdict ?? .unknown("the time is over"))
  }

  private func transaction(_ operation: HistoryOperation, _ place: Int) -> ListTransaction? {
    ListTransaction(
      operation.isOK ? operation.result : operation.argument,
      operation: place,
      isNullEmpty: operation.isOK && options.nullReads == .absent,
      isAnswered: operation.isOK
    )
  }

  private mutating func noteUnfound(_ order: ListOrder) {
    happened = transactions.map { transaction in
      let isSeen = transaction.steps.contains { order.isFound($0) }
      // What was refused did not happen; another's append of the same value may be seen.
      let operation = operations[transaction.operation]
      return operation.isOK || isSeen && operation.ending != .fail
    }
    for (number, transaction) in transactions.enumerated() where happened[number] {
      for step in transaction.steps {
        guard case .append(let key, _) = step, !order.isFound(step) else { continue }
        unfound[key, default: []].append(number)
      }
    }
  }

  // MARK: Dependencies

  private func graph(of order: ListOrder) -> DependencyGraph {
    var graph = DependencyGraph(count: transactions.count, isTimeOver: options.isTimeOver)
    for (number, transaction) in transactions.enumerated() where happened[number] {
      for step in transaction.steps {
        switch step {
        case .append(let key, let value): addAppend(number, key, value, order, &graph)
        case .read(let key, let found?): addRead(number, key, found, order, &graph)
        case .read: continue
        }
      }
    }
    addTime(&graph)
    return graph
  }

  private func addAppend(
    _ number: Int,
    _ key: HistoryValue,
    _ value: HistoryValue,
    _ order: ListOrder,
    _ graph: inout DependencyGraph
  ) {
    guard let list = order.lists[key] else { return }
    let place = list.places[value] ?? list.values.count
    guard place > 0, let before = order.writers[.init(key: key, value: list.values[place - 1])]
    else { return }
    graph.add(before, .init(to: number, reason: .writeWrite, key: key))
  }

  private func addRead(
    _ number: Int,
    _ key: HistoryValue,
    _ found: [HistoryValue],
    _ order: ListOrder,
    _ graph: inout DependencyGraph
  ) {
    let others = found.last { order.writers[.init(key: key, value: $0)] != number }
    if let others, let writer = order.writers[.init(key: key, value: others)] {
      graph.add(writer, .init(to: number, reason: .writeRead, key: key))
    }
    let values = order.lists[key]?.values ?? []
    guard found.count < values.count else {
      for writer in unfound[key] ?? [] {
        graph.add(number, .init(to: writer, reason: .readWrite, key: key))
      }
      return
    }
    if let next = order.writers[.init(key: key, value: values[found.count])] {
      graph.add(number, .init(to: next, reason: .readWrite, key: key))
    }
  }

  /// Whoever ends comes before whoever begins later: each end leads to the next, and each
  /// beginning hangs on the last end before it.
  private func addTime(_ graph: inout DependencyGraph) {
    var events: [(instant: Int, number: Int, isEnd: Bool)] = []
    for (number, transaction) in transactions.enumerated() {
      let operation = operations[transaction.operation]
      guard happened[number] else { continue }
      events.append((operation.start, number, false))
      if operation.isOK { events.append((operation.end, number, true)) }
    }
    events.sort { $0.instant < $1.instant }
    var latest: Int?
    for event in events {
      guard event.isEnd else {
        if let latest { graph.add(latest, .init(to: event.number, reason: .realTime, key: nil)) }
        continue
      }
      let instant = graph.addNode()
      graph.add(event.number, .init(to: instant, reason: .realTime, key: nil))
      if let latest { graph.add(latest, .init(to: instant, reason: .realTime, key: nil)) }
      latest = instant
    }
  }

  // MARK: Anomalies

  /// The worst that there is anywhere: of each kind, groups are looked for in the whole graph.
  private func anomaly(in graph: DependencyGraph) -> HistoryFinding? {
    for time: Set<DependencyGraph.Reason> in [[], [.realTime]] {
      let suffix = time.isEmpty ? "" : "-realtime"
      let writes = time.union([.writeWrite])
      if let cycle = cycle(in: graph, using: writes) {
        return finding("G0\(suffix), write cycle", cycle)
      }
      let reads = writes.union([.writeRead])
      if let cycle = cycle(in: graph, using: reads) {
        return finding("G1c\(suffix), circular information flow", cycle)
      }
      if let finding = antiDependency(in: graph, reads, suffix) { return finding }
    }
    return nil
  }

  private func cycle(
    in graph: DependencyGraph,
    using reasons: Set<DependencyGraph.Reason>
  ) -> DependencyGraph.Cycle? {
    graph.cyclicGroups(using: reasons).first.flatMap { graph.cycle(in: $0, using: reasons) }
  }

  /// A cycle with one anti-dependency, or else with more.
  private func antiDependency(
    in graph: DependencyGraph,
    _ reads: Set<DependencyGraph.Reason>,
    _ suffix: String
  ) -> HistoryFinding? {
    let reasons = reads.union([.readWrite])
    let groups = graph.cyclicGroups(using: reasons)
    for group in groups {
      if let cycle = graph.cycle(in: group, using: reads, once: .readWrite) {
        return finding("G-single\(suffix), read skew", cycle)
      }
    }
    guard let cycle = groups.first.flatMap({ graph.cycle(in: $0, using: reasons) }) else {
      return nil
    }
    // One with a single anti-dependency may begin beyond the nodes that were tried.
    let isSingle = cycle.count { $0.edge.reason == .readWrite } == 1
    return isSingle
      ? finding("G-single\(suffix), read skew", cycle)
      : finding("G2\(suffix), anti-dependency cycle", cycle)
  }

  private func finding(
    _ name: String,
    _ cycle: DependencyGraph.Cycle
  ) -> HistoryFinding {
    // Instants between two transactions are no members of the cycle.
    let members = cycle.filter { $0.node < transactions.count }
    var sentences: [String] = []
    for (place, member) in members.enumerated() {
      let next = members[(place + 1) % members.count].node
      sentences.append(sentence(member.node, member.edge, next))
    }
    return HistoryFinding(
      name + ": " + sentences.joined(separator: "; "),
      operations: members.map { transactions[$0.node].operation }
    )
  }

  private func sentence(_ from: Int, _ edge: DependencyGraph.Edge, _ to: Int) -> String {
    let (one, other) = (summary(from), summary(to))
    let key = edge.key.map(\.description) ?? ""
    return switch edge.reason {
    case .writeWrite: "\(one) appended to list \(key) before \(other)"
    case .writeRead: "\(other) found in list \(key) what \(one) appended"
    case .readWrite: "\(one) did not yet find in list \(key) what \(other) appended"
    case .realTime: "\(one) had ended when \(other) began"
    }
  }

  private func summary(_ number: Int) -> String {
    operations[transactions[number].operation].summary
  }

  // MARK: Replay

  /// Carries the transactions out in an order that fits all dependencies.
  private func replay(_ graph: DependencyGraph) -> Outcome {
    var lists: [HistoryValue: [HistoryValue]] = [:]
    for node in graph.order() where node < transactions.count && happened[node] {
      guard transactions[node].isCarriedOut(on: &lists) else {
        return .undecided("\(summary(node)) does not fit the order that dependencies give")
      }
    }
    return .decided(.linearizable)
  }
}
