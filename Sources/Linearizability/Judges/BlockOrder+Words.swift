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
    let value =
      switch function {
      case .read, .get: isOK ? " → \(result)" : ""
      case .del: ""
      case .write, .put, .cas, .append, .add, .txn, .transfer: " \(argument)"
      }
    let place = lines.end.map { "lines \(lines.begin) and \($0)" } ?? "line \(lines.begin)"
    return "\(function.rawValue)\(value) (\(place))"
  }
}
