/// Searches for an order of a history's operations that one machine could have followed.
///
/// Depth first over "which pending operation is next", going back where an answer does not fit
/// (Wing and Gong 1993), and never twice into the same set of operations with the same state
/// (Lowe 2017). Exponential at worst, hence the limit on steps.
package struct LinearizabilitySearch<Model: SequentialModel> {
  /// An operation of the model.
  package typealias ModelOperation = RecordedOperation<Model.Input, Model.Output>

  /// What has been seen: the operations in order so far, as a set, and the state they led to.
  private struct Configuration: Hashable {
    var done: OperationSet
    var state: Model.State
  }

  private let model: Model
  private let stepsMax: Int

  /// A search that gives up after `stepsMax` events looked at.
  package init(_ model: Model, stepsMax: Int) {
    self.model = model
    self.stepsMax = stepsMax
  }

  /// Judges the operations of one key (or of a model without keys).
  package func judge(_ operations: [ModelOperation]) -> Verdict {
    var pending = PendingEvents(operations)
    var current = Configuration(
      done: OperationSet(capacity: operations.count),
      state: model.initial
    )
    // Only asked for membership: its order means nothing.
    var seen: Set<Configuration> = [current]
    var order: [(operation: Int, stateBefore: Model.State)] = []
    var contradiction = Contradiction(longestOrder: [], stuck: 0)
    var isStuckKnown = false
    var slot = pending.first
    var steps = 0
    // At the list's end no return is left: what remains was never answered and may not have been.
    while slot != 0 {
      steps += 1
      guard steps <= stepsMax else { return .unknown(steps: steps - 1) }
      switch pending.event(at: slot) {
      case .call(let place):
        guard let next = step(to: place, of: operations, from: current), seen.insert(next).inserted
        else {
          slot = pending.slot(after: slot)
          continue
        }
        order.append((place, current.state))
        current = next
        pending.take(place)
        slot = pending.first
      case .return(let place):
        if !isStuckKnown || order.count > contradiction.longestOrder.count {
          contradiction = Contradiction(longestOrder: order.map(\.operation), stuck: place)
          isStuckKnown = true
        }
        guard let last = order.popLast() else { return .notLinearizable(contradiction) }
        current.done.remove(last.operation)
        current.state = last.stateBefore
        pending.giveBack(last.operation)
        slot = pending.slot(afterCallOf: last.operation)
      }
    }
    return .linearizable
  }

  private func step(
    to place: Int,
    of operations: [ModelOperation],
    from current: Configuration
  ) -> Configuration? {
    let operation = operations[place]
    guard let state = model.step(current.state, operation.input, operation.output) else {
      return nil
    }
    var next = Configuration(done: current.done, state: state)
    next.done.insert(place)
    return next
  }
}
