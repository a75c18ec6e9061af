/// Judges a set to which every value is added at most once.
///
/// Nothing is ever taken out, so what reads find in one order grows: two that each lack what the
/// other has fit no order. If all lie one within the other, sizes give the order of reads, and of
/// each addition that was seen: it comes behind the last read without its value and before the
/// first with it, where additions of one level commute. One that was acknowledged and that nobody
/// saw comes behind all reads. One that nobody knows of and nobody saw is left out: it can be put
/// off for ever, and nothing that is known asks for it. What is left are levels with intervals of
/// time, in which an order exists if and only if no operation of a later level ends before one of
/// an earlier begins: the test of `BlockOrder`, with one block, after Gibbons and Korach ("Testing
/// Shared Memories", 1997, §4.2), who do it for the values of a register. O(all elements read).
struct SetJudge {
  private let operations: [HistoryOperation]
  private let nullReads: HistoryOptions.NullReads
  /// By value: the operation that adds it.
  private var adders: [HistoryValue: Int] = [:]
  /// By value: the first of the different reads, in order of size, that has it.
  private var levels: [HistoryValue: Int] = [:]

  /// Nil if a value is added twice.
  init?(_ operations: [HistoryOperation], nullReads: HistoryOptions.NullReads) {
    self.operations = operations
    self.nullReads = nullReads
    for (place, operation) in operations.enumerated()
    where operation.function == .add && operation.ending != .fail {
      guard adders.updateValue(place, forKey: operation.argument) == nil else { return nil }
    }
  }

  mutating func judge() -> HistoryVerdict {
    var members: [BlockOrder.Member] = []
    var last: (read: Int, size: Int)?
    var level = 0
    for (read, elements) in reads() {
      if last.map({ $0.size < elements.count }) ?? true { level += 1 }
      if let finding = place(elements, of: read, at: level, behind: last) {
        return .notLinearizable(finding)
      }
      members.append(BlockOrder.Member(operation: read, level: 2 * level + 1))
      last = (read, elements.count)
    }
    for (place, operation) in operations.enumerated() where adders[operation.argument] == place {
      guard let seen = levels[operation.argument] else {
        // Nobody saw it: it comes behind all reads, unless it never happened.
        guard operation.isOK else { continue }
        members.append(BlockOrder.Member(operation: place, level: 2 * level + 2))
        continue
      }
      members.append(BlockOrder.Member(operation: place, level: 2 * seen))
    }
    let order = BlockOrder([members.inOrder()], of: operations, beginsFirst: true)
    guard let conflict = order.conflict() else { return .linearizable }
    return .notLinearizable(conflict.finding(in: operations))
  }

  /// What was read, the smallest first.
  private func reads() -> [(operation: Int, elements: [HistoryValue])] {
    var reads: [(operation: Int, elements: [HistoryValue])] = []
    for (place, operation) in operations.enumerated() {
      guard operation.function == .read, operation.isOK,
        nullReads == .absent || operation.result != .null
      else { continue }
      // Null is the empty set.
      var found: [HistoryValue] = []
      if case .list(let all) = operation.result { found = all }
      var seen: Set<HistoryValue> = []
      reads.append((place, found.filter { seen.insert($0).inserted }))
    }
    return reads.sorted { ($0.elements.count, $0.operation) < ($1.elements.count, $1.operation) }
  }

  /// Notes which elements are new at a level; a finding if one was never added, or if one that a
  /// smaller read has is missing.
  private mutating func place(
    _ elements: [HistoryValue],
    of read: Int,
    at level: Int,
    behind last: (read: Int, size: Int)?
  ) -> HistoryFinding? {
    let known = levels.count
    var old = 0
    for element in elements {
      guard adders[element] != nil else { return neverAdded(element, read) }
      if levels[element] == nil { levels[element] = level } else { old += 1 }
    }
    guard old < known, let last else { return nil }
    return HistoryFinding(
      "\(operations[last.read].summary) and \(operations[read].summary) each lack what the other "
        + "found: neither can have come first",
      operations: [last.read, read]
    )
  }

  private func neverAdded(_ element: HistoryValue, _ read: Int) -> HistoryFinding {
    HistoryFinding(
      "\(element) was found by \(operations[read].summary), but nobody can have added it",
      operations: [read]
    )
  }
}
