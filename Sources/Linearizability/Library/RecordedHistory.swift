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
  /// is asked now and then, and ends it with `unknown`. Where there is no order, the smallest part
  /// without one is looked for as long as `isExplanationOver` allows (nil: as `isTimeOver` does).
  public func check<Machine: Model>(
    _ model: Machine,
    isTimeOver: @escaping @Sendable () -> Bool = { false },
    isExplanationOver: (@Sendable () -> Bool)? = nil
  ) -> ModelVerdict {
    let machine = ModelMachine(model: model)
    let search = { isOver in
      LinearizabilitySearch(machine, stepsMax: Self.stepsMax, isTimeOver: isOver)
    }
    var unknown: String?
    for part in history.keys {
      let calls = part.packed.calls(named: history.functionNames)
      switch search(isTimeOver).judge(calls.operations) {
      case .linearizable: continue
      case .unknown(let steps):
        unknown =
          "no verdict after \(steps) steps of the search" + (part.key.map { ", key \($0)" } ?? "")
      case .notLinearizable(let contradiction):
        let patient = search(isExplanationOver ?? isTimeOver)
        let core = Self.core(of: calls.operations, patient, contradiction)
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
  /// Once the search gives up nothing more is asked, and it is the smallest part found until then.
  /// Operations are not taken away but made unknown: without its writes a history would fail for
  /// no reason. What is unknown may have happened or not, so that fewer answers only allow more.
  private static func core<Machine: Model>(
    of operations: [RecordedOperation<ModelCall, HistoryValue>],
    _ search: LinearizabilitySearch<ModelMachine<Machine>>,
    _ whole: Contradiction
  ) -> (members: [Int], isMinimal: Bool, state: String) {
    let answered = operations.indices.filter { operations[$0].returned != nil }
    var smallest = (members: answered, contradiction: whole)
    var isSure = true
    let isEnough: ([Int]) -> Bool = { members in
      guard isSure else { return false }
      switch search.judge(relaxed(operations, but: members)) {
      case .linearizable: return false
      case .unknown:
        isSure = false
        return false
      case .notLinearizable(let found):
        if members.count <= smallest.members.count { smallest = (members, found) }
        return true
      }
    }
    let least = MinimalCore(isEnough).find(in: answered)
    // What nothing can be left out of need not have been asked about as it is.
    let isMinimal = isSure && isEnough(least)
    let shown = relaxed(operations, but: smallest.members)
    let order = smallest.contradiction.longestOrder
    return (smallest.members, isMinimal, search.state(after: order, of: shown))
  }

  private static func relaxed(
    _ operations: [RecordedOperation<ModelCall, HistoryValue>],
    but members: [Int]
  ) -> [RecordedOperation<ModelCall, HistoryValue>] {
    var relaxed = operations
    for place in relaxed.indices where !relaxed[place].isFailed { relaxed[place].ending = .info }
    for member in members { relaxed[member].ending = operations[member].ending }
    return relaxed
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
