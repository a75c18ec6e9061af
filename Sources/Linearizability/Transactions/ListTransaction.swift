/// A transaction over lists: appends and reads of whole lists, in order.
struct ListTransaction {
  /// One step of a transaction.
  enum Step: Equatable {
    /// Puts a value at the end of a list.
    case append(key: HistoryValue, value: HistoryValue)
    /// Finds a list as it is; nil if nobody knows what was found.
    case read(key: HistoryValue, found: [HistoryValue]?)
  }

  /// Its steps.
  let steps: [Step]
  /// Its place in the array of operations.
  let operation: Int

  /// Nil if the value is not `[["append", key, value], ["r", key, null or list], …]`.
  ///
  /// Null is the empty list where it was found there, and otherwise nobody knows. Nothing that
  /// stands in a transaction without an answer was found.
  init?(_ value: HistoryValue, operation: Int, isNullEmpty: Bool, isAnswered: Bool) {
    guard case .list(let entries) = value else { return nil }
    var steps: [Step] = []
    for entry in entries {
      guard case .list(let parts) = entry, parts.count == 3, case .text(let name) = parts[0]
      else { return nil }
      switch (String(decoding: name, as: UTF8.self), parts[2]) {
      case ("append", let value): steps.append(.append(key: parts[1], value: value))
      case ("r", .null): steps.append(.read(key: parts[1], found: isNullEmpty ? [] : nil))
      case ("r", .list(let found)):
        steps.append(.read(key: parts[1], found: isAnswered ? found : nil))
      default: return nil
      }
    }
    self.steps = steps
    self.operation = operation
  }

  /// Carries it out on lists; false if one of its answers is not what they hold.
  func isCarriedOut(on lists: inout [HistoryValue: [HistoryValue]]) -> Bool {
    for step in steps {
      switch step {
      case .append(let key, let value): lists[key, default: []].append(value)
      case .read(let key, let found?):
        guard found == lists[key] ?? [] else { return false }
      case .read: continue
      }
    }
    return true
  }

  /// What it appended to each list last.
  var lastAppends: [HistoryValue: HistoryValue] {
    var last: [HistoryValue: HistoryValue] = [:]
    for case .append(let key, let value) in steps { last[key] = value }
    return last
  }
}
