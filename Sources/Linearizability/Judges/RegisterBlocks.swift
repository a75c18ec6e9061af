/// A register's history in which every value is written at most once, as blocks: each begins with a
/// plain write (or with what was there) and goes on through the compare-and-sets that follow.
struct RegisterBlocks {
  private(set) var blocks: [[BlockOrder.Member]] = []

  private let history: RegisterHistory
  /// By value: the step that writes it.
  private var writers: [Int?]
  /// By value: those that read it.
  private var readers: [[Int]]
  /// By value: the compare-and-sets that are known to have replaced it.
  private var replacers: [[Int]]

  /// Nil if a value is written twice, or again after it was there from the beginning.
  init?(_ history: RegisterHistory) {
    self.history = history
    writers = [Int?](repeating: nil, count: history.values.count)
    readers = [[Int]](repeating: [], count: history.values.count)
    replacers = readers
    for (place, step) in history.steps.enumerated() {
      switch step.action {
      case .write(let value), .swap(_, let value):
        guard value != RegisterHistory.initial, writers[value] == nil else { return nil }
        writers[value] = place
      case .read(let value):
        readers[value].append(place)
      case .differ:
        break
      }
    }
    findReplacers()
  }

  /// A compare-and-set took effect if it was answered, or if its value was seen; one that nobody
  /// knows of and nobody saw may as well not have happened: whoever follows it overwrote it.
  private mutating func findReplacers() {
    var places = history.steps.indices.filter { isSwap($0) && isSeen($0) }
    while let place = places.popLast() {
      guard case .swap(let from, _) = history.steps[place].action else { continue }
      replacers[from].append(place)
      guard replacers[from].count == 1, let writer = writers[from], isSwap(writer),
        !isSeen(writer)
      else { continue }
      places.append(writer)
    }
  }

  private func isSwap(_ place: Int) -> Bool {
    if case .swap = history.steps[place].action { return true }
    return false
  }

  private func isSeen(_ place: Int) -> Bool {
    guard case .swap(_, let to) = history.steps[place].action else { return false }
    return operation(place).isOK || !readers[to].isEmpty
  }

  private func operation(_ place: Int) -> HistoryOperation {
    history.operations[history.steps[place].operation]
  }

  /// Puts the blocks together; a finding if values contradict each other whatever the times.
  mutating func assemble() -> HistoryFinding? {
    var isPlaced = [Bool](repeating: false, count: history.values.count)
    for value in history.values.indices {
      if value == RegisterHistory.initial {
        if let finding = chain(from: value, &isPlaced) { return finding }
        continue
      }
      guard let writer = writers[value] else {
        if let finding = neverWritten(value) { return finding }
        continue
      }
      guard !isSwap(writer) else { continue }
      let isLost = operation(writer).isUnknown && readers[value].isEmpty && replacers[value].isEmpty
      if isLost { continue }
      if let finding = chain(from: value, &isPlaced) { return finding }
    }
    return unplaced(isPlaced)
  }

  /// The block that begins with a value, up to the one that was not replaced by comparison.
  private mutating func chain(from head: Int, _ isPlaced: inout [Bool]) -> HistoryFinding? {
    var block: [BlockOrder.Member] = []
    var (value, level) = (head, 0)
    while true {
      isPlaced[value] = true
      if let writer = writers[value] { block.append(member(writer, level)) }
      for reader in readers[value] { block.append(member(reader, level + 1)) }
      guard let replacer = replacers[value].first,
        case .swap(_, let next) = history.steps[replacer].action
      else { break }
      if replacers[value].count > 1 { return replacedTwice(value) }
      (value, level) = (next, level + 2)
    }
    blocks.append(block)
    return nil
  }

  private func member(_ place: Int, _ level: Int) -> BlockOrder.Member {
    BlockOrder.Member(operation: history.steps[place].operation, level: level)
  }

  private func neverWritten(_ value: Int) -> HistoryFinding? {
    guard let witness = readers[value].first ?? replacers[value].first else { return nil }
    return HistoryFinding(
      "\(history.values[value]) was found, but nobody can have written it",
      operations: [history.steps[witness].operation]
    )
  }

  private func replacedTwice(_ value: Int) -> HistoryFinding {
    let places = replacers[value].sorted()
    return HistoryFinding(
      "\(history.values[value]) was there once, but \(places.count) compare-and-sets replaced it",
      operations: places.prefix(2).map { history.steps[$0].operation }
    )
  }

  /// A compare-and-set whose chain has no beginning: each needs the other to come first.
  private func unplaced(_ isPlaced: [Bool]) -> HistoryFinding? {
    for (value, writer) in writers.enumerated() {
      guard let writer, !isPlaced[value], isSwap(writer), let witness = evidence(of: writer, value)
      else { continue }
      return HistoryFinding(
        "\(history.values[value]) can only come of compare-and-sets that need each other's value",
        operations: [history.steps[witness].operation]
      )
    }
    return nil
  }

  private func evidence(of writer: Int, _ value: Int) -> Int? {
    if operation(writer).isOK { return writer }
    return readers[value].first ?? replacers[value].first
  }
}
