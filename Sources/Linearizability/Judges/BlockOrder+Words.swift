extension BlockOrder.Conflict {
  /// The conflict in words.
  func finding(in operations: [HistoryOperation]) -> HistoryFinding {
    switch self {
    case .within(let earlier, let later):
      return HistoryFinding(
        "\(operations[later].summary) must come after \(operations[earlier].summary), "
          + "but had ended before that one began",
        operations: [later, earlier]
      )
    case .between(let firstEnded, let secondBegan, let secondEnded, let firstBegan):
      let first =
        firstEnded.map { "\(operations[$0].summary) had ended" } ?? "the first value was there"
      return HistoryFinding(
        "\(first) before \(operations[secondBegan].summary) began, and "
          + "\(operations[secondEnded].summary) had ended before "
          + "\(operations[firstBegan].summary) began: each value would have to come "
          + "before the other",
        operations: [firstEnded, secondBegan, secondEnded, firstBegan].compactMap { $0 }
      )
    }
  }
}

extension HistoryOperation {
  /// The operation with its value and its lines, for people.
  package var summary: String {
    let place = lines.end.map { "lines \(lines.begin) and \($0)" } ?? "line \(lines.begin)"
    return "\(words) (\(place))"
  }

  /// The operation with its value, for people.
  package var words: String {
    switch function {
    case .read, .get: "\(function.rawValue)\(key)" + (isOK ? " → \(result)" : "")
    case .del: function.rawValue
    case .write, .put, .cas, .append, .add, .txn, .transfer, .insert, .replace, .delete,
      .increment, .scan, .count:
      "\(function.rawValue)\(key) \(request)" + (isOK && isAnswerWorth ? " → \(result)" : "")
    }
  }

  /// Of the store's own operations, the key, which stands in the argument.
  private var key: String {
    guard case .list(let parts) = argument, isOfStore, parts[0] != .null else { return "" }
    return " \(parts[0])"
  }

  private var request: HistoryValue {
    guard case .list(let parts) = argument, isOfStore else { return argument }
    return parts[1]
  }

  private var isAnswerWorth: Bool { isOfStore && result != .null }

  /// Whether it is one of the model `document`.
  private var isOfStore: Bool {
    switch function {
    case .insert, .replace, .delete, .increment, .scan, .count: return true
    case .get, .put:
      guard case .list(let parts) = argument else { return false }
      return parts.count == 2 && (function == .get || parts[1].field("value") != nil)
    case .read, .write, .cas, .del, .append, .add, .txn, .transfer: return false
    }
  }
}
