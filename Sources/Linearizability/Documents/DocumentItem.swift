/// What is under a key.
struct DocumentItem: Hashable, Sendable {
  var value: HistoryValue
  /// When it was written; nil if nobody saw that.
  var revision: UInt64?

  /// The number that an item holds, nothing being 0; nil if it is no number.
  static func number(in item: DocumentItem?) -> Int64? {
    guard let item else { return 0 }
    guard case .integer(let number) = item.value else { return nil }
    return number
  }

  /// The sum; nil if the item is no number, or the sum too large.
  static func sum(_ item: DocumentItem?, _ step: Int64) -> Int64? {
    guard let (sum, overflow) = number(in: item).map({ $0.addingReportingOverflow(step) }),
      !overflow
    else { return nil }
    return sum
  }
}

extension DocumentCall {
  /// Whether a change, or a condition that did not hold, can have had its answer where this item
  /// was under the key.
  func fits(_ answer: Answer, _ item: DocumentItem?) -> Bool {
    switch answer {
    case .found(_, let revision): action == .get && item?.revision == revision
    case .absent: action == .get && item == nil
    case .changed(_, let existed): mayChange(item) && (existed.map { $0 == (item != nil) } ?? true)
    case .counted(let sum, _):
      if case .increment(let step) = action { DocumentItem.sum(item, step) == sum } else { false }
    case .conflict(let current): isRefused(current, item)
    case .items, .number: false
    }
  }

  private func mayChange(_ item: DocumentItem?) -> Bool {
    switch action {
    case .put: true
    case .insert: item == nil
    case .replace(_, let expected): item != nil && Self.holds(expected, item)
    case .delete(let expected): Self.holds(expected, item)
    case .get, .increment, .scan, .count: false
    }
  }

  private static func holds(_ expected: UInt64?, _ item: DocumentItem?) -> Bool {
    expected.map { $0 == item?.revision } ?? true
  }

  private func isRefused(_ current: UInt64?, _ item: DocumentItem?) -> Bool {
    if let current {
      guard current == 0 ? item == nil : item?.revision == current else { return false }
    }
    switch action {
    case .insert: return item != nil
    case .replace(_, let expected): return item == nil || !Self.holds(expected, item)
    case .delete(let expected): return !Self.holds(expected, item)
    case .increment(let step): return DocumentItem.sum(item, step) == nil
    case .get, .put, .scan, .count: return false
    }
  }

  /// What is under the key after a change that nobody saw the answer of; nil if it does nothing.
  func blindChange(_ item: DocumentItem?) -> DocumentItem?? {
    switch action {
    case .put(let value): return .some(DocumentItem(value: value))
    case .insert(let value): return item == nil ? .some(DocumentItem(value: value)) : nil
    case .replace(let value, _):
      return mayChange(item) ? .some(DocumentItem(value: value)) : nil
    case .delete: return item != nil && mayChange(item) ? .some(nil) : nil
    case .increment(let step):
      return DocumentItem.sum(item, step).map { .some(DocumentItem(value: .integer($0))) }
    case .get, .scan, .count: return nil
    }
  }

  /// What a change leaves under the key, by its answer.
  func outcome(_ answer: Answer) -> DocumentItem? {
    switch (action, answer) {
    case (.put(let value), .changed(let revision, _)),
      (.insert(let value), .changed(let revision, _)),
      (.replace(let value, _), .changed(let revision, _)):
      DocumentItem(value: value, revision: revision)
    case (.increment, .counted(let sum, let revision)):
      DocumentItem(value: .integer(sum), revision: revision)
    default: nil
    }
  }
}
