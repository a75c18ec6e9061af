/// Searches for an order of a history's operations that one machine could have followed.
///
/// Depth first over "which pending operation is next", going back where an answer does not fit
/// (Wing and Gong 1993), and never twice into the same set of operations with the same state
/// (Lowe 2017). Exponential at worst, hence the limits on steps and time.
package struct LinearizabilitySearch<Model: SequentialModel> {
  /// An operation of the model.
  package typealias ModelOperation = RecordedOperation<Model.Input, Model.Output>

  /// What has been seen: the operations in order so far, as a set, and the state they led to.
  private struct Configuration: Hashable {
    var done = DoneOperations()
    var state: Model.State
  }

  /// The time is asked for once in so many steps.
  private static var stride: Int { 1_024 }
  /// What has been seen is remembered up to so many bytes.
  private static var memoryMax: Int { 1 << 30 }
  /// What each configuration takes besides its state.
  private static var configurationSize: Int { 350 }

  let model: Model
  private let stepsMax: Int
  private let isTimeOver: @Sendable () -> Bool

  /// A search that gives up after `stepsMax` events looked at, or when the time is over.
  package init(
    _ model: Model,
    stepsMax: Int,
    isTimeOver: @escaping @Sendable () -> Bool = { false }
  ) {
    self.model = model
    self.stepsMax = stepsMax
    self.isTimeOver = isTimeOver
  }

  /// Judges the operations of one key (or of a model without keys).
  package func judge(_ operations: [ModelOperation]) -> Verdict {
    var pending = PendingEvents(operations)
    let numbers = Self.numbers(of: operations)
    var current = Configuration(state: model.initial)
    // Only asked for membership: its order means nothing.
    var seen: Set<Configuration> = [current]
    var order: [(operation: Int, before: Configuration)] = []
    var contradiction = Contradiction(longestOrder: [], stuck: 0)
    var isStuckKnown = false
    var slot = pending.first
    var steps = 0
    var memory = 0
    // At the list's end no return is left: what remains was never answered and may not have been.
    while slot != 0 {
      steps += 1
      guard steps <= stepsMax, memory <= Self.memoryMax,
        steps % Self.stride != 0 || !isTimeOver()
      else { return .unknown(steps: steps - 1) }
      switch pending.event(at: slot) {
      case .call(let place):
        guard let next = step(to: place, of: operations, numbers, from: current),
          seen.insert(next).inserted
        else {
          slot = pending.slot(after: slot)
          continue
        }
        memory += Self.configurationSize + model.size(of: next.state)
        order.append((place, current))
        current = next
        pending.take(place)
        slot = pending.first
      case .return(let place):
        if !isStuckKnown || order.count > contradiction.longestOrder.count {
          contradiction = Contradiction(longestOrder: order.map(\.operation), stuck: place)
          isStuckKnown = true
        }
        guard let last = order.popLast() else { return .notLinearizable(contradiction) }
        current = last.before
        pending.giveBack(last.operation)
        slot = pending.slot(afterCallOf: last.operation)
      }
    }
    return .linearizable
  }

  /// By operation: its number among those that were answered, or among those that were not, both
  /// in the order in which they began.
  private static func numbers(of operations: [ModelOperation]) -> [Int] {
    var numbers = [Int](repeating: 0, count: operations.count)
    var (answered, unanswered) = (0, 0)
    for place in operations.indices.sorted(by: { operations[$0].invoked < operations[$1].invoked })
    where !operations[place].isFailed {
      if operations[place].returned == nil {
        numbers[place] = unanswered
        unanswered += 1
      } else {
        numbers[place] = answered
        answered += 1
      }
    }
    return numbers
  }

  private func step(
    to place: Int,
    of operations: [ModelOperation],
    _ numbers: [Int],
    from current: Configuration
  ) -> Configuration? {
    let operation = operations[place]
    guard let state = model.step(current.state, operation.input, operation.output) else {
      return nil
    }
    var next = Configuration(done: current.done, state: state)
    if operation.returned == nil {
      next.done.insert(unanswered: numbers[place])
    } else {
      next.done.insert(answered: numbers[place])
    }
    return next
  }
}
