/// The operations on one register in the form in which judges want them: values as numbers, and
/// nothing that says nothing.
///
/// Left out are operations that failed (but for compare-and-sets, where those are to constrain)
/// and reads whose result nobody knows. Changes that nobody is known to have made or seen stay
/// here; where values are unique `RegisterBlocks` leaves them out.
struct RegisterHistory {
  /// What one operation does to the register.
  enum Action: Hashable {
    /// It holds this value.
    case read(Int)
    /// It holds this value from now on.
    case write(Int)
    /// It held the first value, and holds the second from now on.
    case swap(from: Int, to: Int)
    /// It held another value.
    case differ(Int)
  }

  /// One operation that matters.
  struct Step {
    let action: Action
    /// Its place in the array that is judged.
    let operation: Int
  }

  /// The number of the value at the beginning.
  static let initial = 0

  /// What is judged.
  let operations: [HistoryOperation]
  /// In the order in which they began.
  private(set) var steps: [Step] = []
  /// The values by number.
  private(set) var values: [HistoryValue]
  private var numbers: [HistoryValue: Int]

  init(_ operations: [HistoryOperation], options: HistoryOptions) {
    self.operations = operations
    values = [options.initial]
    numbers = [options.initial: Self.initial]
    for (place, operation) in operations.enumerated() {
      guard let action = action(of: operation, options) else { continue }
      steps.append(Step(action: action, operation: place))
    }
  }

  private mutating func action(
    of operation: HistoryOperation,
    _ options: HistoryOptions
  ) -> Action? {
    switch operation.function {
    case .read, .get:
      let isSilent = options.nullReads == .any && operation.result == .null
      return operation.isOK && !isSilent ? .read(number(of: operation.result)) : nil
    case .write, .put:
      return operation.ending == .fail ? nil : .write(number(of: operation.argument))
    case .del:
      return operation.ending == .fail ? nil : .write(number(of: .null))
    case .cas:
      guard case .list(let pair) = operation.argument, pair.count == 2 else { return nil }
      guard operation.ending == .fail else {
        return .swap(from: number(of: pair[0]), to: number(of: pair[1]))
      }
      return options.failedSwaps == .constrain ? .differ(number(of: pair[0])) : nil
    case .append, .add, .txn, .transfer, .insert, .replace, .delete, .increment, .scan, .count:
      return nil
    }
  }

  private mutating func number(of value: HistoryValue) -> Int {
    if let number = numbers[value] { return number }
    numbers[value] = values.count
    values.append(value)
    return values.count - 1
  }
}
