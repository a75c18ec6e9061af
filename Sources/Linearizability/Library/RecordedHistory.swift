/// A history of operations on a user's own model (docs/formats/history.md): JSON lines, EDN, or
/// the lines of Jepsen's log.
///
///     let history = try RecordedHistory(bytes)
///     let end = ContinuousClock.now + .seconds(60)
///     switch history.check(Counter(), isTimeOver: { ContinuousClock.now > end }) {
///     case .linearizable: print("fine")
///     case .notLinearizable(let counterexample): print(counterexample)
///     case .unknown(let reason): print(reason)
///     }
public struct RecordedHistory: Sendable {
  /// The search looks at no more events than this.
  private static let stepsMax = 200_000_000

  private var history = History()
  private var reader = HistoryReader()

  /// A history without events; text comes in pieces.
  public init() {}

  /// A whole text.
  ///
  /// - Throws: `HistoryError` where the text is no history.
  public init(_ text: [UInt8]) throws(HistoryError) {
    try read(text)
    try finish()
  }

  /// Takes a piece of text, of any size.
  ///
  /// - Throws: `HistoryError` where the text is no history.
  public mutating func read(_ piece: [UInt8]) throws(HistoryError) {
    for event in try reader.read(piece) { try history.add(event) }
  }

  /// The text is at its end.
  ///
  /// - Throws: `HistoryError` if it ends in the middle of an event.
  public mutating func finish() throws(HistoryError) {
    for event in try reader.finish() { try history.add(event) }
  }

  /// How many operations there are.
  public var operationCount: Int { history.operationCount }

  /// Searches, key by key, for an order of the operations that a machine could have followed.
  ///
  /// Exact: no verdict is a guess. It may take long where many operations overlap; `isTimeOver`
  /// is asked now and then, and ends it with `unknown`.
  public func check<Machine: Model>(
    _ model: Machine,
    isTimeOver: @escaping @Sendable () -> Bool = { false }
  ) -> ModelVerdict {
    let search = LinearizabilitySearch(
      ModelMachine(model: model),
      stepsMax: Self.stepsMax,
      isTimeOver: isTimeOver
    )
    var unknown: String?
    for part in history.keys {
      let calls = part.packed.calls(named: history.functionNames)
      switch search.judge(calls.operations) {
      case .linearizable: continue
      case .unknown(let steps):
        unknown =
          "no verdict after \(steps) steps of the search" + (part.key.map { ", key \($0)" } ?? "")
      case .notLinearizable(let contradiction):
        let core = Self.core(of: calls.operations, search, contradiction)
        return .notLinearizable(
          Counterexample(
            key: part.key,
            operations: core.members.map { calls.shown[$0].operation(of: history) },
            isMinimal: core.isMinimal,
            state: core.state
          )
        )
      }
    }
    return unknown.map { .unknown($0) } ?? .linearizable
  }

  /// The smallest part without an order, and the state that its longest order leaves.
  ///
  /// Where the search gives up while it looks for that, it may be a larger part, or all.
  /// Operations are not taken away but made unknown: without its writes a history would fail for
  /// no reason. What is unknown may have happened or not, so that fewer answers only allow more.
  private static func core<Machine: Model>(
    of operations: [RecordedOperation<ModelCall, HistoryValue>],
    _ search: LinearizabilitySearch<ModelMachine<Machine>>,
    _ whole: Contradiction
  ) -> (members: [Int], isMinimal: Bool, state: String) {
    var isMinimal = true
    func with(_ members: [Int]) -> [RecordedOperation<ModelCall, HistoryValue>] {
      var relaxed = operations
      for place in relaxed.indices where !relaxed[place].isFailed { relaxed[place].ending = .info }
      for member in members { relaxed[member].ending = operations[member].ending }
      return relaxed
    }
    func contradiction(_ members: [Int]) -> Contradiction? {
      switch search.judge(with(members)) {
      case .linearizable: return nil
      case .notLinearizable(let found): return found
      case .unknown:
        isMinimal = false
        return nil
      }
    }
    let answered = operations.indices.filter { operations[$0].returned != nil }
    let members = MinimalCore { contradiction($0) != nil }.find(in: answered)
    guard let last = contradiction(members) else {
      return (answered, false, search.state(after: whole.longestOrder, of: operations))
    }
    return (members, isMinimal, search.state(after: last.longestOrder, of: with(members)))
  }
}

/// A user's model as the search takes it.
private struct ModelMachine<Machine: Model>: SequentialModel {
  let model: Machine

  var initial: Machine.State { model.initial }

  func step(_ state: Machine.State, _ input: ModelCall, _ output: HistoryValue?) -> Machine.State? {
    model.step(
      state,
      ModelCall(function: input.function, argument: input.argument, result: output)
    )
  }
}

extension LinearizabilitySearch {
  /// The state that an order leaves, described.
  fileprivate func state(after order: [Int], of operations: [ModelOperation]) -> String {
    let state = order.reduce(model.initial) { state, place in
      model.step(state, operations[place].input, operations[place].output) ?? state
    }
    return String(describing: state)
  }
}
