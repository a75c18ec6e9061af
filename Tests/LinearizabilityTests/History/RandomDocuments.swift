import Linearizability

/// Small random histories of the store's own operations: half of them happened on a real store,
/// the others were changed in one place.
struct RandomDocuments {
  /// How many keys there are.
  var keyCount = 2
  /// Of so many operations nobody sees the outcome of one.
  var operationsPerLoss = 6
  /// How far from each other they begin; most take up to 25.
  var spacing = 8
  private var state: UInt64
  private var items: [Int: (value: HistoryValue, revision: Int64)] = [:]
  private var index: Int64 = 0
  private var newest: Int64 = 0
  /// Every revision that somebody was told so far, to be asked for in conditions.
  private var revisions: [Int64] = []

  init(seed: UInt64) { state = seed }

  /// Whether it was left as it happened.
  mutating func next(countMax: Int) -> (operations: [HistoryOperation], isGenuine: Bool) {
    (items, index, revisions) = ([:], 0, [])
    let count = 2 + number(below: countMax - 1)
    var operations: [HistoryOperation] = []
    var instants = (0..<count).map { place in
      let start = place * spacing + number(below: 16)
      let effect = start + number(below: 14)
      return (start: start, effect: effect, end: effect + 1 + number(below: 12))
    }
    instants.sort { $0.effect < $1.effect }
    for (start, _, end) in instants { operations.append(operation(from: start, to: end)) }
    let isGenuine = number(below: 2) == 0
    if !isGenuine { falsify(&operations) }
    return (RandomOperations.ranked(operations), isGenuine)
  }

  private mutating func operation(from start: Int, to end: Int) -> HistoryOperation {
    let functions: [HistoryFunction] = [
      .get, .get, .put, .put, .insert, .replace, .delete, .increment, .scan, .count,
    ]
    let function = functions[number(below: functions.count)]
    let key = number(below: keyCount)
    let request = request(function)
    let isLost = number(below: operationsPerLoss) == 0
    let isCarriedOut = !isLost || number(below: 2) == 0
    let result = isCarriedOut ? answer(function, key, request) : .null
    let hasKey = function != .scan && function != .count
    var operation = HistoryOperation(
      function,
      .list([hasKey ? Self.name(key) : .null, request]),
      by: 0,
      start: start
    )
    operation.ending = isLost ? .info : .ok
    if !isLost { (operation.result, operation.end) = (result, end) }
    if !isLost, hasKey {
      for name in ["revision", "conflict"] {
        if case .integer(let told)? = result.field(name), told > 0 { revisions.append(told) }
      }
    }
    return operation
  }

  private mutating func request(_ function: HistoryFunction) -> HistoryValue {
    let isNewest = revisions.isEmpty || number(below: 2) == 0
    let condition = isNewest ? revisions.last ?? 99 : revisions[number(below: revisions.count)]
    switch function {
    case .put, .insert: return Self.fields(("value", value()))
    case .replace where number(below: 2) == 0: return Self.fields(("value", value()))
    case .replace: return Self.fields(("value", value()), ("ifRevision", .integer(condition)))
    case .delete where number(below: 2) == 0: return .null
    case .delete: return Self.fields(("ifRevision", .integer(condition)))
    case .increment: return Self.fields(("by", .integer(Int64(1 + number(below: 2)))))
    case .scan:
      switch number(below: 4) {
      case 0: return Self.fields(("limit", .integer(1)))
      case 1: return Self.fields(("reversed", .boolean(true)), ("limit", .integer(1)))
      case 2: return Self.fields(("from", Self.name(1)))
      default: return .fields([])
      }
    case .count where number(below: 2) == 0: return Self.fields(("to", Self.name(1)))
    default: return .fields([])
    }
  }

  private mutating func value() -> HistoryValue {
    number(below: 4) == 0 ? HistoryValue("x") : .integer(Int64(number(below: 3)))
  }

