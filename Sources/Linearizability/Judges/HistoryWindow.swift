/// The smallest part of a history that no order explains, and what would have been right instead.
package struct HistoryWindow: Sendable {
  /// Among so many values that were written lately, those are looked for that could have been read.
  private static let valuesMax = 24

  /// The operations that contradict each other, as places in the array that was judged.
  ///
  /// If time and limits sufficed none can be left out: were the outcome of any of them unknown,
  /// there would be an order.
  package let operations: [Int]
  /// Whether that is so.
  package let isMinimal: Bool
  /// Operations that wrote what those found.
  package let writers: [Int]
  /// Where the history stops being explained.
  package let prefix: HistoryPrefix
  /// Why no order explains them.
  package let sentence: String
  /// What the operation that is stuck could have read instead; nil if that was not looked for.
  package let possible: [HistoryValue]?

  /// Nil if the history has an order, or if that cannot be told.
  package init?(of operations: [HistoryOperation], by judge: HistoryJudge) {
    guard let prefix = HistoryPrefix(of: operations, by: judge) else { return nil }
    let cut = HistoryPrefix.cut(operations, after: prefix.instant)
    guard case .notLinearizable(let finding) = judge.judge(cut) else { return nil }
    self.prefix = prefix
    let core = Self.core(of: cut, judge, shownBy: finding.operations + [prefix.stuck])
    isMinimal = !core.isEmpty
    self.operations = isMinimal ? core : finding.operations
    writers = Self.writers(of: self.operations, in: cut)
    sentence = Self.sentence(of: core, in: cut, judge) ?? finding.sentence
    possible = Self.values(for: prefix.stuck, in: cut, judge)
  }

  /// Empty where a judgement gave up: then it is not known that none can be left out.
  private static func core(
    of operations: [HistoryOperation],
    _ judge: HistoryJudge,
    shownBy shown: [Int]
  ) -> [Int] {
    var isSure = true
    let isEnough: ([Int]) -> Bool = { members in
      guard isSure, !judge.options.isTimeOver() else {
        isSure = false
        return false
      }
      let verdict = judge.judge(relaxed(operations, but: members))
      if case .unknown = verdict { isSure = false }
      return verdict.isNotLinearizable
    }
    let judged = operations.indices.filter { !operations[$0].isUnknown }
    // What the judge shows is mostly enough already.
    let few = judged.filter { shown.contains($0) }
    let core = MinimalCore(isEnough).find(in: isEnough(few) ? few : judged)
    return isSure ? core : []
  }

  /// The history in which the outcomes of all but a few operations are unknown.
  ///
  /// They are not taken away: without its writes a history would fail for no reason. What is
  /// unknown may have happened or not, so that fewer known outcomes only allow more.
  package static func relaxed(
    _ operations: [HistoryOperation],
    but members: [Int]
  ) -> [HistoryOperation] {
    var isMember = [Bool](repeating: false, count: operations.count)
    for member in members { isMember[member] = true }
    let relaxed = operations.indices.compactMap { place -> HistoryOperation? in
      var operation = operations[place]
      guard !isMember[place], !operation.isUnknown else { return operation }
      guard operation.isOK, !operation.function.isQuestion else { return nil }
      (operation.ending, operation.end, operation.result) = (.info, HistoryOperation.never, .null)
      return operation
    }
    return relaxed.withoutConditions(onRevisionsOf: operations)
  }

  private static func writers(of core: [Int], in operations: [HistoryOperation]) -> [Int] {
    let found = Set(
      core.filter { operations[$0].function.isQuestion }.map { operations[$0].result }
    )
    return operations.indices.filter { place in
      guard let written = operations[place].written, found.contains(written) else { return false }
      return operations[place].ending != .fail && !core.contains(place)
    }
  }

  private static func sentence(
    of core: [Int],
    in operations: [HistoryOperation],
    _ judge: HistoryJudge
  ) -> String? {
    guard !core.isEmpty,
      case .notLinearizable(let finding) = judge.judge(relaxed(operations, but: core))
    else { return nil }
    return finding.sentence
  }

  /// What a read could have found: the values of late writes with which there is an order.
  private static func values(
    for stuck: Int,
    in operations: [HistoryOperation],
    _ judge: HistoryJudge
  ) -> [HistoryValue]? {
    switch judge.model {
    case .register, .casRegister, .kv: break
    case .append, .set, .listAppend, .bank, .document: return nil
    }
    guard operations[stuck].function.isQuestion else { return nil }
    let late = operations.indices.filter { operations[$0].written != nil }
      .sorted { operations[$0].lateness > operations[$1].lateness }
    var seen: Set<HistoryValue> = []
    let values = (late.compactMap { operations[$0].written } + [judge.options.initial])
      .filter { seen.insert($0).inserted }
    return values.prefix(valuesMax).filter { value in
      guard !judge.options.isTimeOver() else { return false }
      var changed = operations
      changed[stuck].result = value
      return judge.judge(changed) == .linearizable
    }
  }
}

extension HistoryFunction {
  /// Whether it changes nothing whatever its answer.
  fileprivate var isQuestion: Bool {
    switch self {
    case .read, .get, .scan, .count: true
    case .write, .put, .cas, .del, .append, .add, .txn, .transfer, .insert, .replace, .delete,
      .increment:
      false
    }
  }
}

extension HistoryOperation {
  /// What a register holds after it, if it took effect; nil for what writes nothing.
  fileprivate var written: HistoryValue? {
    switch function {
    case .write, .put: return argument
    case .del: return .null
    case .cas:
      guard case .list(let pair) = argument, pair.count == 2 else { return nil }
      return pair[1]
    case .read, .get, .append, .add, .txn, .transfer, .insert, .replace, .delete, .increment,
      .scan, .count:
      return nil
    }
  }

  /// When it may have been carried out at the latest, as far as writes are compared: one that is
  /// still open counts from its start.
  fileprivate var lateness: Int { end == HistoryOperation.never ? start : end }
}
