/// The order in which values were appended to each list, as the longest answer shows it, and what
/// contradicts it at first sight.
struct ListOrder {
  /// What is known of one list.
  struct List {
    /// The values in order, as far as anybody found them.
    var values: [HistoryValue] = []
    /// Where each stands.
    var places: [HistoryValue: Int] = [:]
    /// The longest answer's transaction.
    var longestReader: Int?
  }

  /// Who appended a value to a list.
  struct Append: Hashable {
    let key: HistoryValue
    let value: HistoryValue
  }

  /// By list.
  private(set) var lists: [HistoryValue: List] = [:]
  /// By list and value: the transaction.
  private(set) var writers: [Append: Int] = [:]

  private let transactions: [ListTransaction]
  private let operations: [HistoryOperation]
  private var failed: [Append: Int] = [:]

  init(_ transactions: [ListTransaction], of operations: [HistoryOperation]) {
    self.transactions = transactions
    self.operations = operations
  }

  /// Whether somebody found what a step appended.
  func isFound(_ step: ListTransaction.Step) -> Bool {
    guard case .append(let key, let value) = step else { return false }
    return lists[key]?.places[value] != nil
  }

  /// Reads who appended what; a sentence if a value is appended to a list twice, so that it does
  /// not say who wrote it.
  mutating func readAppends() -> String? {
    for (number, transaction) in transactions.enumerated() {
      for case .append(let key, let value) in transaction.steps {
        let append = Append(key: key, value: value)
        guard operations[transaction.operation].ending != .fail else {
          failed[append] = transaction.operation
          continue
        }
        guard writers.updateValue(number, forKey: append) == nil else {
          return "\(value) is appended to list \(key) twice, though every value should be its own"
        }
      }
    }
    return nil
  }

  /// Reads what was found; the first anomaly that needs no cycle, if there is one.
  mutating func build() -> HistoryFinding? {
    for (number, transaction) in transactions.enumerated() {
      if let finding = contradictionWithin(transaction) { return finding }
      for case .read(let key, let found?) in transaction.steps {
        if let finding = check(found, key, number) { return finding }
      }
    }
    return nil
  }

  /// Within a transaction, answers follow from its own steps and from each other.
  private func contradictionWithin(_ transaction: ListTransaction) -> HistoryFinding? {
    var own: Set<Append> = []
    for case .append(let key, let value) in transaction.steps {
      own.insert(Append(key: key, value: value))
    }
    var known: [HistoryValue: [HistoryValue]] = [:]
    var appended: [HistoryValue: [HistoryValue]] = [:]
    for step in transaction.steps {
      switch step {
      case .append(let key, let value):
        known[key]?.append(value)
        appended[key, default: []].append(value)
      case .read(let key, let found?):
        let tail = appended[key] ?? []
        let fits = known[key].map { $0 == found } ?? (Array(found.suffix(tail.count)) == tail)
        guard fits else {
          return internalFinding(
            transaction,
            "does not find in list \(key) what it had itself appended or found before"
          )
        }
        let isEarly =
          !own.isEmpty
          && found.dropLast(tail.count).contains { own.contains(Append(key: key, value: $0)) }
        guard !isEarly else {
          return internalFinding(
            transaction,
            "finds in list \(key) what it appended only later, or more than once"
          )
        }
        known[key] = found
      case .read: continue
      }
    }
    return nil
  }

  private func internalFinding(_ transaction: ListTransaction, _ what: String) -> HistoryFinding {
    HistoryFinding(
      "internal: \(operations[transaction.operation].summary) \(what)",
      operations: [transaction.operation]
    )
  }

  private mutating func check(
    _ found: [HistoryValue],
    _ key: HistoryValue,
    _ reader: Int
  ) -> HistoryFinding? {
    var list = lists[key] ?? List()
    let common = min(found.count, list.values.count)
    guard found[..<common] == list.values[..<common] else {
      return HistoryFinding(
        "incompatible orders: \(name(reader)) and \(name(list.longestReader)) found list \(key) in "
          + "orders of which neither begins the other",
        operations: [transactions[list.longestReader ?? reader].operation, operation(reader)]
      )
    }
    for place in common..<found.count {
      let append = Append(key: key, value: found[place])
      if let finding = origin(of: append, reader) { return finding }
      guard list.places.updateValue(place, forKey: found[place]) == nil else {
        return HistoryFinding(
          "duplicate: \(name(reader)) found \(found[place]) twice in list \(key)",
          operations: [operation(reader)]
        )
      }
      list.values.append(found[place])
      list.longestReader = reader
    }
    lists[key] = list
    return intermediate(found, key, reader)
  }

  private func origin(of append: Append, _ reader: Int) -> HistoryFinding? {
    if writers[append] != nil { return nil }
    if let writer = failed[append] {
      return HistoryFinding(
        "G1a, aborted read: \(name(reader)) found \(append.value) in list \(append.key), but "
          + "\(operations[writer].summary), which appended it, failed",
        operations: [writer, operation(reader)]
      )
    }
    return HistoryFinding(
      "\(name(reader)) found \(append.value) in list \(append.key), which nobody appended",
      operations: [operation(reader)]
    )
  }

  private func intermediate(
    _ found: [HistoryValue],
    _ key: HistoryValue,
    _ reader: Int
  ) -> HistoryFinding? {
    guard let value = found.last, let writer = writers[Append(key: key, value: value)],
      writer != reader, let last = transactions[writer].lastAppends[key], last != value
    else { return nil }
    return HistoryFinding(
      "G1b, intermediate read: \(name(reader)) found list \(key) ending in \(value), but "
        + "\(name(writer)) went on and appended \(last)",
      operations: [operation(writer), operation(reader)]
    )
  }

  private func operation(_ number: Int) -> Int { transactions[number].operation }

  private func name(_ number: Int?) -> String {
    number.map { operations[operation($0)].summary } ?? "another"
  }
}
