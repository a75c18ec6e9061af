/// Where a history that no order explains stops being explained.
package struct HistoryPrefix: Equatable, Sendable {
  /// Everything before this instant has an order.
  package let instant: Int
  /// The operation whose end, at this instant, no order explains.
  package let stuck: Int

  /// Nil if all of it has an order, or if that cannot be told, or not before the time is over.
  ///
  /// What is explained before some instant is explained before every earlier one, since whoever is
  /// open then may come later or never: so the instant is found by halving.
  package init?(of operations: [HistoryOperation], by judge: HistoryJudge) {
    let ends = operations.indices
      .filter { operations[$0].end != HistoryOperation.never }
      .sorted { operations[$0].end < operations[$1].end }
    var (low, high) = (0, ends.count)
    while low < high {
      guard !judge.options.isTimeOver() else { return nil }
      let middle = (low + high) / 2
      switch judge.judge(Self.cut(operations, after: operations[ends[middle]].end)) {
      case .linearizable: low = middle + 1
      case .notLinearizable: high = middle
      case .unknown: return nil
      }
    }
    guard low < ends.count else { return nil }
    instant = operations[ends[low]].end
    stuck = ends[low]
  }

  /// The operations as they were known just after an instant, in the same order.
  static func cut(_ operations: [HistoryOperation], after instant: Int) -> [HistoryOperation] {
    operations.filter { $0.start <= instant }.map { operation in
      guard operation.end > instant else { return operation }
      var open = operation
      (open.ending, open.end, open.result) = (.invoke, HistoryOperation.never, .null)
      return open
    }
  }
}
