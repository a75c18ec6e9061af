/// One key of the store without its revisions: what values alone say.
///
/// A condition on a revision is taken to hold or not as the answer says; of one that nobody saw the
/// answer of, either may be. So this allows more than the store does, but what it refuses no
/// revision can make right.
struct DocumentValues: SequentialModel {
  var initial: HistoryValue? { nil }

  func step(
    _ value: HistoryValue?,
    _ call: DocumentCall,
    _ answer: DocumentCall.Answer?
  ) -> HistoryValue?? {
    let item = value.map { DocumentItem(value: $0) }
    guard let answer else { return blindStep(value, item, call) }
    switch answer {
    case .found(let found, _): return found == value ? .some(value) : nil
    case .absent: return value == nil ? .some(nil) : nil
    case .changed(_, let existed):
      if let existed, existed != (value != nil) { return nil }
      return mayChange(call.action, item) ? .some(call.outcome(answer)?.value) : nil
    case .counted:
      guard let outcome = call.outcome(answer), call.fits(answer, item) else { return nil }
      return .some(outcome.value)
    case .conflict(let current):
      return isRefused(call.action, item, current) ? .some(value) : nil
    case .items, .number: return .some(value)
    }
  }

  private func mayChange(_ action: DocumentCall.Action, _ item: DocumentItem?) -> Bool {
    switch action {
    case .put: true
    case .insert: item == nil
    case .replace: item != nil
    case .delete(let expected): expected == nil || item != nil
    case .get, .increment, .scan, .count: false
    }
  }

  private func isRefused(
    _ action: DocumentCall.Action,
    _ item: DocumentItem?,
    _ current: UInt64?
  ) -> Bool {
    if let current, (current == 0) != (item == nil) { return false }
    switch action {
    case .insert: return item != nil
    case .replace(_, let expected): return item == nil || expected != nil
    case .delete(let expected): return expected != nil
    case .increment(let step): return DocumentItem.sum(item, step) == nil
    case .get, .put, .scan, .count: return false
    }
  }

  private func blindStep(
    _ value: HistoryValue?,
    _ item: DocumentItem?,
    _ call: DocumentCall
  ) -> HistoryValue?? {
    switch call.action {
    case .put(let new): .some(new)
    case .insert(let new): .some(value ?? new)
    case .replace(let new, _): .some(value == nil ? nil : new)
    case .delete: .some(nil)
    case .increment(let step): .some(DocumentItem.sum(item, step).map { .integer($0) } ?? value)
    case .get, .scan, .count: .some(value)
    }
  }
}
