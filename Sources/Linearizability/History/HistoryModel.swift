/// What a history's operations are meant to do (docs/formats/history.md).
package enum HistoryModel: String, Sendable, CaseIterable {
  /// One value: `read`, `write`.
  case register
  /// One value: `read`, `write`, `cas [from, to]`.
  case casRegister = "cas-register"
  /// Values under keys: `get`, `put`, `cas [from, to]`, `del`.
  case kv
  /// Text under keys: `get`, `put`, `append`.
  case append
  /// `add` a value, `read` all.
  case set
  /// Transactions of appends and reads over lists.
  case listAppend = "list-append"
  /// `transfer` between accounts, `read` all balances.
  case bank
  /// The store's own operations, with their revisions.
  case document

  /// Whether each key is judged by itself.
  package var hasKeys: Bool {
    switch self {
    case .register, .casRegister, .kv, .append, .set: true
    case .listAppend, .bank, .document: false
    }
  }

  /// The operations it knows.
  package var functions: [HistoryFunction] {
    switch self {
    case .register: [.read, .write]
    case .casRegister: [.read, .write, .cas]
    case .kv: [.get, .put, .cas, .del]
    case .append: [.get, .put, .append]
    case .set: [.add, .read]
    case .listAppend: [.txn]
    case .bank: [.transfer, .read]
    case .document: [.get, .put, .insert, .replace, .delete, .increment, .scan, .count]
    }
  }

  /// Why a value cannot be what is there at the beginning; nil if it can.
  package func objection(toInitial value: HistoryValue) -> String? {
    switch self {
    case .register, .casRegister: nil
    case .bank:
      value == .null || Accounts.canBegin(with: value)
        ? nil : "the model bank begins with whole numbers by account, none of them below 0"
    case .kv, .append, .set, .listAppend, .document:
      value == .null ? nil : "the model \(rawValue) always begins empty"
    }
  }

  func function(of event: HistoryEvent) throws(HistoryError) -> HistoryFunction {
    let name = String(decoding: event.function, as: UTF8.self)
    if let function = HistoryFunction(rawValue: name), functions.contains(function) {
      return function
    }
    let known = functions.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    throw HistoryError(
      at: event.place,
      "the model \(rawValue) has no operation \"\(name)\"; it has \(known)"
    )
  }

  /// What is asked for, checked.
  func argument(
    of event: HistoryEvent,
    _ function: HistoryFunction
  ) throws(HistoryError) -> HistoryValue {
    if self == .document { return try documentArgument(of: event, function) }
    if self == .append, function != .get {
      guard case .text = event.value else {
        let name = function == .put ? "a put" : "an append"
        throw HistoryError(at: event.place, "the value of \(name) is text")
      }
    }
    switch function {
    case .read, .get, .del:
      try refuseIndependentKey(of: event, function)
      return .null
    case .write, .put, .add: return event.value
    case .cas:
      guard case .list(let pair) = event.value, pair.count == 2 else {
        throw HistoryError(at: event.place, "the value of a cas is [from, to]")
      }
    case .transfer:
      guard Accounts.isTransfer(event.value) else {
        throw HistoryError(
          at: event.place,
          "the value of a transfer is {from, to, amount}, the amount whole and not below 0"
        )
      }
    case .txn: try refuseUnlessTransaction(event)
    case .append: break
    case .insert, .replace, .delete, .increment, .scan, .count: break
    }
    return event.value
  }

  /// What is no transaction has no verdict, and must not get one.
  private func refuseUnlessTransaction(_ event: HistoryEvent) throws(HistoryError) {
    let transaction = ListTransaction(
      event.value,
      operation: 0,
      isNullEmpty: false,
      isAnswered: event.kind == .ok
    )
    guard transaction == nil else { return }
    throw HistoryError(
      at: event.place,
      "the value of a txn is [[\"append\", key, value], [\"r\", key, null or list], …]"
    )
  }

  /// As one register, a history of independent keys would get a verdict that means nothing.
  private func refuseIndependentKey(
    of event: HistoryEvent,
    _ function: HistoryFunction
  ) throws(HistoryError) {
    guard hasKeys, case .list(let pair) = event.value, pair.count == 2, pair[1] == .null else {
      return
    }
    throw HistoryError(
      at: event.place,
      "a \(function.rawValue) asks for nothing, but its value is \(event.value): independent keys "
        + "are judged with --independent"
    )
  }

  /// The key and what is asked for: keys are judged together.
  private func documentArgument(
    of event: HistoryEvent,
    _ function: HistoryFunction
  ) throws(HistoryError) -> HistoryValue {
    let argument = HistoryValue.list([event.key ?? .null, event.value])
    do {
      _ = try DocumentCall(function, argument)
    } catch {
      throw HistoryError(at: event.place, "a \(function.rawValue) needs \(error.what)")
    }
    return argument
  }

  /// What came of it, checked.
  func result(
    of event: HistoryEvent,
    _ function: HistoryFunction
  ) throws(HistoryError) -> HistoryValue {
    switch (self, function) {
    case (.document, _):
      do {
        _ = try DocumentCall.answer(to: function, event.value)
      } catch {
        throw HistoryError(
          at: event.place,
          "the answer to a \(function.rawValue) needs \(error.what)"
        )
      }
    case (.listAppend, .txn): try refuseUnlessTransaction(event)
    case (.set, .read):
      switch event.value {
      case .list, .null: break
      default: throw HistoryError(at: event.place, "what a set's read found is a list, or null")
      }
    case (.bank, .read):
      guard event.value == .null || Accounts.areBalances(event.value) else {
        throw HistoryError(
          at: event.place,
          "what a bank's read found is whole numbers by account, or null"
        )
      }
    case (.append, .get):
      switch event.value {
      case .text, .null: break
      default: throw HistoryError(at: event.place, "what a get found is text or null")
      }
    default: break
    }
    return event.value
  }
}
