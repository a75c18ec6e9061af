/// The one machine that a history's operations are compared with (docs/formats/history.md).
package struct HistoryMachine: SequentialModel {
  /// What an operation does.
  package struct Input: Sendable {
    /// The operation.
    package var function: HistoryFunction
    /// What is asked for.
    package var argument: HistoryValue
    /// Whether it is a comparison that is known not to have held.
    package var isRefused: Bool

    /// What an operation does.
    package init(_ function: HistoryFunction, _ argument: HistoryValue, isRefused: Bool = false) {
      self.function = function
      self.argument = argument
      self.isRefused = isRefused
    }
  }

  /// What it has in it: a value, or the elements of a set.
  package enum State: Hashable, Sendable {
    /// A value.
    case value(HistoryValue)
    /// The elements of a set.
    case elements(Set<HistoryValue>)
    /// Lists by name.
    case lists([HistoryValue: [HistoryValue]])
    /// The accounts of a bank.
    case accounts(Accounts)
  }

  private let model: HistoryModel
  private let options: HistoryOptions

  /// A machine for a model's operations.
  package init(_ model: HistoryModel, options: HistoryOptions) {
    self.model = model
    self.options = options
  }

  /// What it has in it before the first operation.
  package var initial: State {
    switch model {
    case .set: .elements([])
    case .listAppend: .lists([:])
    case .bank: .accounts(Accounts(options.initial))
    case .append: .value(.text([]))
    case .register, .casRegister, .kv, .document: .value(options.initial)
    }
  }

  /// About how many bytes a state takes; elements and lists are mostly shared with others.
  package func size(of state: State) -> Int {
    switch state {
    case .value(let value): value.size
    case .elements(let elements): 64 * elements.count
    case .lists(let lists): 256 * lists.count
    case .accounts(let accounts): 64 * accounts.count
    }
  }

  /// What is left in it after an operation; nil if the answer is not the machine's.
  package func step(_ state: State, _ input: Input, _ output: HistoryValue?) -> State? {
    switch state {
    case .elements(let elements): step(elements, input, output)
    case .value(let value): step(value, input, output).map { .value($0) }
    case .lists(let lists): carryOut(input.argument, output, on: lists)
    case .accounts(let accounts):
      (input.function == .read
        ? accounts.read(isSilent(output) ? nil : output)
        : accounts.transfer(input.argument, isKnown: output != nil))
        .map { .accounts($0) }
    }
  }

  /// Whether what a read found says nothing.
  private func isSilent(_ output: HistoryValue?) -> Bool {
    options.nullReads == .any && output == .null
  }

  private func step(
    _ elements: Set<HistoryValue>,
    _ input: Input,
    _ output: HistoryValue?
  ) -> State? {
    guard input.function != .add else { return .elements(elements.union([input.argument])) }
    guard let output, !isSilent(output) else { return .elements(elements) }
    // Null is the empty set.
    var found: [HistoryValue] = []
    if case .list(let all) = output { found = all }
    return Set(found) == elements ? .elements(elements) : nil
  }

  private func carryOut(
    _ argument: HistoryValue,
    _ output: HistoryValue?,
    on lists: [HistoryValue: [HistoryValue]]
  ) -> State? {
    let isNullEmpty = output != nil && options.nullReads == .absent
    guard
      let transaction = ListTransaction(
        output ?? argument,
        operation: 0,
        isNullEmpty: isNullEmpty,
        isAnswered: output != nil
      )
    else { return nil }
    var lists = lists
    return transaction.isCarriedOut(on: &lists) ? .lists(lists) : nil
  }

  private func step(
    _ value: HistoryValue,
    _ input: Input,
    _ output: HistoryValue?
  ) -> HistoryValue? {
    switch input.function {
    case .read, .get:
      guard let output, !isSilent(output) else { return value }
      return (model == .append && output == .null ? .text([]) : output) == value ? value : nil
    case .write, .put: return input.argument
    case .del: return .null
    case .cas:
      guard case .list(let pair) = input.argument, pair.count == 2 else { return nil }
      if input.isRefused { return pair[0] == value ? nil : value }
      return pair[0] == value ? pair[1] : output == nil ? value : nil
    case .append:
      guard case .text(let start) = value, case .text(let end) = input.argument else { return nil }
      return .text(start + end)
    case .add, .txn, .transfer: return nil
    case .insert, .replace, .delete, .increment, .scan, .count: return nil
    }
  }

  /// The operations of a key as the search takes them.
  ///
  /// Those that say nothing are left out: what was refused, and questions without an answer. These
  /// fit anywhere and change nothing, but each would double the states of a search.
  package func recorded(
    _ operations: [HistoryOperation]
  ) -> (places: [Int], operations: [RecordedOperation<Input, HistoryValue>]) {
    var places: [Int] = []
    var recorded: [RecordedOperation<Input, HistoryValue>] = []
    for (place, operation) in operations.enumerated() {
      let isRefused = operation.ending == .fail
      let constrains = operation.function == .cas && options.failedSwaps == .constrain
      guard !isRefused || constrains, !operation.isUnansweredQuestion else { continue }
      places.append(place)
      recorded.append(
        RecordedOperation(
          input: Input(operation.function, operation.argument, isRefused: isRefused),
          invoked: UInt64(operation.start),
          ending: operation.isUnknown ? .info : .ok(operation.result, at: UInt64(operation.end))
        )
      )
    }
    return (places, recorded)
  }
}

extension HistoryOperation {
  /// Whether it asked only, and no answer is known.
  fileprivate var isUnansweredQuestion: Bool {
    guard isUnknown else { return false }
    switch function {
    case .read, .get, .scan, .count: return true
    case .txn:
      guard case .list(let steps) = argument else { return false }
      return steps.allSatisfy { step in
        guard case .list(let words) = step else { return false }
        return words.first == .text(Array("r".utf8))
      }
    case .write, .put, .del, .cas, .append, .add, .transfer, .insert, .replace, .delete,
      .increment:
      return false
    }
  }
}
