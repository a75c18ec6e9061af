import Linearizability

/// Small random histories of any model with keys: some happened on a real machine, some of those
/// were then falsified by one answer, and some are arbitrary.
struct RandomOperations {
  let model: HistoryModel
  var options = HistoryOptions()
  /// Whether written values repeat.
  var valuesRepeat = true
  private var state: UInt64
  private var newest: Int64 = 0

  init(_ model: HistoryModel, seed: UInt64) {
    self.model = model
    state = seed
  }

  mutating func next(countMax: Int = 6) -> [HistoryOperation] {
    newest = 0
    let machine = HistoryMachine(model, options: options)
    var value = machine.initial
    var operations: [HistoryOperation] = []
    let count = 2 + number(below: countMax - 1)
    var instants: [(start: Int, effect: Int, end: Int)] = []
    for place in 0..<count {
      let start = place * 8 + number(below: 16)
      let effect = start + number(below: 12)
      instants.append((start, effect, effect + 1 + number(below: 12)))
    }
    instants.sort { $0.effect < $1.effect }
    for (start, _, end) in instants {
      var operation = randomOperation(start: start, end: end)
      value = carryOut(&operation, on: value, machine)
      operations.append(operation)
    }
    if number(below: 2) == 0 { falsify(&operations) }
    return Self.ranked(operations)
  }

  /// Instants become places in one order of all events, starts before ends at one instant.
  static func ranked(_ operations: [HistoryOperation]) -> [HistoryOperation] {
    var dated: [(instant: Int, isEnd: Bool, place: Int)] = []
    for (place, operation) in operations.enumerated() {
      dated.append((operation.start, false, place))
      if operation.end != HistoryOperation.never { dated.append((operation.end, true, place)) }
    }
    dated.sort {
      ($0.instant, $0.isEnd ? 1 : 0, $0.place) < ($1.instant, $1.isEnd ? 1 : 0, $1.place)
    }
    var ranked = operations
    for (rank, event) in dated.enumerated() {
      if event.isEnd { ranked[event.place].end = rank } else { ranked[event.place].start = rank }
    }
    return ranked.sorted { $0.start < $1.start }
  }

  private mutating func randomOperation(start: Int, end: Int) -> HistoryOperation {
    let function = model.functions[number(below: model.functions.count)]
    var argument = HistoryValue.null
    switch function {
    case .write, .put, .add: argument = model == .append ? text() : fresh()
    case .cas: argument = .list([known(), fresh()])
    case .append: argument = text()
    case .txn: argument = transaction()
    case .transfer: argument = transfer()
    case .read, .get, .del: break
    case .insert, .replace, .delete, .increment, .scan, .count: break
    }
    var operation = HistoryOperation(function, argument, by: 0, start: start)
    operation.ending = .ok
    operation.end = end
    return operation
  }

  private mutating func carryOut(
    _ operation: inout HistoryOperation,
    on value: HistoryMachine.State,
    _ machine: HistoryMachine
  ) -> HistoryMachine.State {
    switch operation.function {
    case .read, .get:
      operation.result = Self.answer(value)
    case .txn:
      let isNullEmpty = options.nullReads == .absent && number(below: 2) == 0
      operation.result = Self.filled(operation.argument, from: value, isNullEmpty: isNullEmpty)
    default: operation.result = operation.argument
    }
    if options.nullReads == .any, model != .register, number(below: 6) == 0 {
      // What was asked of a transaction has no lists in it.
      operation.result = operation.argument
    }
    let input = HistoryMachine.Input(operation.function, operation.argument)
    let chance = number(below: 8)
    guard let next = machine.step(value, input, operation.result) else {
      operation.ending = chance == 0 ? .info : .fail
      operation.result = .null
      if operation.isUnknown { operation.end = HistoryOperation.never }
      return value
    }
    guard chance == 0 else { return next }
    operation.ending = .info
    operation.result = .null
    operation.end = HistoryOperation.never
    return number(below: 2) == 0 ? next : value
  }

  private static func answer(_ state: HistoryMachine.State) -> HistoryValue {
    switch state {
    case .value(let value): value
    case .elements(let elements): .list(elements.sorted { $0.description < $1.description })
    case .lists: .null
    case .accounts(let accounts): accounts.found
    }
  }

  private mutating func falsify(_ operations: inout [HistoryOperation]) {
    let place = number(below: operations.count)
    guard operations[place].isOK else { return }
    switch operations[place].function {
    case .read, .get:
      let others = operations.filter { $0.isOK && $0.function == operations[place].function }
      operations[place].result =
        number(below: 2) == 0
        ? others[number(below: others.count)].result : (model == .append ? text() : known())
      if model == .set, case .list = operations[place].result {
      } else if model == .set {
        operations[place].result = .list([known()])
      }
    case .cas: operations[place].argument = .list([known(), known()])
    case .txn where number(below: 2) == 0:
      operations[place].result = shortened(operations[place].result)
    default:
      operations[place].end = operations[place].start + 1
    }
  }

  /// A transaction's result whose first answer lacks its end.
  private func shortened(_ steps: HistoryValue) -> HistoryValue {
    guard case .list(var entries) = steps else { return steps }
    for (place, entry) in entries.enumerated() {
      guard case .list(let parts) = entry, case .list(let found) = parts[2] else { continue }
      entries[place] = .list([parts[0], parts[1], .list(Array(found.dropLast()))])
      break
    }
    return .list(entries)
  }

  private mutating func transaction() -> HistoryValue {
    .list(
      (0...number(below: 3)).map { _ in
        let key = HistoryValue.integer(Int64(number(below: 2)))
        newest += 1
        return number(below: 2) == 0
          ? .list([HistoryValue("append"), key, .integer(newest)])
          : .list([HistoryValue("r"), key, .null])
      }
    )
  }

  private mutating func transfer() -> HistoryValue {
    let from = number(below: 3)
    return .fields([
      .init(name: Array("from".utf8), value: .integer(Int64(from))),
      .init(name: Array("to".utf8), value: .integer(Int64((from + 1) % 3))),
      .init(name: Array("amount".utf8), value: .integer(Int64(1 + number(below: 3)))),
    ])
  }

  /// The steps of a transaction with what its reads find.
  private static func filled(
    _ steps: HistoryValue,
    from state: HistoryMachine.State,
    isNullEmpty: Bool
  ) -> HistoryValue {
    guard case .list(let entries) = steps, case .lists(var lists) = state else { return steps }
    return .list(
      entries.map { entry in
        guard case .list(let parts) = entry else { return entry }
        if parts[0] == HistoryValue("append") {
          lists[parts[1], default: []].append(parts[2])
          return entry
        }
        // An empty list is told of in both ways.
        let found = lists[parts[1]].map { HistoryValue.list($0) }
        return .list([parts[0], parts[1], found ?? (isNullEmpty ? .null : .list([]))])
      }
    )
  }

  private mutating func fresh() -> HistoryValue {
    guard !valuesRepeat else { return known() }
    newest += 1
    return .integer(newest)
  }

  private mutating func known() -> HistoryValue {
    let value = number(below: valuesRepeat ? 4 : max(4, Int(newest) + 1))
    return value == 0 && model != .set ? .null : .integer(Int64(value))
  }

  private mutating func text() -> HistoryValue {
    guard !valuesRepeat else { return HistoryValue(["a", "b", "ab"][number(below: 3)]) }
    newest += 1
    return HistoryValue("\(newest),")
  }

  private mutating func number(below limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(limit))
  }
}