  /// What a real store answers.
  private mutating func answer(
    _ function: HistoryFunction,
    _ key: Int,
    _ request: HistoryValue
  ) -> HistoryValue {
    let item = items[key]
    let expected: Int64? = if case .integer(let e)? = request.field("ifRevision") { e } else { nil }
    let isMet = expected.map { $0 == item?.revision } ?? true
    let conflict = Self.fields(("conflict", .integer(item?.revision ?? 0)))
    switch function {
    case .get:
      return item.map { Self.fields(("revision", .integer($0.revision)), ("value", $0.value)) }
        ?? .null
    case .insert where item != nil: return conflict
    case .replace where item == nil || !isMet: return conflict
    case .delete where !isMet: return conflict
    case .delete:
      items[key] = nil
      return change(existed: item != nil)
    case .increment:
      guard case .integer(let old) = item?.value ?? .integer(0),
        case .integer(let step)? = request.field("by")
      else { return Self.fields(("conflict", .null)) }
      index += Int64(1 + number(below: 2))
      items[key] = (.integer(old + step), index)
      return Self.fields(("revision", .integer(index)), ("value", .integer(old + step)))
    case .scan, .count: return page(function, request)
    default:
      let answer = change(existed: item != nil)
      items[key] = (request.field("value") ?? .null, index)
      return answer
    }
  }

  private mutating func change(existed: Bool) -> HistoryValue {
    index += Int64(1 + number(below: 2))
    return number(below: 3) == 0
      ? Self.fields(("revision", .integer(index)))
      : Self.fields(("existed", .boolean(existed)), ("revision", .integer(index)))
  }

  private mutating func page(_ function: HistoryFunction, _ request: HistoryValue) -> HistoryValue {
    var keys = items.keys.sorted()
    if request.field("from") != nil { keys = keys.filter { $0 >= 1 } }
    if request.field("to") != nil { keys = keys.filter { $0 < 1 } }
    var stamp: [(String, HistoryValue)] = []
    if number(below: 2) == 0 { stamp = [("revision", .integer(index))] }
    if function == .count { return Self.fields([("count", .integer(Int64(keys.count)))] + stamp) }
    if request.field("reversed") != nil { keys.reverse() }
    if request.field("limit") != nil { keys = Array(keys.prefix(1)) }
    let entries = keys.compactMap { key in
      items[key].map { HistoryValue.list([Self.name(key), $0.value, .integer($0.revision)]) }
    }
    return Self.fields([("items", .list(entries))] + stamp)
  }

  private mutating func falsify(_ operations: inout [HistoryOperation]) {
    let place = number(below: operations.count)
    guard operations[place].isOK else { return }
    switch number(below: 4) {
    case 0:
      let same = operations.filter { $0.isOK && $0.function == operations[place].function }
      operations[place].result = same[number(below: same.count)].result
    case 1: operations[place].end = operations[place].start + 1
    default: operations[place].result = shifted(operations[place].result)
    }
  }

  /// An answer with one number in it changed.
  private mutating func shifted(_ value: HistoryValue) -> HistoryValue {
    let step: Int64 = number(below: 2) == 0 ? 1 : -1
    switch value {
    case .integer(let number): return .integer(max(number == 0 ? 0 : 1, number + step))
    case .boolean(let isTrue): return .boolean(!isTrue)
    case .list(var parts) where !parts.isEmpty:
      if parts.count == 3, case .integer(let revision) = parts[2] {
        parts[2] = .integer(max(1, revision + step))
        return .list(parts)
      }
      if number(below: 3) == 0 { return .list(Array(parts.dropLast())) }
      parts[0] = shifted(parts[0])
      return .list(parts)
    case .fields(var fields) where !fields.isEmpty:
      let place = number(below: fields.count)
      fields[place].value = shifted(fields[place].value)
      return .fields(fields)
    default: return value
    }
  }

  private static func name(_ key: Int) -> HistoryValue { HistoryValue("k\(key)") }

  private static func fields(_ fields: (String, HistoryValue)...) -> HistoryValue {
    self.fields(fields)
  }

  private static func fields(_ fields: [(String, HistoryValue)]) -> HistoryValue {
    HistoryValue(fields: fields.map { .init(name: $0.0, value: $0.1) })
  }

  private mutating func number(below limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(limit))
  }
}
